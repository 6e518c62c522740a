package seccomp

import (
	"slices"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/symbolic"
)

// maxAlternatives bounds how many alternatives a set of arguments may be written with; beyond it the set cannot be expressed.
const maxAlternatives = 128

// conditions writes a set of arguments as alternatives, each a conjunction: every call of must is in one, no call outside may is in any.
// Both are conditions on arguments alone. It reports whether at most maxAlternatives do it.
func conditions(g *bdd.Graph, must, may bdd.Node) ([][]Arg, bool) {
	s := speller{g: g}
	list := s.spell(must)
	if s.failed || g.Err() != nil {
		return nil, false
	}
	list = s.widen(list, may)
	return s.thin(list, must), g.Err() == nil
}

// A speller turns sets into conditions.
type speller struct {
	g      *bdd.Graph
	failed bool
}

// spell writes a set as alternatives, one argument after the other.
func (s *speller) spell(n bdd.Node) (out [][]Arg) {
	first, depends := s.g.First(n)
	switch {
	case n == bdd.False || s.failed:
		return nil
	case !depends:
		return [][]Arg{nil}
	}
	index := (first - symbolic.VarArg(0)) / 64
	s.g.Slices(n, symbolic.VarArg(index), 64, func(set, sub bdd.Node) bool {
		out = append(out, s.product(s.spellArg(set, index), s.spell(sub))...)
		if len(out) > maxAlternatives {
			s.failed = true
		}
		return !s.failed
	})
	return out
}

// product joins every alternative of a with every one of b.
func (s *speller) product(a, b [][]Arg) (out [][]Arg) {
	if len(a)*len(b) > maxAlternatives {
		s.failed = true
		return nil
	}
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(x[:len(x):len(x)], y...))
		}
	}
	return out
}

// spellArg writes a set of values of one argument, the shortest way it knows.
func (s *speller) spellArg(set bdd.Node, index int) [][]Arg {
	if set == bdd.True {
		return [][]Arg{nil}
	}
	arg, low := symbolic.VarArg(index), symbolic.VarArg(index)+32
	var best [][]Arg
	if first, _ := s.g.First(set); first >= low {
		best = s.spellWord(set, low, 32, Arg{Index: uint(index), Width: Width32})
	} else {
		best = cheaper(s.spellWord(set, arg, 64, Arg{Index: uint(index)}), s.spellHalves(set, index))
	}
	if best == nil {
		s.failed = true
	}
	return best
}

// spellWord writes a set of values of one word as intervals or as masked comparisons; nil if neither is short enough.
func (s *speller) spellWord(set bdd.Node, first, width int, arg Arg) [][]Arg {
	intervals := s.intervals(set, first, width, arg)
	if len(intervals) == 1 {
		return intervals
	}
	cubes, ok := s.g.Cover(set, set, first, width, maxAlternatives)
	if !ok {
		return intervals
	}
	masked := make([][]Arg, len(cubes))
	for i, c := range cubes {
		arg.Op, arg.Mask, arg.Value = MaskedEQ, c.Mask, c.Value
		masked[i] = []Arg{arg.simplify()}
	}
	return cheaper(intervals, masked)
}

// intervals writes a set of values as intervals, nil if they are too many.
func (s *speller) intervals(set bdd.Node, first, width int, arg Arg) (out [][]Arg) {
	var holes []uint64 // values outside
	wide := false      // some interval outside is more than one value
	s.g.Ranges(set, first, width, func(lo, hi uint64, in bdd.Node) bool {
		if in == bdd.False {
			holes = append(holes, lo)
			wide = wide || lo != hi
			return len(holes) <= maxAlternatives
		}
		out = append(out, interval(arg, lo, hi))
		return true
	})
	switch {
	case len(holes) > maxAlternatives:
		return nil
	case !wide && len(holes) == 1 && len(out) <= 2:
		arg.Op, arg.Value = NE, holes[0]
		return [][]Arg{{arg}}
	}
	return out
}

// interval returns the conditions for lo <= argument <= hi.
func interval(arg Arg, lo, hi uint64) (out []Arg) {
	if lo == hi {
		arg.Op, arg.Value = EQ, lo
		return []Arg{arg}
	}
	if lo > 0 {
		arg.Op, arg.Value = GE, lo
		out = append(out, arg.simplify())
	}
	if hi < arg.Width.limit() {
		arg.Op, arg.Value = LE, hi
		out = append(out, arg.simplify())
	}
	return out
}

// spellHalves writes a set of values of one argument by its upper and its lower half; nil if that is not short enough.
func (s *speller) spellHalves(set bdd.Node, index int) (out [][]Arg) {
	first := symbolic.VarArg(index)
	s.g.Slices(set, first, 32, func(upper, lower bdd.Node) bool {
		a := s.spellUpper(upper, first, index)
		b := [][]Arg{nil}
		if lower != bdd.True {
			b = s.spellWord(lower, first+32, 32, Arg{Index: uint(index), Width: Width32})
		}
		if a == nil || b == nil || len(out)+len(a)*len(b) > maxAlternatives {
			out = nil
			return false
		}
		out = append(out, s.product(a, b)...)
		return true
	})
	return out
}

// spellUpper writes a set of values of the upper half of an argument.
func (s *speller) spellUpper(set bdd.Node, first, index int) [][]Arg {
	if set == bdd.True {
		return [][]Arg{nil}
	}
	return s.spellWord(set, first, 64, Arg{Index: uint(index)})
}

// cheaper returns the list with fewer alternatives, or conditions; nil counts as infinitely long.
func cheaper(a, b [][]Arg) [][]Arg {
	if a == nil || b != nil && cost(b) < cost(a) {
		return b
	}
	return a
}

func cost(list [][]Arg) int {
	n := 0
	for _, args := range list {
		n += 4 + len(args)
	}
	return n
}

// widen leaves out conditions without which an alternative still holds nothing outside may.
func (s *speller) widen(list [][]Arg, may bdd.Node) [][]Arg {
	outside := s.g.Not(may)
	for i, args := range list {
		for j := len(args) - 1; j >= 0; j-- {
			without := append(args[:j:j], args[j+1:]...)
			if s.g.And(allOf(s.g, without), outside) == bdd.False {
				args = without
			}
		}
		list[i] = args
	}
	return list
}

// thin leaves out alternatives that the others make needless.
func (s *speller) thin(list [][]Arg, must bdd.Node) [][]Arg {
	before := make([]bdd.Node, len(list)+1) // before[i] is the union of the first i
	for i, args := range list {
		before[i+1] = s.g.Or(before[i], allOf(s.g, args))
	}
	after := bdd.False // the union of those kept behind
	var kept [][]Arg
	for i := len(list) - 1; i >= 0; i-- {
		if s.g.And(must, s.g.Not(s.g.Or(before[i], after))) != bdd.False {
			after = s.g.Or(after, allOf(s.g, list[i]))
			kept = append(kept, list[i])
		}
	}
	slices.Reverse(kept)
	return kept
}
