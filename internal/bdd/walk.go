package bdd

// An Assignment gives variables values; a variable it does not mention does not matter.
type Assignment struct{ bits, known []uint64 }

func (a *Assignment) set(v uint32, bit bool) {
	for int(v/64) >= len(a.known) {
		a.bits, a.known = append(a.bits, 0), append(a.known, 0)
	}
	a.known[v/64] |= 1 << (v % 64)
	if bit {
		a.bits[v/64] |= 1 << (v % 64)
	}
}

// Word returns the value of the width variables from first on, most significant first, with 0 for those that do not matter.
func (a *Assignment) Word(first, width int) uint64 {
	v := uint64(0)
	for i := first; i < first+width; i++ {
		v <<= 1
		if i/64 < len(a.bits) {
			v |= a.bits[i/64] >> (i % 64) & 1
		}
	}
	return v
}

// Witness returns an input for which a and b have different values, the one with the smallest bits first, and false if they are equal.
func (g *Graph) Witness(a, b Node) (Assignment, bool) {
	var out Assignment
	if a == b {
		return out, false
	}
	for {
		na, nb := g.nodes[a], g.nodes[b]
		level := min(na.level, nb.level)
		if level == terminal {
			return out, true
		}
		a0, a1 := g.split(a, level)
		b0, b1 := g.split(b, level)
		a, b = a0, b0
		if a0 == b0 {
			a, b = a1, b1
		}
		out.set(level, a0 == b0)
	}
}

// Cofactor returns what is left of n when the width variables from first on have the given value. n must not depend on earlier variables.
func (g *Graph) Cofactor(n Node, first, width int, value uint64) Node {
	for {
		nd := &g.nodes[n]
		if nd.level >= uint32(first+width) {
			return n
		}
		if value>>(uint32(first+width-1)-nd.level)&1 != 0 {
			n = nd.hi
		} else {
			n = nd.lo
		}
	}
}

// Ranges cuts the values of the width variables from first on into maximal intervals on which n is the same function of the later variables, and
// yields them in ascending order until yield returns false. n must not depend on earlier variables.
func (g *Graph) Ranges(n Node, first, width int, yield func(lo, hi uint64, sub Node) bool) {
	r := ranger{g: g, end: uint32(first + width), yield: yield}
	r.walk(n, uint32(first), 0)
	if !r.stopped && r.started {
		yield(r.lo, r.hi, r.sub)
	}
}

type ranger struct {
	g                *Graph
	end              uint32
	yield            func(lo, hi uint64, sub Node) bool
	lo, hi           uint64 // the interval being grown
	sub              Node
	started, stopped bool
}

// walk visits the values whose bits above level are those of base.
func (r *ranger) walk(n Node, level uint32, base uint64) {
	if r.stopped {
		return
	}
	nd := &r.g.nodes[n]
	if nd.level >= r.end {
		r.add(base, base|(1<<(r.end-level)-1), n)
		return
	}
	half := uint64(1) << (r.end - level - 1)
	lo, hi := r.g.split(n, level)
	r.walk(lo, level+1, base)
	r.walk(hi, level+1, base|half)
}

func (r *ranger) add(lo, hi uint64, n Node) {
	if r.started && n == r.sub {
		r.hi = hi
		return
	}
	if r.started && !r.yield(r.lo, r.hi, r.sub) {
		r.stopped = true
		return
	}
	r.lo, r.hi, r.sub, r.started = lo, hi, n, true
}

// Size is the number of nodes, constants included, that n consists of.
func (g *Graph) Size(n Node) int {
	seen := map[Node]bool{}
	var visit func(Node)
	visit = func(n Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if nd := g.nodes[n]; nd.level != terminal {
			visit(nd.lo)
			visit(nd.hi)
		}
	}
	visit(n)
	return len(seen)
}
