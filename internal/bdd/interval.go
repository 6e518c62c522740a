package bdd

// The constructors below describe the word that starts at variable first and is width bits wide (at most 64), most significant bit first.

// Interval returns the condition lo <= word <= hi.
func (g *Graph) Interval(first, width int, lo, hi uint64) Node {
	return g.And(g.AtLeast(first, width, lo), g.AtMost(first, width, hi))
}

// AtLeast returns the condition word >= v.
func (g *Graph) AtLeast(first, width int, v uint64) Node {
	n := True
	for i := width - 1; i >= 0; i-- {
		if v>>(width-1-i)&1 != 0 {
			n = g.branch(uint32(first+i), False, n)
		} else {
			n = g.branch(uint32(first+i), n, True)
		}
	}
	return n
}

// AtMost returns the condition word <= v.
func (g *Graph) AtMost(first, width int, v uint64) Node {
	n := True
	for i := width - 1; i >= 0; i-- {
		if v>>(width-1-i)&1 != 0 {
			n = g.branch(uint32(first+i), True, n)
		} else {
			n = g.branch(uint32(first+i), n, False)
		}
	}
	return n
}

// Masked returns the condition word & mask == value.
func (g *Graph) Masked(first, width int, mask, value uint64) Node {
	if value&^mask != 0 {
		return False
	}
	n := True
	for i := width - 1; i >= 0; i-- {
		switch bit := uint64(1) << (width - 1 - i); {
		case mask&bit == 0:
		case value&bit != 0:
			n = g.branch(uint32(first+i), False, n)
		default:
			n = g.branch(uint32(first+i), n, False)
		}
	}
	return n
}

// Equal returns the condition word == v.
func (g *Graph) Equal(first, width int, v uint64) Node { return g.Masked(first, width, ^uint64(0), v) }

// IfEqual returns the function that is t where word == v and e elsewhere: ITE(Equal(first, width, v), t, e) without making the condition.
func (g *Graph) IfEqual(first, width int, v uint64, t, e Node) Node {
	if g.above(t, e, first) {
		return g.ITE(g.Equal(first, width, v), t, e)
	}
	return g.pick(picker{uint32(first), uint32(first + width), v, false}, t, e)
}

// IfAtMost returns the function that is t where word <= v and e elsewhere.
func (g *Graph) IfAtMost(first, width int, v uint64, t, e Node) Node {
	if g.above(t, e, first) {
		return g.ITE(g.AtMost(first, width, v), t, e)
	}
	return g.pick(picker{uint32(first), uint32(first + width), v, true}, t, e)
}

// above reports whether t or e depends on a variable before first.
func (g *Graph) above(t, e Node, first int) bool {
	return min(g.nodes[t].level, g.nodes[e].level) < uint32(first)
}

// A picker is a comparison of the variables from level to end with v: equality, or with less "less or equal".
type picker struct {
	level, end uint32
	v          uint64
	less       bool
}

// pick is ITE along the one path on which the comparison is not decided yet.
func (g *Graph) pick(p picker, t, e Node) Node {
	if p.level == p.end || t == e {
		return t
	}
	level := p.level
	t0, t1 := g.split(t, level)
	e0, e1 := g.split(e, level)
	p.level++
	if p.v>>(p.end-p.level)&1 == 0 {
		return g.branch(level, g.pick(p, t0, e0), e1)
	}
	if p.less {
		e0 = t0
	}
	return g.branch(level, e0, g.pick(p, t1, e1))
}
