package oci

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

func (t term) holds(args *[seccomp.MaxArgs]uint64) bool {
	for i := range t.sets {
		if t.has[i] && !t.sets[i].contains(args[i]) {
			return false
		}
	}
	return true
}

func anyHolds(terms []term, args *[seccomp.MaxArgs]uint64) bool {
	for _, t := range terms {
		if t.holds(args) {
			return true
		}
	}
	return false
}

func allMatch(args []seccomp.Arg, v *[seccomp.MaxArgs]uint64) bool {
	for _, a := range args {
		if !a.Match(v) {
			return false
		}
	}
	return true
}

// randomArgs returns up to three conditions on two arguments, close to one another so that they meet.
func randomArgs(r *rand.Rand) []seccomp.Arg {
	var out []seccomp.Arg
	for range r.IntN(4) {
		values := []uint64{0, 1, 2, 7, 8, 100, 1 << 31, 1<<32 - 1, 1 << 32, 1 << 63, math.MaxUint64, r.Uint64()}
		a := seccomp.Arg{Index: uint(r.IntN(2)), Op: seccomp.Op(r.IntN(7)), Width: seccomp.Width(r.IntN(2)), Value: values[r.IntN(len(values))]}
		if a.Width == seccomp.Width32 {
			a.Value &= math.MaxUint32
		}
		if a.Op == seccomp.MaskedEQ {
			a.Mask = a.Value | values[r.IntN(len(values))]
			if a.Width == seccomp.Width32 {
				a.Mask &= math.MaxUint32
			}
		}
		out = append(out, a)
	}
	return out
}

// probes returns values at and around the bounds of the conditions.
func probes(r *rand.Rand, lists ...[]seccomp.Arg) []uint64 {
	out := []uint64{0, math.MaxUint64, r.Uint64(), uint64(r.Uint32())}
	for _, args := range lists {
		for _, a := range args {
			for _, v := range []uint64{a.Value, a.Mask, a.Value ^ 1<<r.IntN(64)} {
				out = append(out, v, v-1, v+1, v|1<<32, v&math.MaxUint32, v|math.MaxUint32<<32)
			}
		}
	}
	return out
}

// TestTerms checks that what is said as terms, also with other conditions taken away, is what the conditions say.
func TestTerms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	checked, many := 0, 0
	for range 1000 {
		a, b := randomArgs(r), randomArgs(r)
		terms, err := conjunction(a, 64)
		others, err2 := conjunction(b, 64)
		if err != nil || err2 != nil {
			many++
			continue
		}
		rest, err := minus(terms, others)
		if err != nil {
			many++
			continue
		}
		values := probes(r, a, b)
		for range 100 {
			args := [seccomp.MaxArgs]uint64{values[r.IntN(len(values))], values[r.IntN(len(values))]}
			inA, inB := allMatch(a, &args), allMatch(b, &args)
			if got := anyHolds(terms, &args); got != inA {
				t.Fatalf("%v of %#x is %v as %d terms", a, args, got, len(terms))
			}
			if got := anyHolds(rest, &args); got != (inA && !inB) {
				t.Fatalf("%v without %v of %#x is %v as %d terms", a, b, args, got, len(rest))
			}
			checked++
		}
	}
	t.Logf("%d checks, %d pairs take too many terms", checked, many)
	if many > 400 {
		t.Errorf("%d of 1000 pairs take too many terms", many)
	}
}

func TestPrefixes(t *testing.T) {
	for _, tt := range []struct{ lo, hi, within uint64 }{
		{0, math.MaxUint64, math.MaxUint64}, {0, math.MaxUint32, math.MaxUint32}, {3, 10, math.MaxUint64}, {1, math.MaxUint64, math.MaxUint64},
		{0, math.MaxUint64 - 1, math.MaxUint64}, {5, 5, math.MaxUint64}, {1, math.MaxUint32 - 1, math.MaxUint32}, {1 << 63, math.MaxUint64, math.MaxUint64},
	} {
		got := prefixes(tt.lo, tt.hi, tt.within)
		if len(got) > 126 {
			t.Errorf("%v: %d blocks", tt, len(got))
		}
		for _, v := range []uint64{0, 1, 2, 3, 4, 5, 6, 9, 10, 11, tt.lo - 1, tt.lo, tt.hi, tt.hi + 1, math.MaxUint32, 1 << 32, 1 << 63, math.MaxUint64} {
			want := v&tt.within >= tt.lo && v&tt.within <= tt.hi
			blocks := 0
			for _, s := range got {
				if s.contains(v) {
					blocks++
				}
			}
			if want && blocks != 1 || !want && blocks != 0 {
				t.Errorf("%v: %#x is in %d blocks", tt, v, blocks)
			}
		}
	}
}
