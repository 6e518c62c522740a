package seccomp

import (
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/syscalls"
)

// A comparison is two profiles on one kernel, as functions of the same graph.
type comparison struct {
	target Arch   // the kernel
	abis   []Arch // the ABIs of it that one of the profiles lists
	g      *bdd.Graph
	a, b   bdd.Node
	da, db *diagram // what a and b are made from
}

// compare resolves two profiles for each kernel that one of them is about and calls f until it returns false.
//
// If both list no ABIs, each ABI is a kernel of its own, as for Compile. If one does not, it is taken for the primary ABI of
// each kernel that the other is about. An empty list is about no kernel: such a profile is nothing but its action for foreign ABIs.
func compare(a, b *Profile, f func(c *comparison) (bool, error)) error {
	if err := eitherMissing(a, b); err != nil {
		return err
	}
	for _, target := range kernels(a, b) {
		c := &comparison{target: target, g: bdd.New(maxDiagramNodes)}
		var err error
		if c.da, c.a, err = c.resolve(a); err != nil {
			return fmt.Errorf("first profile: %w", err)
		}
		if c.db, c.b, err = c.resolve(b); err != nil {
			return fmt.Errorf("second profile: %w", err)
		}
		next, err := f(c)
		if err == nil && c.g.Err() != nil {
			err = fmt.Errorf("%w: %w", ErrTooLarge, c.g.Err())
		}
		if err != nil || !next {
			return err
		}
	}
	return nil
}

// eitherMissing refuses nil profiles.
func eitherMissing(a, b *Profile) error {
	if err := a.present(); err != nil {
		return fmt.Errorf("first profile: %w", err)
	}
	if err := b.present(); err != nil {
		return fmt.Errorf("second profile: %w", err)
	}
	return nil
}

// kernels returns a target for each kernel that one of the profiles is about.
func kernels(a, b *Profile) (targets []Arch) {
	if len(a.Arches) == 0 && len(b.Arches) == 0 {
		for _, abi := range syscalls.ABIs() {
			targets = append(targets, Arch(abi))
		}
		return targets
	}
	for _, arch := range slices.Concat(a.Arches, b.Arches) {
		if p := arch.Primary(); !slices.Contains(targets, p) {
			targets = append(targets, p)
		}
	}
	return targets
}

// resolve returns a profile as a function, and notes the ABIs it lists.
func (c *comparison) resolve(p *Profile) (*diagram, bdd.Node, error) {
	d, err := resolveAny(p, c.target, false)
	if err != nil {
		return nil, bdd.False, err
	}
	for _, arch := range p.listed(c.target) {
		if !slices.Contains(c.abis, arch) {
			c.abis = append(c.abis, arch)
		}
	}
	return d, d.function(c.g), nil
}

// Restrictiveness decides between actions; the data of actions of one kind does not count, and a's stays.

func moreRestrictive(a, b uint32) uint32 {
	if Action(b).Kind() < Action(a).Kind() {
		return b
	}
	return a
}

func lessRestrictive(a, b uint32) uint32 {
	if Action(b).Kind() > Action(a).Kind() {
		return b
	}
	return a
}
