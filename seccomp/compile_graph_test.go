package seccomp

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gostockade/stockade/internal/bpf"
)

// walk follows a graph of returns and tests for one input.
func (g *graph) walk(id nodeID, in *bpf.Input) uint32 {
	for {
		n := &g.nodes[id]
		if n.kind == retNode {
			return n.k
		}
		v := in[n.word] & n.mask
		yes := map[uint8]bool{bpf.TestEq: v == n.k, bpf.TestGe: v >= n.k, bpf.TestSet: v&n.k != 0}[n.test]
		if id = n.no; yes {
			id = n.yes
		}
	}
}

// randomGraph makes a graph in which many nodes share their successors, far and near.
func randomGraph(rnd *rand.Rand, size int) (*graph, nodeID) {
	g := &graph{}
	for i := range uint32(1 + rnd.IntN(6)) {
		g.ret(i)
	}
	words, masks := []uint8{0, 1, 4, 5, 6}, []uint32{allOnes, allOnes, allOnes, 0xff, 6}
	reach := 1 + rnd.IntN(40)
	older := func() nodeID {
		if rnd.IntN(3) == 0 {
			return nodeID(rnd.IntN(len(g.nodes)))
		}
		return nodeID(max(len(g.nodes)-1-rnd.IntN(reach), 0))
	}
	root := nodeID(0)
	for len(g.nodes) < size {
		test := pick(rnd, []uint8{bpf.TestEq, bpf.TestGe, bpf.TestSet})
		last := nodeID(len(g.nodes) - 1)
		root = g.test(pick(rnd, words), pick(rnd, masks), test, 1+rnd.Uint32N(9), last, older())
		if root == last {
			g.ret(uint32(len(g.nodes))) // the graph would not grow
		}
	}
	return g, root
}

// TestLayout compares programs with the graphs they were made of.
func TestLayout(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		g, root := randomGraph(rnd, 2+rnd.IntN(900))
		var l layout
		code := l.assemble(g, root)
		if len(code) > MaxInstructions {
			continue
		}
		if err := bpf.Check(code); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 300 {
			var in bpf.Input
			for i := range in {
				in[i] = rnd.Uint32N(12)
			}
			want := g.walk(root, &in)
			if got, _, err := bpf.Run(code, &in); err != nil || got != want {
				t.Fatalf("seed %d: %#x (%v), want %#x for %v\n%s", seed, got, err, want, in, bpf.Disassemble(code, false, nil))
			}
		}
	}
}

// randomLeaves draws a list of leaves that cover all values, with a few targets that come again and again.
func randomLeaves(rnd *rand.Rand, g *graph, n int) []leaf {
	cuts := []uint32{0}
	for len(cuts) < n {
		at := rnd.Uint32N(uint32(4 * n))
		cuts = append(cuts, at, at+1)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	list := make([]leaf, len(cuts))
	for i, lo := range cuts {
		list[i] = leaf{lo, allOnes, g.ret(rnd.Uint32N(1 + rnd.Uint32N(4))), rnd.Uint32N(100)}
		if i > 0 {
			list[i-1].hi = lo - 1
		}
	}
	return list
}

// TestTree compares comparison trees with the lists of leaves they were made of.
func TestTree(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 8))
		g := &graph{}
		list := randomLeaves(rnd, g, 1+rnd.IntN(150))
		tree := treeBuilder{g: g}
		root := tree.tree(wordNr, allOnes, slices.Clone(list), pick(rnd, []uint32{0, numberInstr, argInstr}))
		for _, l := range list {
			for _, v := range []uint32{l.lo, l.hi, l.lo + (l.hi-l.lo)/2} {
				in := bpf.Input{wordNr: v}
				if got, want := g.walk(root, &in), g.nodes[l.to].k; got != want {
					t.Fatalf("seed %d: %d goes to %d, want %d", seed, v, got, want)
				}
			}
		}
	}
}

// TestTreeIsGood compares the expected number of comparisons with what the best tree of halving comparisons alone needs, found by
// trying all.
func TestTreeIsGood(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		g := &graph{}
		tree := treeBuilder{g: g}
		tree.merge(randomLeaves(rnd, g, 2+rnd.IntN(30)))
		list := slices.Clone(tree.leaves)
		root := tree.tree(wordNr, allOnes, slices.Clone(list), 0)
		got, best := g.comparisons(root, list), bestHalving(list)
		if got > best+best/20 {
			t.Errorf("seed %d: %d comparisons, weighted, of %d leaves; halving needs %d", seed, got, len(list), best)
		}
	}
}

// comparisons returns the sum over the leaves of their weight times the tests on the way to them.
func (g *graph) comparisons(root nodeID, list []leaf) uint64 {
	sum := uint64(0)
	for _, l := range list {
		for id := root; g.nodes[id].kind == testNode; sum += uint64(l.weight) {
			n := &g.nodes[id]
			if id = n.no; n.test == bpf.TestEq && l.lo == n.k && l.hi == n.k || n.test == bpf.TestGe && l.lo >= n.k {
				id = n.yes
			}
		}
	}
	return sum
}

func bestHalving(list []leaf) uint64 {
	n := len(list)
	cost := make([][]uint64, n)
	for i := n - 1; i >= 0; i-- {
		cost[i] = make([]uint64, n)
		weight := uint64(list[i].weight)
		for j := i + 1; j < n; j++ {
			weight += uint64(list[j].weight)
			best := ^uint64(0)
			for m := i + 1; m <= j; m++ {
				best = min(best, cost[i][m-1]+cost[m][j])
			}
			cost[i][j] = best + weight
		}
	}
	return cost[0][n-1]
}

// TestLayoutPushedAway writes a jump whose first target is just within reach until its second one is written.
func TestLayoutPushedAway(t *testing.T) {
	g := &graph{}
	far, none := g.ret(7), g.ret(8)
	n := g.nodes[g.test(wordNr, allOnes, bpf.TestEq, 1, far, none)]
	l := layout{g: g, sites: []site{{at: -1}, {at: -1}, {at: -1}}}
	l.reach(far, enterCompare, 0)
	for len(l.code) <= maxJump {
		l.emit(loadWord(wordArch))
	}
	if !l.reaches(l.sites[far].at, 0) {
		t.Fatal("the target is too far from the start")
	}
	l.branch(&n)
	l.emit(loadWord(wordNr))
	slices.Reverse(l.code)
	for nr, want := range []uint32{1: 7, 2: 8} {
		in := bpf.Input{wordNr: uint32(nr)}
		if got, _, err := bpf.Run(l.code, &in); nr > 0 && (err != nil || got != want) {
			t.Errorf("number %d: %d (%v), want %d", nr, got, err, want)
		}
	}
}
