package seccomp

import (
	"cmp"
	"slices"
)

// normalise brings conditions on the arguments of an ABI with the given argument width into canonical form: trivial and
// repeated ones gone, sorted by argument, Width32 only where arguments have 32 bits. It reports whether they can hold at all, as
// far as each condition alone tells.
func normalise(args []Arg, bits int) (out []Arg, possible bool) {
	if len(args) == 0 {
		return nil, true
	}
	out = make([]Arg, 0, len(args))
	for _, a := range args {
		if bits == 32 && a.Width == Width64 {
			a = a.narrow()
		}
		switch a = a.simplify(); a.truth() {
		case never:
			return nil, false
		case always:
			continue
		}
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, compareArgs)
	return out, true
}

func compareArgs(a, b Arg) int {
	return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Width, b.Width), cmp.Compare(a.Op, b.Op),
		cmp.Compare(a.Mask, b.Mask), cmp.Compare(a.Value, b.Value))
}

// truth is what a condition alone tells.
type truth uint8

const (
	depends truth = iota
	always
	never
)

// limit returns the largest value of the condition's width.
func (w Width) limit() uint64 {
	if w == Width32 {
		return 1<<32 - 1
	}
	return 1<<64 - 1
}

// truth reports whether the condition holds for every argument, or for none.
func (a Arg) truth() truth {
	top := a.Width.limit()
	switch {
	case a.Op == LT && a.Value == 0, a.Op == GT && a.Value == top, a.Op == MaskedEQ && a.Value&^a.Mask != 0:
		return never
	case a.Op == GE && a.Value == 0, a.Op == LE && a.Value == top, a.Op == MaskedEQ && a.Mask == 0:
		return always
	}
	return depends
}

// simplify says the same with fewer operators: masks of all bits, and bounds that leave one value, become EQ or NE.
func (a Arg) simplify() Arg {
	top := a.Width.limit()
	switch {
	case a.Op == MaskedEQ && a.Mask == top:
		a.Op, a.Mask = EQ, 0
	case a.Op == LE && a.Value == 0, a.Op == LT && a.Value == 1:
		a.Op, a.Value = EQ, 0
	case a.Op == GT && a.Value == 0, a.Op == GE && a.Value == 1:
		a.Op, a.Value = NE, 0
	case a.Op == GE && a.Value == top:
		a.Op = EQ
	case a.Op == LT && a.Value == top:
		a.Op = NE
	}
	return a
}

// narrow returns the 32-bit comparison that an argument without upper half makes of a 64-bit one.
func (a Arg) narrow() Arg {
	a.Width = Width32
	if a.Value>>32 == 0 {
		a.Mask &= a.Width.limit()
		return a
	}
	switch a.Op { // the value is larger than any argument
	case EQ, GT, GE, MaskedEQ:
		return Arg{Index: a.Index, Width: Width32, Op: LT}
	}
	return Arg{Index: a.Index, Width: Width32, Op: GE}
}
