// Package bdd represents functions from many input bits to a 32-bit value exactly: multi-terminal binary decision diagrams, reduced, ordered and
// hash-consed, so that two functions are equal if and only if they are the same Node of the same Graph.
//
// The order of the variables is their number. Words are numbered from their most significant bit, which keeps comparisons with constants,
// the bulk of what a seccomp filter does, at one node per bit.
package bdd

import "fmt"

// Node names a function within its Graph. False and True are the same in every Graph.
type Node uint32

// The constant functions 0 and 1. A function with no other values is a condition.
const (
	False Node = 0
	True  Node = 1
)

const (
	terminal = 1 << 31 // level of a constant: below every variable
	minTable = 1 << 10
	minCache = 1 << 9
)

// LimitError says that a Graph needed more nodes or steps than it was allowed. Every result after it is meaningless.
type LimitError struct {
	Nodes int // the limit, in nodes
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the decision diagram is over its limit of %d nodes", e.Nodes)
}

// Graph holds the nodes. It is not safe for concurrent use.
//
// A Graph that has passed its limit stays failed: its operations return at once, with meaningless results, and Err says why. Ask Err before
// using a result.
type Graph struct {
	nodes []node
	table []Node // open addressing, 0 is a free slot
	cache []cacheEntry
	limit int
	steps int // operations left
	err   error
}

type node struct {
	level  uint32 // variable, or terminal
	lo, hi Node   // function where the variable is 0 and 1; lo of a terminal is its value
}

type cacheEntry struct{ f, t, e, r Node }

// stepsPerNode bounds the work, and so the time, of a Graph in proportion to its size.
const stepsPerNode = 64

// New returns a Graph that may hold limit nodes.
func New(limit int) *Graph {
	g := &Graph{limit: limit, steps: limit * stepsPerNode}
	g.nodes = append(make([]node, 0, minTable/2), node{level: terminal, lo: 0}, node{level: terminal, lo: 1})
	g.table = make([]Node, minTable)
	g.insert(True)
	g.cache = make([]cacheEntry, minCache)
	return g
}

// Err is nil, or a *LimitError once the Graph has passed its limit.
func (g *Graph) Err() error { return g.err }

// Len is the number of nodes.
func (g *Graph) Len() int { return len(g.nodes) }

// Terminal returns the constant function v.
func (g *Graph) Terminal(v uint32) Node {
	if v == 0 {
		return False
	}
	return g.intern(node{level: terminal, lo: Node(v)})
}

// Value returns the value of a constant function, and false for any other.
func (g *Graph) Value(n Node) (v uint32, ok bool) {
	nd := &g.nodes[n]
	return uint32(nd.lo), nd.level == terminal
}

// Var returns the condition that variable v is 1.
func (g *Graph) Var(v int) Node { return g.branch(uint32(v), False, True) }

// branch returns the function that is lo where the variable is 0 and hi where it is 1; both depend on later variables only.
func (g *Graph) branch(level uint32, lo, hi Node) Node {
	if lo == hi {
		return lo
	}
	return g.intern(node{level, lo, hi})
}

func (g *Graph) intern(nd node) Node {
	mask := uint32(len(g.table) - 1)
	i := nd.hash() & mask
	for ; g.table[i] != 0; i = (i + 1) & mask {
		if n := g.table[i]; g.nodes[n] == nd {
			return n
		}
	}
	if len(g.nodes) >= g.limit || g.err != nil {
		g.fail()
		return False
	}
	n := Node(len(g.nodes))
	g.nodes = append(g.nodes, nd)
	g.table[i] = n
	if 2*len(g.nodes) > len(g.table) {
		g.grow()
	}
	return n
}

func (g *Graph) fail() {
	if g.err == nil {
		g.err = &LimitError{Nodes: g.limit}
	}
}

func (g *Graph) grow() {
	g.table = make([]Node, 2*len(g.table))
	for n := 1; n < len(g.nodes); n++ {
		g.insert(Node(n))
	}
	old := g.cache
	g.cache = make([]cacheEntry, 2*len(old))
	for _, e := range old {
		g.cache[hash3(e.f, e.t, e.e)&uint32(len(g.cache)-1)] = e
	}
}

func (g *Graph) insert(n Node) {
	mask := uint32(len(g.table) - 1)
	i := g.nodes[n].hash() & mask
	for g.table[i] != 0 {
		i = (i + 1) & mask
	}
	g.table[i] = n
}

func (nd node) hash() uint32 { return hash3(Node(nd.level), nd.lo, nd.hi) }

// hash3 mixes three words with odd 64-bit multipliers and keeps the well-mixed upper bits.
func hash3(a, b, c Node) uint32 {
	h := (uint64(a)<<32 | uint64(b)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ uint64(c)) * 0xbf58476d1ce4e5b9
	return uint32(h >> 32)
}
