package dfa

// Minimize returns the smallest automaton with the same labels. States are numbered in breadth-first order, so equal
// inputs give equal automata.
//
// It refines a partition of the states, looking again only at states one of whose successors moved to a new block.
func (d *DFA) Minimize() *DFA {
	p := newPartition(d)
	dirty := make([]State, d.Len())
	for i := range dirty {
		dirty[i] = State(i)
	}
	for len(dirty) > 0 {
		dirty = p.refine(dirty)
	}
	return p.quotient()
}

// partition is a partition of the states into blocks that are not yet known to differ.
type partition struct {
	d       *DFA
	block   []int32
	members [][]State // block -> states
	inOff   []uint32  // state -> its predecessors in in
	in      []State
	mark    []bool
	sig     []uint64
}

func newPartition(d *DFA) *partition {
	p := &partition{d: d, block: make([]int32, d.Len()), mark: make([]bool, d.Len()), sig: make([]uint64, d.Len())}
	ids := make([]int32, d.Labels())
	for s, l := range d.label {
		if ids[l] == 0 {
			p.members = append(p.members, nil)
			ids[l] = int32(len(p.members))
		}
		b := ids[l] - 1
		p.block[s] = b
		p.members[b] = append(p.members[b], State(s))
	}
	p.invert()
	return p
}

func (p *partition) invert() {
	d := p.d
	p.inOff = make([]uint32, d.Len()+1)
	each := func(f func(from, to State)) {
		for s := range d.def {
			f(State(s), d.def[s])
			for _, t := range d.to[d.off[s]:d.off[s+1]] {
				f(State(s), t)
			}
		}
	}
	each(func(_, to State) { p.inOff[to+1]++ })
	for i := 1; i < len(p.inOff); i++ {
		p.inOff[i] += p.inOff[i-1]
	}
	p.in = make([]State, p.inOff[d.Len()])
	fill := append([]uint32(nil), p.inOff...)
	each(func(from, to State) {
		p.in[fill[to]] = from
		fill[to]++
	})
}

// hash summarises where a state leads, block by block. Exceptions that lead to the default's block do not count.
func (p *partition) hash(s State) uint64 {
	d := p.d
	def := p.block[d.def[s]]
	h := uint64(def)*0x9e3779b97f4a7c15 + 1
	for i := d.off[s]; i < d.off[s+1]; i++ {
		if b := p.block[d.to[i]]; b != def {
			h = (h ^ (uint64(d.cls[i])<<32 | uint64(uint32(b)))) * 0x100000001b3
			h ^= h >> 31
		}
	}
	return h
}

// equal reports whether two states lead to the same blocks.
func (p *partition) equal(s, t State) bool {
	d := p.d
	def := p.block[d.def[s]]
	if def != p.block[d.def[t]] {
		return false
	}
	i, j := d.off[s], d.off[t]
	for {
		for i < d.off[s+1] && p.block[d.to[i]] == def {
			i++
		}
		for j < d.off[t+1] && p.block[d.to[j]] == def {
			j++
		}
		if i == d.off[s+1] || j == d.off[t+1] {
			return i == d.off[s+1] && j == d.off[t+1]
		}
		if d.cls[i] != d.cls[j] || p.block[d.to[i]] != p.block[d.to[j]] {
			return false
		}
		i++
		j++
	}
}

// refine splits the blocks of the dirty states by where they lead now, and returns the states to look at next. All
// splits of a round see the partition as it was when the round began: a clean state is one that still agrees with the
// clean rest of its block, and that holds for the old partition only.
func (p *partition) refine(dirty []State) []State {
	byBlock := make(map[int32][]State)
	var order []int32
	for _, s := range dirty {
		p.sig[s] = p.hash(s)
		b := p.block[s]
		if len(byBlock[b]) == 0 {
			order = append(order, b)
		}
		byBlock[b] = append(byBlock[b], s)
	}
	var moved []State
	before := len(p.members)
	for _, b := range order {
		if len(p.members[b]) > 1 {
			moved = p.split(b, byBlock[b], moved)
		}
	}
	for id, g := range p.members[before:] {
		for _, s := range g {
			p.block[s] = int32(before + id)
		}
	}
	return p.predecessors(moved)
}

