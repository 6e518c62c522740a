package oci_test

import (
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

// evaluate says what a profile made by Import means for a call, straight from the definition: of the matching rules the most
// restrictive one. It shares nothing with the package's own evaluation. Import makes Direct rules only where a multiplexer is
// concerned, so names mean their own numbers here.
func evaluate(p *seccomp.Profile, c seccomp.Call) seccomp.Action {
	if !slices.Contains(p.Arches, c.Arch) {
		return p.Foreign
	}
	name, known := c.Arch.CallName(c.Nr)
	matched, action, highest := false, seccomp.Action(0), uint32(0)
	for _, r := range p.Rules {
		if r.Arches != nil && !slices.Contains(r.Arches, c.Arch) {
			continue
		}
		for _, n := range r.Names {
			if p.Newer == nil {
				break
			}
			if nr, ok := c.Arch.Number(n); ok && nr < highestOrdinary(c.Arch) {
				highest = max(highest, nr)
			}
		}
		if !known || !slices.Contains(r.Names, name) || slices.ContainsFunc(r.Args, func(a seccomp.Arg) bool { return !a.Match(&c.Args) }) {
			continue
		}
		if !matched || r.Action < action {
			matched, action = true, r.Action
		}
	}
	switch {
	case matched:
		return action
	case p.Newer != nil && c.Nr > highest:
		return p.Newer.Action
	}
	return p.Default
}

func highestOrdinary(arch seccomp.Arch) uint32 {
	if arch == seccomp.ARM {
		return 0xf0000
	}
	return 1 << 31
}

// corners returns arguments for a call that try every condition of its rules at its bounds, one argument at a time and all at
// once.
func corners(p *seccomp.Profile, arch seccomp.Arch, nr uint32) [][seccomp.MaxArgs]uint64 {
	out := [][seccomp.MaxArgs]uint64{{}}
	name, ok := arch.CallName(nr)
	if !ok {
		return out
	}
	var values [seccomp.MaxArgs][]uint64
	for _, r := range p.Rules {
		if !slices.Contains(r.Names, name) {
			continue
		}
		for _, a := range r.Args {
			for _, v := range []uint64{a.Value, a.Mask, a.Value | ^a.Mask, a.Mask & -a.Mask} {
				for _, w := range []uint64{v, v - 1, v + 1, v | 1<<32, v | 0xffff_ffff_0000_0000, uint64(int64(int32(v)))} {
					if arch.Bits() == 32 {
						w &= 0xffff_ffff
					}
					values[a.Index] = append(values[a.Index], w)
				}
			}
		}
	}
	for i := range values {
		slices.Sort(values[i])
		values[i] = slices.Compact(values[i])
		for _, v := range values[i] {
			var args [seccomp.MaxArgs]uint64
			args[i] = v
			out = append(out, args)
			for j := range values {
				if j != i && len(values[j]) > 0 {
					for _, w := range values[j] {
						two := args
						two[j] = w
						out = append(out, two)
					}
				}
			}
		}
	}
	return out
}
