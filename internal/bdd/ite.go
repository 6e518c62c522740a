package bdd

// ITE returns the function that is t where condition f holds and e elsewhere.
func (g *Graph) ITE(f, t, e Node) Node {
	switch {
	case f == True || t == e:
		return t
	case f == False:
		return e
	case t == True && e == False:
		return f
	}
	if g.steps--; g.steps < 0 || g.err != nil {
		g.fail()
		return False
	}
	slot := hash3(f, t, e)
	if c := &g.cache[slot&uint32(len(g.cache)-1)]; c.f == f && c.t == t && c.e == e {
		return c.r
	}
	level := min(g.nodes[f].level, g.nodes[t].level, g.nodes[e].level)
	f0, f1 := g.split(f, level)
	t0, t1 := g.split(t, level)
	e0, e1 := g.split(e, level)
	r := g.branch(level, g.ITE(f0, t0, e0), g.ITE(f1, t1, e1))
	if g.err != nil {
		return False
	}
	g.cache[slot&uint32(len(g.cache)-1)] = cacheEntry{f, t, e, r}
	return r
}

// split returns the two halves of n by the variable at level, which is at or above n's own.
func (g *Graph) split(n Node, level uint32) (lo, hi Node) {
	nd := &g.nodes[n]
	if nd.level != level {
		return n, n
	}
	return nd.lo, nd.hi
}

// Not, And, Or and Xor combine conditions.
func (g *Graph) Not(a Node) Node    { return g.ITE(a, False, True) }
func (g *Graph) And(a, b Node) Node { return g.ITE(a, b, False) }
func (g *Graph) Or(a, b Node) Node  { return g.ITE(a, True, b) }
func (g *Graph) Xor(a, b Node) Node { return g.ITE(a, g.Not(b), b) }

// Apply returns the function op(a, b), value by value.
func (g *Graph) Apply(op func(a, b uint32) uint32, a, b Node) Node {
	return g.apply(op, a, b, map[[2]Node]Node{})
}

func (g *Graph) apply(op func(a, b uint32) uint32, a, b Node, memo map[[2]Node]Node) Node {
	na, nb := g.nodes[a], g.nodes[b]
	if na.level == terminal && nb.level == terminal {
		return g.Terminal(op(uint32(na.lo), uint32(nb.lo)))
	}
	if r, ok := memo[[2]Node{a, b}]; ok {
		return r
	}
	if g.steps--; g.steps < 0 || g.err != nil {
		g.fail()
		return False
	}
	level := min(na.level, nb.level)
	a0, a1 := g.split(a, level)
	b0, b1 := g.split(b, level)
	r := g.branch(level, g.apply(op, a0, b0, memo), g.apply(op, a1, b1, memo))
	memo[[2]Node{a, b}] = r
	return r
}

// Map returns the function f(n), value by value.
func (g *Graph) Map(f func(v uint32) uint32, n Node) Node {
	return g.apply(func(v, _ uint32) uint32 { return f(v) }, n, False, map[[2]Node]Node{})
}
