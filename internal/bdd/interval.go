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