// split groups the dirty states of one block with each other and with its clean states; every group but the largest
// becomes a new block.
func (p *partition) split(b int32, dirty []State, moved []State) []State {
	for _, s := range dirty {
		p.mark[s] = true
	}
	var groups [][]State
	byHash := make(map[uint64][]int)
	add := func(s State) {
		for _, g := range byHash[p.sig[s]] {
			if p.equal(groups[g][0], s) {
				groups[g] = append(groups[g], s)
				return
			}
		}
		byHash[p.sig[s]] = append(byHash[p.sig[s]], len(groups))
		groups = append(groups, []State{s})
	}
	var clean []State
	for _, s := range p.members[b] {
		if !p.mark[s] {
			clean = append(clean, s)
		}
	}
	if len(clean) > 0 {
		p.sig[clean[0]] = p.hash(clean[0])
		add(clean[0])
		groups[0] = append(groups[0], clean[1:]...)
	}
	for _, s := range dirty {
		p.mark[s] = false
		add(s)
	}
	return p.settle(b, groups, moved)
}

func (p *partition) settle(b int32, groups [][]State, moved []State) []State {
	if len(groups) == 1 {
		return moved
	}
	keep := 0
	for i, g := range groups {
		if len(g) > len(groups[keep]) {
			keep = i
		}
	}
	p.members[b] = groups[keep]
	for i, g := range groups {
		if i == keep {
			continue
		}
		p.members = append(p.members, g)
		moved = append(moved, g...)
	}
	return moved
}

func (p *partition) predecessors(moved []State) []State {
	var next []State
	for _, s := range moved {
		for _, t := range p.in[p.inOff[s]:p.inOff[s+1]] {
			if !p.mark[t] {
				p.mark[t] = true
				next = append(next, t)
			}
		}
	}
	for _, s := range next {
		p.mark[s] = false
	}
	return next
}

// quotient builds the automaton of blocks. Dead and Start keep their numbers.
func (p *partition) quotient() *DFA {
	d := p.d
	out := &DFA{class: d.class, rep: d.rep, rules: d.rules}
	num := make([]State, len(p.members))
	for i := range num {
		num[i] = -1
	}
	var order []State
	visit := func(s State) State {
		b := p.block[s]
		if num[b] < 0 {
			num[b] = State(len(order))
			order = append(order, s)
		}
		return num[b]
	}
	visit(Dead)
	if p.block[Start] == p.block[Dead] {
		order = append(order, Start) // the empty language still has two states
	} else {
		visit(Start)
	}
	for i := 0; i < len(order); i++ {
		s := order[i]
		out.label = append(out.label, d.label[s])
		out.off = append(out.off, uint32(len(out.cls)))
		def := visit(d.def[s])
		out.def = append(out.def, def)
		for j := d.off[s]; j < d.off[s+1]; j++ {
			if t := visit(d.to[j]); t != def {
				out.cls = append(out.cls, d.cls[j])
				out.to = append(out.to, t)
			}
		}
	}
	out.off = append(out.off, uint32(len(out.cls)))
	return out
}

// Relabel returns the automaton with every label mapped by f, which is called once for each label in use; the empty
// label 0 is mapped too. f's results become the labels, so they should be small and dense, with 0 for nothing. Rules
// are forgotten. States are shared with d, not copied.
func (d *DFA) Relabel(f func(rules []int32) int32) *DFA {
	to := make([]int32, len(d.rules))
	for l, r := range d.rules {
		to[l] = f(r)
	}
	out := *d
	out.rules = nil
	out.label = make([]int32, len(d.label))
	for s, l := range d.label {
		out.label[s] = to[l]
	}
	return &out
}
