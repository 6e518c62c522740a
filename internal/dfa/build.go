package dfa

import (
	"slices"
)

// Build determinises what was added. The builder may be used further; the automaton does not change.
func (b *Builder) Build() (*DFA, error) {
	c := newConstruction(b)
	return c.run()
}

// construction is the state of one subset construction.
type construction struct {
	b     *Builder
	d     *DFA
	cover []Set // set -> classes it covers
	arena []int32
	spans []span           // state -> its nodes in arena
	index map[uint64]State // hash of a node set -> last state with it
	chain []State          // state -> earlier state with the same hash, or -1
	accs  map[string]int32 // rule set -> label
	work  int64

	stamp  []uint32 // node -> generation when last seen
	gen    uint32
	cur    []int32 // the set being collected
	stack  []int32
	bucket [][]int32 // class -> literal targets
	wide   []wideEdge
	sets   []int32
	base   []State
	sigs   map[string]*signature // sets -> signature
	keys   []byte
}

type span struct{ lo, hi uint32 }

func newConstruction(b *Builder) *construction {
	c := &construction{
		b:     b,
		d:     &DFA{rules: [][]int32{nil}},
		index: make(map[uint64]State, 1024),
		accs:  map[string]int32{"": 0},
		sigs:  make(map[string]*signature),
		stamp: make([]uint32, len(b.nodes)),
	}
	c.d.class, c.d.rep, c.cover = b.classify()
	c.bucket = make([][]int32, len(c.d.rep))
	return c
}

func (c *construction) run() (*DFA, error) {
	c.begin()
	c.intern() // the dead state is the empty set
	c.begin()
	c.reach(0)
	if len(c.cur) == 0 {
		c.addState(0, -1) // a builder without rules still has a start state
	} else {
		c.intern()
	}
	for s := 0; s < len(c.spans); s++ {
		c.expand(State(s))
		if err := c.check(); err != nil {
			return nil, err
		}
	}
	c.d.off = append(c.d.off, uint32(len(c.d.cls)))
	return c.d, nil
}

// check enforces the limits.
func (c *construction) check() error {
	l := c.b.limits
	const perState, perTransition, perNode = 64, 5, 4 // with the index of states
	memory := len(c.spans)*perState + len(c.d.cls)*perTransition + len(c.arena)*perNode
	switch {
	case len(c.spans) > l.States:
		return &LimitError{What: "states", Limit: int64(l.States)}
	case memory > l.Memory:
		return &LimitError{What: "bytes", Limit: int64(l.Memory)}
	case c.work > l.Work:
		return &LimitError{What: "steps", Limit: l.Work}
	}
	return nil
}

// begin starts collecting a new set of nodes.
func (c *construction) begin() {
	c.cur = c.cur[:0]
	c.gen++
	if c.gen == 0 {
		clear(c.stamp)
		c.gen = 1
	}
}

// reach adds a node and all it leads to without reading input. Nodes that neither read nor accept are left out.
func (c *construction) reach(n int32) {
	if c.stamp[n] == c.gen {
		return
	}
	c.stamp[n] = c.gen
	c.stack = append(c.stack[:0], n)
	for len(c.stack) > 0 {
		n := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		nd := &c.b.nodes[n]
		if len(nd.lit)+len(nd.wide)+len(nd.rules) > 0 {
			c.cur = append(c.cur, n)
		}
		c.work++
		for _, t := range nd.eps {
			if c.stamp[t] != c.gen {
				c.stamp[t] = c.gen
				c.stack = append(c.stack, t)
			}
		}
	}
}

// intern returns the state whose nodes are the collected set, making it if it is new.
func (c *construction) intern() State {
	h := uint64(len(c.cur))
	for _, n := range c.cur {
		x := uint64(n)*0x9e3779b97f4a7c15 + 0x7f4a7c15
		x ^= x >> 29
		h += x * 0xbf58476d1ce4e5b9
	}
	last, ok := c.index[h]
	if !ok {
		last = -1
	}
	for s := last; s >= 0; s = c.chain[s] {
		if c.same(s) {
			return s
		}
	}
	s := c.addState(c.accept(), last)
	c.index[h] = s
	return s
}

