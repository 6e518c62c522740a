package bdd

// Slices cuts the values of the width variables from first on into sets on which n is the same function of the later variables, and yields
// each set, as a condition, with that function, until yield returns false. n must not depend on earlier variables. A function that is False
// is left out. Unlike with Ranges the sets need not be intervals, and no function comes twice.
func (g *Graph) Slices(n Node, first, width int, yield func(set, sub Node) bool) {
	end := uint32(first + width)
	seen := map[Node]bool{}
	var subs []Node
	var visit func(Node)
	visit = func(n Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if nd := g.nodes[n]; nd.level < end {
			visit(nd.lo)
			visit(nd.hi)
		} else if n != False {
			subs = append(subs, n)
		}
	}
	visit(n)
	for _, sub := range subs {
		if !yield(g.reaches(n, sub, end, map[Node]Node{}), sub) {
			return
		}
	}
}

// reaches returns the condition, on the variables before end, that n comes down to sub.
func (g *Graph) reaches(n, sub Node, end uint32, memo map[Node]Node) Node {
	nd := g.nodes[n]
	if nd.level >= end {
		if n == sub {
			return True
		}
		return False
	}
	if r, ok := memo[n]; ok {
		return r
	}
	r := g.branch(nd.level, g.reaches(nd.lo, sub, end, memo), g.reaches(nd.hi, sub, end, memo))
	memo[n] = r
	return r
}

// First returns the first variable that n depends on, false if n is constant.
func (g *Graph) First(n Node) (v int, ok bool) {
	level := g.nodes[n].level
	return int(level &^ terminal), level != terminal
}

// Values returns the values that n takes, each once.
func (g *Graph) Values(n Node) (values []uint32) {
	seen := map[Node]bool{}
	var visit func(Node)
	visit = func(n Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		nd := g.nodes[n]
		if nd.level == terminal {
			values = append(values, uint32(nd.lo))
			return
		}
		visit(nd.lo)
		visit(nd.hi)
	}
	visit(n)
	return values
}
