package dfa

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Reduce returns a builder for the same language in which rules of equal key are one: its rules are the keys. Nodes from
// which the same strings lead to the same keys are merged.
//
// With every rule its own key, an automaton must remember which of the rules seen so far matched, and rules such as
// /**a/**, /**b/** make that exponential. Rules of one key need no telling apart, and their common tails make one node.
func (b *Builder) Reduce(key func(rule int32) int32) *Builder {
	r := reducer{b: b, key: key, to: make([]int32, len(b.nodes)), memo: make(map[string]int32, len(b.nodes))}
	for i := range r.to {
		r.to[i] = unseen
	}
	r.out = &Builder{limits: b.limits, nodes: make([]node, 1, len(b.nodes)), trie: map[trieKey]int32{}, atoms: map[string]int32{}, sets: b.sets, list: b.list}
	r.run()
	return r.out
}

// States of reducer.to other than a node of the result.
const (
	unseen = -1
	open   = -2 // on the stack: reaching it again is a cycle
)

type reducer struct {
	b    *Builder
	out  *Builder
	key  func(rule int32) int32
	to   []int32          // node -> node of out
	memo map[string]int32 // what a node does -> node of out
	sig  []byte
}

// run visits the nodes depth first, so that a node is looked at after those it leads to. A node in a cycle longer than a
// loop to itself keeps a node of its own.
func (r *reducer) run() {
	r.to[0] = 0
	type frame struct {
		n    int32
		next int
	}
	stack := []frame{{0, 0}}
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		succ := r.successor(f.n, f.next)
		f.next++
		switch {
		case succ == unseen:
			r.finish(f.n)
			stack = stack[:len(stack)-1]
		case r.to[succ] == unseen:
			r.to[succ] = open
			stack = append(stack, frame{succ, 0})
		case r.to[succ] == open && succ != f.n:
			r.to[succ] = r.fresh()
		}
	}
}

// successor returns the i-th node that n leads to, or unseen after the last.
func (r *reducer) successor(n int32, i int) int32 {
	nd := &r.b.nodes[n]
	if i < len(nd.lit) {
		return nd.lit[i].to
	}
	i -= len(nd.lit)
	if i < len(nd.wide) {
		return nd.wide[i].to
	}
	i -= len(nd.wide)
	if i < len(nd.eps) {
		return nd.eps[i]
	}
	return unseen
}

func (r *reducer) fresh() int32 {
	r.out.nodes = append(r.out.nodes, node{})
	return int32(len(r.out.nodes) - 1)
}

// finish gives n its node in the result: one that does the same, or a new one. The start and nodes in cycles have theirs.
func (r *reducer) finish(n int32) {
	own := r.to[n]
	nd := r.translate(n)
	if own == open {
		sig := r.signature(&nd)
		if same, ok := r.memo[string(sig)]; ok {
			r.to[n] = same
			return
		}
		own = r.fresh()
		r.memo[string(sig)] = own
		r.to[n] = own
	}
	for i := range nd.wide {
		if nd.wide[i].to == open {
			nd.wide[i].to = own
		}
	}
	r.out.nodes[own] = nd
}

// translate rewrites n's edges to nodes of the result; a loop to itself stays open.
func (r *reducer) translate(n int32) node {
	src := &r.b.nodes[n]
	nd := node{lit: slices.Clone(src.lit), wide: slices.Clone(src.wide), eps: slices.Clone(src.eps)}
	for i := range nd.lit {
		nd.lit[i].to = r.to[nd.lit[i].to]
	}
	for i := range nd.wide {
		nd.wide[i].to = r.to[nd.wide[i].to]
	}
	for i := range nd.eps {
		nd.eps[i] = r.to[nd.eps[i]]
	}
	for _, rule := range src.rules {
		nd.rules = append(nd.rules, r.key(rule))
	}
	slices.SortFunc(nd.lit, func(a, b litEdge) int { return cmp.Or(cmp.Compare(a.b, b.b), cmp.Compare(a.to, b.to)) })
	slices.SortFunc(nd.wide, func(a, b wideEdge) int { return cmp.Or(cmp.Compare(a.set, b.set), cmp.Compare(a.to, b.to)) })
	slices.Sort(nd.eps)
	slices.Sort(nd.rules)
	nd.lit, nd.wide = slices.Compact(nd.lit), slices.Compact(nd.wide)
	nd.eps, nd.rules = slices.Compact(nd.eps), slices.Compact(nd.rules)
	return nd
}

func (r *reducer) signature(nd *node) []byte {
	s := r.sig[:0]
	put := func(vs ...int32) {
		for _, v := range vs {
			s = binary.LittleEndian.AppendUint32(s, uint32(v))
		}
	}
	put(int32(len(nd.lit)), int32(len(nd.wide)), int32(len(nd.eps)))
	for _, e := range nd.lit {
		put(int32(e.b), e.to)
	}
	for _, e := range nd.wide {
		put(e.set, e.to)
	}
	put(nd.eps...)
	put(nd.rules...)
	r.sig = s
	return s
}
