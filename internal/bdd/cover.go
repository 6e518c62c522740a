package bdd

// Cube is the condition word & Mask == Value.
type Cube struct{ Mask, Value uint64 }

// Cover returns cubes over the width variables from first on whose union contains everything in must and nothing outside may, two conditions on
// those variables alone; ok is false if it takes more than limit cubes. No cube can be left out (the method is Minato and Morreale's
// irredundant sum of products).
func (g *Graph) Cover(must, may Node, first, width, limit int) (cubes []Cube, ok bool) {
	c := coverer{g: g, end: uint32(first + width), limit: limit}
	cubes, _ = c.cover(must, may)
	return cubes, !c.failed && g.err == nil
}

type coverer struct {
	g      *Graph
	end    uint32
	limit  int
	failed bool
}

// cover returns the cubes and their union.
func (c *coverer) cover(must, may Node) ([]Cube, Node) {
	g := c.g
	switch {
	case must == False || c.failed || g.err != nil:
		return nil, False
	case may == True:
		return []Cube{{}}, True
	}
	level := min(g.nodes[must].level, g.nodes[may].level)
	must0, must1 := g.split(must, level)
	may0, may1 := g.split(may, level)
	bit := uint64(1) << (c.end - 1 - level)

	zero, z := c.cover(g.And(must0, g.Not(may1)), may0)
	one, o := c.cover(g.And(must1, g.Not(may0)), may1)
	rest := g.Or(g.And(must0, g.Not(z)), g.And(must1, g.Not(o)))
	both, b := c.cover(rest, g.And(may0, may1))

	for i := range zero {
		zero[i].Mask |= bit
	}
	for i := range one {
		one[i].Mask |= bit
		one[i].Value |= bit
	}
	cubes := append(append(zero, one...), both...)
	if len(cubes) > c.limit {
		c.failed = true
		return nil, False
	}
	return cubes, g.branch(level, g.Or(z, b), g.Or(o, b))
}
