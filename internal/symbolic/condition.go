package symbolic

import (
	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/bpf"
	xbpf "golang.org/x/net/bpf"
)

// A condition is what a jump tests. Comparing a word of the input with a constant, by far the most frequent test, keeps its parts, because then
// choosing between two functions needs no diagram of the condition.
type condition struct {
	node  bdd.Node // False, True, or something else
	kind  uint16   // the test, where first is not -1
	first int      // first variable of the word compared
	k     uint32   // what it is compared with
}

// test returns the condition under which a conditional jump is taken.
func (e *executor) test(ins xbpf.RawInstruction, s *state) condition {
	kind := ins.Op &^ bpf.SrcX
	a := &e.words[s.a]
	if ins.Op&bpf.SrcX == 0 && a.constant {
		return condition{node: testConstants(kind, a.value, ins.K), first: -1}
	}
	if ins.Op&bpf.SrcX == 0 && a.first >= 0 {
		return e.testInput(kind, a, ins.K)
	}
	c := condition{first: -1}
	x, y := a.bits, e.words[e.operand(ins, s)].bits
	switch kind {
	case bpf.ClassJump | bpf.TestEq:
		c.node = e.g.EqualWords(x, y)
	case bpf.ClassJump | bpf.TestGt:
		c.node = e.g.Greater(x, y)
	case bpf.ClassJump | bpf.TestGe:
		c.node = e.g.GreaterEqual(x, y)
	default:
		c.node = e.g.Intersects(x, y)
	}
	return c
}

func testConstants(kind uint16, a, b uint32) bdd.Node {
	taken := a&b != 0
	switch kind {
	case bpf.ClassJump | bpf.TestEq:
		taken = a == b
	case bpf.ClassJump | bpf.TestGt:
		taken = a > b
	case bpf.ClassJump | bpf.TestGe:
		taken = a >= b
	}
	if taken {
		return bdd.True
	}
	return bdd.False
}

// testInput is test for a word of the input and a constant.
func (e *executor) testInput(kind uint16, a *wordInfo, k uint32) condition {
	undecided := a.bits[0]
	switch {
	case kind == bpf.ClassJump|bpf.TestSet:
		return condition{node: e.g.Not(e.g.Masked(a.first, 32, uint64(k), 0)), first: -1}
	case kind == bpf.ClassJump|bpf.TestGt && k == 1<<32-1:
		return condition{node: bdd.False, first: -1}
	case kind == bpf.ClassJump|bpf.TestGe && k == 0:
		return condition{node: bdd.True, first: -1}
	}
	return condition{undecided, kind, a.first, k}
}

// choose returns the function that is taken where the condition holds and not elsewhere.
func (c *condition) choose(g *bdd.Graph, taken, not bdd.Node) bdd.Node {
	switch {
	case c.first < 0:
		return g.ITE(c.node, taken, not)
	case c.kind == bpf.ClassJump|bpf.TestEq:
		return g.IfEqual(c.first, 32, uint64(c.k), taken, not)
	case c.kind == bpf.ClassJump|bpf.TestGt:
		return g.IfAtMost(c.first, 32, uint64(c.k), not, taken)
	}
	return g.IfAtMost(c.first, 32, uint64(c.k)-1, not, taken)
}
