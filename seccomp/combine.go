package seccomp

import (
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/bdd"
)

// InexpressibleError is a combination of profiles that no Profile has the meaning of: unnamed numbers whose action is neither the
// default nor the one for newer calls, say, or argument sets that take too many conditions.
type InexpressibleError struct {
	Call   Call   // a call that no profile tried gives the right action; the zero Call if Reason has nothing to do with one
	Want   Action // what it should get
	Reason string // what is in the way
}

// Error returns "amd64 0x1f4(0, 0, 0, 0, 0, 0) should get log, but rules need names ...".
func (e *InexpressibleError) Error() string {
	if e.Call == (Call{}) {
		return "no profile can express this: " + e.Reason
	}
	return fmt.Sprintf("no profile can express this: %v should get %v, but %s", e.Call, e.Want, e.Reason)
}

// Union returns a profile that takes the less restrictive of both actions for every call; of two equally restrictive ones it is
// a's, data included. The result is proved to be so before it is returned.
//
// Rules are made anew, so names of sets, Origin and the order of rules are lost; flags are those that both have. For which calls,
// see Equal. Errors are the profiles' own, ErrTooLarge, and *InexpressibleError.
func Union(a, b *Profile) (*Profile, error) { return combine(a, b, "union", lessRestrictive) }

// Intersect returns a profile that takes the more restrictive of both actions for every call; of two equally restrictive ones it is
// a's, data included. That is what the kernel does with two filters of which a's was installed last. Otherwise as Union.
func Intersect(a, b *Profile) (*Profile, error) { return combine(a, b, "intersect", moreRestrictive) }

// A combination is the function to express on one kernel.
type combination struct {
	comparison
	n bdd.Node
}

func combine(a, b *Profile, verb string, op func(a, b uint32) uint32) (*Profile, error) {
	if err := eitherMissing(a, b); err != nil {
		return nil, fmt.Errorf("seccomp: %s: %w", verb, err)
	}
	s := synthesis{
		def:     Action(op(uint32(a.Default), uint32(b.Default))),
		foreign: Action(op(uint32(a.Foreign), uint32(b.Foreign))),
		flags:   a.Flags & b.Flags,
	}
	err := compare(a, b, func(c *comparison) (bool, error) {
		s.parts = append(s.parts, combination{*c, c.g.Apply(op, c.a, c.b)})
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("seccomp: %s: %w", verb, err)
	}
	s.listArches(a, b)
	p, err := s.profile(s.newers(a, b))
	if err != nil {
		return nil, fmt.Errorf("seccomp: %s: %w", verb, err)
	}
	return p, nil
}

// listArches decides which ABIs the result lists: those that a profile lists and that are not foreign throughout in the result.
func (s *synthesis) listArches(a, b *Profile) {
	for i := range s.parts {
		s.abis = append(s.abis, s.parts[i].abis...)
	}
	s.unlisted = a.Arches == nil && b.Arches == nil
	if s.unlisted {
		return
	}
	s.abis = slices.DeleteFunc(s.abis, func(arch Arch) bool {
		both := a.Arches != nil && b.Arches != nil && slices.Contains(a.Arches, arch) && slices.Contains(b.Arches, arch)
		part := s.part(arch)
		return !both && onlyForeign(part, arch, part.g.Terminal(uint32(s.foreign)))
	})
	if len(s.abis) == 0 { // a profile has to list something
		s.abis = s.parts[0].abis[:1]
	}
}

// onlyForeign reports whether every number of the ABI has the action for foreign ABIs.
func onlyForeign(part *combination, arch Arch, foreign bdd.Node) bool {
	all := true
	eachRun(part.g, part.n, arch, func(_, _ uint32, n bdd.Node) bool {
		all = n == foreign
		return all
	})
	return all
}
