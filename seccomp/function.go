package seccomp

import (
	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/symbolic"
)

// A profile is a function from the bits of a call to an action. As decision diagrams such functions can be compared and combined
// exactly. The diagrams' values are Actions; the variables are those of package symbolic.

// maxDiagramNodes bounds the memory of a proof or of the algebra, 16 bytes a node and as much again for tables.
const maxDiagramNodes = 1 << 21

// function returns the diagram as a function of arch value, number and arguments.
func (d *diagram) function(g *bdd.Graph) bdd.Node {
	n := g.Terminal(uint32(d.foreign))
	made := map[*disposition]bdd.Node{}
	for i := len(d.spaces) - 1; i >= 0; i-- {
		s := &d.spaces[i]
		n = g.IfEqual(symbolic.VarArch, 32, uint64(s.arch.AuditArch()), s.function(g, made), n)
	}
	return n
}

// function returns the space as a function of number and arguments.
func (s *space) function(g *bdd.Graph, made map[*disposition]bdd.Node) bdd.Node {
	n := bdd.False
	for i := len(s.runs) - 1; i >= 0; i-- {
		r := &s.runs[i]
		disp, ok := made[r.disp]
		if !ok {
			disp = r.disp.function(g)
			made[r.disp] = disp
		}
		if i == len(s.runs)-1 {
			n = disp
			continue
		}
		n = g.IfAtMost(symbolic.VarNr, 32, uint64(r.hi), disp, n)
	}
	return n
}

// function returns the disposition as a function of the arguments.
func (d *disposition) function(g *bdd.Graph) bdd.Node {
	n := g.Terminal(uint32(d.otherwise.action))
	for i := len(d.branches) - 1; i >= 0; i-- {
		b := &d.branches[i]
		holds := g.Terminal(uint32(b.action))
		for j := len(b.args) - 1; j >= 0; j-- {
			holds = b.args[j].choose(g, holds, n)
		}
		n = holds
	}
	return n
}

// choose returns the function that is yes where the condition holds and no elsewhere.
func (a Arg) choose(g *bdd.Graph, yes, no bdd.Node) bdd.Node {
	first, width := a.variables()
	switch a.Op {
	case EQ:
		return g.IfEqual(first, width, a.Value, yes, no)
	case NE:
		return g.IfEqual(first, width, a.Value, no, yes)
	case LE:
		return g.IfAtMost(first, width, a.Value, yes, no)
	case GT:
		return g.IfAtMost(first, width, a.Value, no, yes)
	}
	return g.ITE(a.condition(g), yes, no)
}

// variables returns the first variable of what the condition looks at, and how many there are.
func (a Arg) variables() (first, width int) {
	first = symbolic.VarArg(int(a.Index))
	if a.Width == Width32 {
		return first + 32, 32
	}
	return first, 64
}

// allOf returns the condition that all of args hold.
func allOf(g *bdd.Graph, args []Arg) bdd.Node {
	n := bdd.True
	for i := len(args) - 1; i >= 0; i-- {
		n = g.And(args[i].condition(g), n)
	}
	return n
}

// condition returns the condition as a function of the argument's bits.
func (a Arg) condition(g *bdd.Graph) bdd.Node {
	first, width := a.variables()
	switch a.Op {
	case EQ:
		return g.Equal(first, width, a.Value)
	case NE:
		return g.Not(g.Equal(first, width, a.Value))
	case LT:
		return g.Not(g.AtLeast(first, width, a.Value))
	case LE:
		return g.AtMost(first, width, a.Value)
	case GT:
		return g.Not(g.AtMost(first, width, a.Value))
	case GE:
		return g.AtLeast(first, width, a.Value)
	}
	return g.Masked(first, width, a.Mask, a.Value)
}
