package oci

import (
	"math"
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

// libseccomp keeps the rules with conditions for one call in a tree: a rule is a chain of tests, in the order of its arguments,
// each of 32 bits, so that a comparison of 64 bits is a test of the upper half followed by one of the lower. Chains share what they
// have in common. On each level tests stand in an order of libseccomp's own, and the first chain that holds decides
// (db.c, _db_tree_add and _db_chain_lt). order rebuilds just as much of that as says which of two overlapping rules is first.

// A test is one node of a chain.
type test struct {
	place int // argument times two, and one more for the upper half: larger ones first
	op    seccomp.Op
	datum uint32 // larger ones first
	mask  uint32
	side  int // 1 if the chain goes on where the test holds, 0 where it does not
}

// same reports whether two tests are one node; which way their chains go on does not matter.
func (a test) same(b test) bool {
	return a.place == b.place && a.op == b.op && a.datum == b.datum && a.mask == b.mask
}

// less reports whether a stands behind b.
func (a test) less(b test) bool {
	if a.place != b.place {
		return a.place < b.place
	}
	return a.datum < b.datum
}

// chain returns a rule's tests. It has none for ordering comparisons, of which libseccomp makes chains that branch, and sometimes
// wrong programs.
func chain(args []seccomp.Arg, halves bool) ([]test, bool) {
	var out []test
	for _, a := range args {
		t := test{place: 2 * int(a.Index), op: a.Op, side: 1}
		mask := uint64(math.MaxUint64)
		switch {
		case ordering(a.Op):
			return nil, false
		case a.Op == seccomp.MaskedEQ:
			mask = a.Mask
		case a.Op == seccomp.NE:
			t.op, t.side = seccomp.EQ, 0
		}
		if !halves {
			upper := t
			upper.place, upper.side = t.place+1, 1
			upper.datum, upper.mask = uint32(a.Value>>32), uint32(mask>>32)
			out = append(out, upper)
		}
		t.datum, t.mask = uint32(a.Value), uint32(mask)
		out = append(out, t)
	}
	return out, true
}

// A node is a test within the tree, with what follows on each side of it.
type node struct {
	test
	next [2][]*node
	leaf [2]*entry
}

// A tree is the rules with conditions for one call.
type tree struct{ root []*node }

// add puts a rule into the tree. It returns false for a shape whose outcome this file does not know: a chain that is the beginning of
// another one with a different action.
func (t *tree) add(e *entry, tests []test) bool {
	level := &t.root
	for i, test := range tests {
		n := enter(level, test)
		last := i == len(tests)-1
		switch {
		case n.leaf[test.side] != nil:
			return n.leaf[test.side].action == e.action
		case last && len(n.next[test.side]) > 0:
			return allHave(n.next[test.side], e.action)
		case last:
			n.leaf[test.side] = e
		}
		level = &n.next[test.side]
	}
	return true
}

// enter returns the node of a test on a level, made where libseccomp puts it.
func enter(level *[]*node, t test) *node {
	for i, n := range *level {
		switch {
		case n.same(t):
			return n
		case n.less(t):
			made := &node{test: t}
			*level = slices.Insert(*level, i, made)
			return made
		}
	}
	made := &node{test: t}
	*level = append(*level, made)
	return made
}

func allHave(level []*node, a seccomp.Action) bool {
	for _, n := range level {
		for side := range 2 {
			if n.leaf[side] != nil && n.leaf[side].action != a || !allHave(n.next[side], a) {
				return false
			}
		}
	}
	return true
}

// list appends the rules in the order in which they decide.
func list(level []*node, out []*entry) []*entry {
	for _, n := range level {
		for side := range 2 {
			if n.leaf[side] != nil {
				out = append(out, n.leaf[side])
			}
			out = list(n.next[side], out)
		}
	}
	return out
}

// order returns the rules with conditions for a call in the order in which libseccomp lets them decide, if that is known. Of rules with one
// action that include each other some may be missing.
func (c *call) order(halves bool) ([]*entry, bool) {
	var t tree
	unequal := 0
	for _, e := range c.conds {
		tests, ok := chain(e.args, halves)
		if !ok || !t.add(e, tests) {
			return nil, false
		}
		if slices.ContainsFunc(e.args, func(a seccomp.Arg) bool { return a.Op == seccomp.NE }) {
			unequal++
		}
	}
	if unequal > 1 && !halves {
		return nil, false // they share nodes of the upper halves, of which only the first one's action counts
	}
	return list(t.root, nil), true
}