func (c *construction) addState(label int32, earlier State) State {
	c.chain = append(c.chain, earlier)
	lo := uint32(len(c.arena))
	c.arena = append(c.arena, c.cur...)
	c.spans = append(c.spans, span{lo, uint32(len(c.arena))})
	c.d.label = append(c.d.label, label)
	return State(len(c.spans) - 1)
}

// same compares the collected set with a state's: equal size and every node stamped.
func (c *construction) same(s State) bool {
	sp := c.spans[s]
	if int(sp.hi-sp.lo) != len(c.cur) {
		return false
	}
	for _, n := range c.arena[sp.lo:sp.hi] {
		if c.stamp[n] != c.gen {
			return false
		}
	}
	return true
}

// accept returns the label of the collected set.
func (c *construction) accept() int32 {
	var rules []int32
	for _, n := range c.cur {
		rules = append(rules, c.b.nodes[n].rules...)
	}
	if len(rules) == 0 {
		return 0
	}
	slices.Sort(rules)
	rules = slices.Compact(rules)
	c.keys = c.keys[:0]
	for _, r := range rules {
		c.keys = append(c.keys, byte(r), byte(r>>8), byte(r>>16), byte(r>>24))
	}
	l, ok := c.accs[string(c.keys)]
	if !ok {
		l = int32(len(c.d.rules))
		c.accs[string(c.keys)] = l
		c.d.rules = append(c.d.rules, rules)
	}
	return l
}

// expand computes the transitions of s: the targets of its classes are the same for all bytes that the same wide
// edges cover, except where a literal adds to them.
func (c *construction) expand(s State) {
	d := c.d
	sp := c.spans[s]
	touched, wide := c.gather(c.arena[sp.lo:sp.hi])
	sig, nsig := c.signatures(wide)
	d.off = append(d.off, uint32(len(d.cls)))
	base := c.base[:0]
	for range nsig {
		base = append(base, -1)
	}
	c.base = base
	def := State(-1)
	for k := range d.rep {
		var t State
		if touched.Has(byte(k)) {
			t = c.target(wide, uint8(k))
			c.bucket[k] = c.bucket[k][:0]
		} else if t = base[sig[k]]; t < 0 {
			t = c.target(wide, uint8(k))
			base[sig[k]] = t
		}
		if def < 0 {
			def = t // class 0 gives the default
		} else if t != def {
			d.cls = append(d.cls, uint8(k))
			d.to = append(d.to, t)
		}
	}
	c.work += int64(len(d.rep))
	d.def = append(d.def, def)
}

// gather sorts the edges of a state: literals into buckets by class, wide edges by set.
func (c *construction) gather(nodes []int32) (touched Set, wide []wideEdge) {
	wide = c.wide[:0]
	for _, n := range nodes {
		nd := &c.b.nodes[n]
		for _, e := range nd.lit {
			k := c.d.class[e.b]
			touched.Add(k)
			c.bucket[k] = append(c.bucket[k], e.to)
		}
		wide = append(wide, nd.wide...)
	}
	if len(wide) > 1 {
		slices.SortFunc(wide, func(a, b wideEdge) int { return int(a.set) - int(b.set) })
	}
	c.wide = wide
	return touched, wide
}

// target returns the state reached by class k.
func (c *construction) target(wide []wideEdge, k uint8) State {
	c.begin()
	last, in := int32(-1), false
	for _, e := range wide {
		if e.set != last {
			last, in = e.set, c.cover[e.set].Has(k)
		}
		if in {
			c.reach(e.to)
		}
	}
	for _, t := range c.bucket[k] {
		c.reach(t)
	}
	c.work += int64(len(wide))
	return c.intern()
}
