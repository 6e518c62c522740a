package seccomp

import (
	"slices"

	"github.com/gostockade/stockade/internal/bpf"
)

// A graph is a program before it has a layout: an acyclic graph of tests and returns in which equal nodes are one node. The
// zero graph is empty. Nodes refer to earlier nodes only.
type graph struct {
	nodes []node
	table []nodeID // open-addressed hash table of nodes; 0 is free, else the id + 1

	nodeMemory  [256]node // of small graphs
	tableMemory [512]nodeID
}

type nodeID int32

// A node is a return of k, a test of one word of struct seccomp_data, or a piece of an outlined comparison.
type node struct {
	kind    nodeKind
	test    uint8 // bpf.TestEq, TestGe or TestSet
	word    uint8 // index of the word: its offset over 4
	mask    uint32
	k       uint32
	k2      uint32 // callNode only
	yes, no nodeID
}

type nodeKind uint8

const (
	retNode  nodeKind = iota // return k
	testNode                 // word & mask compared with k; mask is all ones for the bare word
	callNode                 // go to the comparison at yes with X = k and A = k2
	wideNode                 // compare the pair of words (hi in word, lo in k) with X:A; test is TestEq or TestGe
)

const allOnes = 0xffff_ffff

// A content is what the accumulator holds: a word of struct seccomp_data under a mask, or nothing known.
type content struct {
	word  uint8
	known bool
	mask  uint32
}

// needs returns what A must hold when the node's comparison begins.
func (n *node) needs() content {
	if n.kind != testNode {
		return content{}
	}
	return content{n.word, true, n.mask}
}

// leaves returns what A holds when the node's successors begin. It depends on the node alone, not on how control came to
// it, which is why no path can carry a stale word into a comparison.
func (n *node) leaves() content { return n.needs() }

func (g *graph) ret(value uint32) nodeID { return g.intern(node{kind: retNode, k: value}) }

// test returns the node that goes to yes if the comparison holds, else to no.
func (g *graph) test(word uint8, mask uint32, test uint8, k uint32, yes, no nodeID) nodeID {
	if yes == no || test == bpf.TestGe && k == 0 {
		return yes
	}
	return g.intern(node{kind: testNode, test: test, word: word, mask: mask, k: k, yes: yes, no: no})
}

func (g *graph) intern(n node) nodeID {
	if 2*len(g.nodes) >= len(g.table) {
		g.grow()
	}
	slot := n.hash() & uint32(len(g.table)-1)
	for g.table[slot] != 0 {
		if id := g.table[slot] - 1; g.nodes[id] == n {
			return id
		}
		slot = (slot + 1) & uint32(len(g.table)-1)
	}
	g.nodes = append(g.nodes, n)
	g.table[slot] = nodeID(len(g.nodes))
	return nodeID(len(g.nodes) - 1)
}

func (g *graph) grow() {
	size := 2 * len(g.table)
	if size == 0 {
		size = len(g.tableMemory)
		g.nodes, g.table = g.nodeMemory[:0], g.tableMemory[:]
	} else {
		g.nodes = slices.Grow(g.nodes, size/2-len(g.nodes))
		g.table = make([]nodeID, size)
	}
	for id := range g.nodes {
		slot := g.nodes[id].hash() & uint32(size-1)
		for g.table[slot] != 0 {
			slot = (slot + 1) & uint32(size-1)
		}
		g.table[slot] = nodeID(id + 1)
	}
}

func (n *node) hash() uint32 {
	const mul = 0x9e37_79b1 // 2^32 over the golden ratio
	h := uint32(n.kind)<<16 | uint32(n.test)<<8 | uint32(n.word)
	for _, v := range [...]uint32{n.mask, n.k, n.k2, uint32(n.yes), uint32(n.no)} {
		h = (h ^ v) * mul
		h ^= h >> 15
	}
	return h
}
