package dfa

// signatures numbers the classes by which of the sets cover them. The result is valid until the next call.
func (c *construction) signatures(wide []wideEdge) (sig *[256]uint16, n int) {
	c.sets = c.sets[:0]
	for i, e := range wide {
		if i == 0 || e.set != wide[i-1].set {
			c.sets = append(c.sets, e.set)
		}
	}
	// States of one automaton have few different combinations of sets.
	c.keys = c.keys[:0]
	for _, s := range c.sets {
		c.keys = append(c.keys, byte(s), byte(s>>8), byte(s>>16), byte(s>>24))
	}
	got, ok := c.sigs[string(c.keys)]
	if !ok {
		got = &signature{}
		got.split(c.sets, c.cover, len(c.d.rep))
		if len(c.sigs) < maxSignatures {
			c.sigs[string(c.keys)] = got
		}
		c.work += int64(len(c.sets) * len(c.d.rep))
	}
	return &got.sig, got.n
}

// maxSignatures bounds how many signatures are remembered.
const maxSignatures = 1 << 12

// signature is a partition of the classes: equal numbers, covered by the same sets.
type signature struct {
	sig [256]uint16
	n   int
}

func (g *signature) split(sets []int32, cover []Set, classes int) {
	g.n = 1
	for _, s := range sets {
		moved := map[uint16]uint16{} // old number -> new one, for classes inside the set
		for k := range classes {
			if !cover[s].Has(byte(k)) {
				continue
			}
			to, ok := moved[g.sig[k]]
			if !ok {
				to = uint16(g.n)
				moved[g.sig[k]] = to
				g.n++
			}
			g.sig[k] = to
		}
		g.renumber(classes)
	}
}

// renumber makes the numbers dense again, so that they never outgrow the number of classes.
func (g *signature) renumber(classes int) {
	to := map[uint16]uint16{}
	for k := range classes {
		n, ok := to[g.sig[k]]
		if !ok {
			n = uint16(len(to))
			to[g.sig[k]] = n
		}
		g.sig[k] = n
	}
	g.n = len(to)
}
