package oci

import (
	"errors"
	"math"
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

// A document can say one comparison of 64 bits for each argument of a rule, and several rules for a call, which hold if any does. So a
// condition of a profile becomes a union of conjunctions with at most one comparison for each argument. Everything can be said
// that way, because every set of numbers is a union of sets that MASKED_EQ describes, if not always briefly.

// maxTerms bounds the conjunctions made for one call.
const maxTerms = 512

// errTooMany is a condition that takes more than maxTerms rules to say.
var errTooMany = errors.New("a condition takes too many rules to say to libseccomp")

// A set is a comparison of 64 bits, or an interval, on one argument.
type set struct {
	op     seccomp.Op // EQ, NE, LE (with lo as the lower end: an interval) or MaskedEQ
	lo, hi uint64     // EQ and NE: lo; LE: lo to hi; MaskedEQ: lo is the value
	mask   uint64     // MaskedEQ
}

// A term is a conjunction: at most one set for each argument. The zero value holds always.
type term struct {
	has  [seccomp.MaxArgs]bool
	sets [seccomp.MaxArgs]set
}

func interval64(lo, hi uint64) set {
	if lo == hi {
		return set{op: seccomp.EQ, lo: lo}
	}
	return set{op: seccomp.LE, lo: lo, hi: hi}
}

func cube(mask, value uint64) set {
	if mask == math.MaxUint64 {
		return set{op: seccomp.EQ, lo: value}
	}
	return set{op: seccomp.MaskedEQ, mask: mask, lo: value}
}

// sets returns a condition as a union of sets; bits is the width of the ABI's arguments.
func sets(a seccomp.Arg, width int) []set {
	if a.Width == seccomp.Width32 && width == 64 {
		return lowHalf(a)
	}
	switch a.Op {
	case seccomp.EQ:
		return []set{interval64(a.Value, a.Value)}
	case seccomp.NE:
		return []set{{op: seccomp.NE, lo: a.Value}}
	case seccomp.MaskedEQ:
		return []set{cube(a.Mask, a.Value)}
	}
	lo, hi, ok := interval(a)
	if !ok {
		return nil
	}
	return []set{interval64(lo, hi)}
}

// lowHalf returns a comparison of the low half as comparisons of the whole argument under masks.
func lowHalf(a seccomp.Arg) []set {
	const low = math.MaxUint32
	switch a.Op {
	case seccomp.EQ:
		return []set{cube(low, a.Value)}
	case seccomp.MaskedEQ:
		return []set{cube(a.Mask, a.Value)}
	case seccomp.NE:
		return differs(low, a.Value)
	}
	lo, hi, ok := interval(a)
	if !ok || lo > low {
		return nil
	}
	return prefixes(lo, min(hi, low), low)
}

// differs returns the numbers whose bits within mask are not value: for each bit, those that differ there.
func differs(mask, value uint64) []set {
	var out []set
	for m := mask; m != 0; m &= m - 1 {
		bit := m & -m
		out = append(out, cube(bit, ^value&bit))
	}
	return out
}

// prefixes returns an interval as aligned blocks, each of which a mask describes: at most two for each bit. Bits outside within
// do not count.
func prefixes(lo, hi, within uint64) []set {
	var out []set
	for {
		block := lo&-lo - 1 // the last bits of the largest block that begins at lo
		for block &= within; block > hi-lo; {
			block >>= 1
		}
		out = append(out, cube(within&^block, lo))
		if hi-lo == block {
			return out
		}
		lo += block + 1
	}
}

// complement returns the numbers outside a set.
func (s set) complement() []set {
	switch s.op {
	case seccomp.EQ:
		return []set{{op: seccomp.NE, lo: s.lo}}
	case seccomp.NE:
		return []set{{op: seccomp.EQ, lo: s.lo}}
	case seccomp.MaskedEQ:
		return differs(s.mask, s.lo)
	}
	var out []set
	if s.lo > 0 {
		out = append(out, interval64(0, s.lo-1))
	}
	if s.hi < math.MaxUint64 {
		out = append(out, interval64(s.hi+1, math.MaxUint64))
	}
	return out
}

// cubes returns a set as a union of sets that MASKED_EQ or EQ describes.
func (s set) cubes() []set {
	switch s.op {
	case seccomp.NE:
		return differs(math.MaxUint64, s.lo)
	case seccomp.LE:
		return prefixes(s.lo, s.hi, math.MaxUint64)
	}
	return []set{s}
}

// contains reports whether v is in the set.
func (s set) contains(v uint64) bool {
	switch s.op {
	case seccomp.EQ:
		return v == s.lo
	case seccomp.NE:
		return v != s.lo
	case seccomp.MaskedEQ:
		return v&s.mask == s.lo
	}
	return v >= s.lo && v <= s.hi
}

// meet returns the numbers in both sets.
func meet(a, b set) []set {
	switch {
	case a == b:
		return []set{a}
	case a.op == seccomp.EQ || b.op == seccomp.EQ:
		if b.op != seccomp.EQ {
			a, b = b, a
		}
		if !a.contains(b.lo) {
			return nil
		}
		return []set{b}
	case a.op == seccomp.LE && b.op == seccomp.LE:
		lo, hi := max(a.lo, b.lo), min(a.hi, b.hi)
		if lo > hi {
			return nil
		}
		return []set{interval64(lo, hi)}
	case a.op == seccomp.NE && b.op == seccomp.LE:
		return meetNE(b, a.lo)
	case b.op == seccomp.NE && a.op == seccomp.LE:
		return meetNE(a, b.lo)
	}
	var out []set
	for _, x := range a.cubes() {
		for _, y := range b.cubes() {
			if both := x.maskOf() & y.maskOf(); (x.lo^y.lo)&both == 0 {
				out = append(out, cube(x.maskOf()|y.maskOf(), x.lo|y.lo))
			}
		}
	}
	return out
}

// meetNE returns an interval without one number.
func meetNE(s set, v uint64) []set {
	if !s.contains(v) {
		return []set{s}
	}
	var out []set
	if v > s.lo {
		out = append(out, interval64(s.lo, v-1))
	}
	if v < s.hi {
		out = append(out, interval64(v+1, s.hi))
	}
	return out
}

func (s set) maskOf() uint64 {
	if s.op == seccomp.EQ {
		return math.MaxUint64
	}
	return s.mask
}

// and returns the part of each term where argument i is in one of the sets.
func and(terms []term, i uint, with []set) ([]term, error) {
	var out []term
	for _, t := range terms {
		for _, s := range with {
			parts := []set{s}
			if t.has[i] {
				parts = meet(t.sets[i], s)
			}
			for _, part := range parts {
				next := t
				next.has[i], next.sets[i] = true, part
				if part.op == seccomp.MaskedEQ && part.mask == 0 || part == interval64(0, math.MaxUint64) {
					next.has[i], next.sets[i] = false, set{}
				}
				if !slices.Contains(out, next) {
					out = append(out, next)
				}
				if len(out) > maxTerms {
					return nil, errTooMany
				}
			}
		}
	}
	return out, nil
}

// conjunction returns the terms that say that all conditions hold.
func conjunction(args []seccomp.Arg, width int) ([]term, error) {
	terms := []term{{}}
	for _, a := range args {
		var err error
		if terms, err = and(terms, a.Index, sets(a, width)); err != nil {
			return nil, err
		}
	}
	return terms, nil
}

// minus returns the terms that hold where none of the others does.
func minus(terms, others []term) ([]term, error) {
	for _, o := range others {
		var left []term
		for i := range o.sets {
			if !o.has[i] {
				continue
			}
			part, err := and(terms, uint(i), o.sets[i].complement())
			if err != nil {
				return nil, err
			}
			for _, t := range part {
				if !slices.Contains(left, t) {
					left = append(left, t)
				}
			}
		}
		if terms = left; len(terms) > maxTerms {
			return nil, errTooMany
		}
	}
	return terms, nil
}
