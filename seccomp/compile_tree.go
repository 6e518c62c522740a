package seccomp

import (
	"slices"
	"sort"

	"github.com/gostockade/stockade/internal/bpf"
)

// A leaf is an interval of a word's values that all go to one node. A list of leaves is ascending and covers all values.
type leaf struct {
	lo, hi uint32
	to     nodeID
	weight uint32 // how often a value falls here, relative to the others of its list
}

// A treeBuilder turns lists of leaves into comparison trees. It keeps its tables between lists.
type treeBuilder struct {
	g      *graph
	word   uint8  // what the tree at hand tests
	mask   uint32 // under this mask
	instr  uint32 // cost of a comparison more in the program
	leaves []leaf
	sum    []uint32 // sum[i] is the weight of leaves[:i]
	// The best tree over leaves first+i to first+j, at i*window+j: its cost, and where it splits, as the first leaf of its upper
	// part less first, with chain set where a chain is better.
	cost [window * window]uint32
	root [window * window]uint8

	sumMemory [160]uint32
}

const (
	// window is the longest list for which the best tree is sought, in time and memory that grow with its square; longer ones
	// are first split by weight, which costs next to nothing in the result.
	window = 32
	// maxWeight is the weight all leaves of a list are scaled to together, so that costs fit 32 bits.
	maxWeight = 1 << 20
	// maxHoles is how many single values a chain tests one after the other.
	maxHoles = 3

	chain = 0x80
)

// tree returns a node that tests the word under the mask and goes where the leaf of its value goes. It minimises the expected
// number of comparisons, plus instr for each comparison in the program, all leaves together weighing maxWeight. A comparison
// either halves an interval or asks for a single value that lies between leaves that go the same way, so that they merge.
// The list's memory is used.
func (t *treeBuilder) tree(word uint8, mask uint32, list []leaf, instr uint32) nodeID {
	t.word, t.mask, t.instr = word, mask, instr
	t.merge(list)
	if h := t.heaviest(); h > 0 {
		hole, around := t.leaves[h], t.leaves[h-1]
		around.hi, around.weight = t.leaves[h+1].hi, around.weight+t.leaves[h+1].weight
		rest := t.tree(word, mask, slices.Replace(t.leaves, h-1, h+2, around), instr)
		return t.g.test(word, mask, bpf.TestEq, hole.lo, hole.to, rest)
	}
	return t.span(0, len(t.leaves)-1)
}

// heaviest returns a single value between leaves that go the same way which is so frequent that it is best asked for first, or
// 0. It saves itself one comparison, and costs all others one unless they gain by the joining of its neighbours.
func (t *treeBuilder) heaviest() int {
	for i := 1; i+1 < len(t.leaves); i++ {
		if l := &t.leaves[i]; l.lo == l.hi && l.weight > maxWeight/2 && t.leaves[i-1].to == t.leaves[i+1].to {
			return i
		}
	}
	return 0
}

// merge joins neighbours that go the same way and scales the weights.
func (t *treeBuilder) merge(list []leaf) {
	total := uint64(1)
	t.leaves = list[:0]
	for _, l := range list {
		total += uint64(l.weight)
		if last := len(t.leaves) - 1; last >= 0 && t.leaves[last].to == l.to {
			t.leaves[last].hi = l.hi
			t.leaves[last].weight += l.weight
			continue
		}
		t.leaves = append(t.leaves, l)
	}
	if t.sum == nil {
		t.sum = t.sumMemory[:0]
	}
	t.sum = slices.Grow(t.sum[:0], len(t.leaves)+1)
	t.sum = append(t.sum, 0)
	for i := range t.leaves {
		l := &t.leaves[i]
		l.weight = uint32(uint64(l.weight) * maxWeight / total)
		t.sum = append(t.sum, t.sum[i]+l.weight)
	}
}

func (t *treeBuilder) weight(i, j int) uint32 { return t.sum[j+1] - t.sum[i] }

// span returns the tree over leaves i to j.
func (t *treeBuilder) span(i, j int) nodeID {
	switch {
	case i == j:
		return t.leaves[i].to
	case i+1 == j && t.leaves[i].lo == t.leaves[i].hi:
		return t.g.test(t.word, t.mask, bpf.TestEq, t.leaves[i].lo, t.leaves[i].to, t.leaves[j].to)
	case i+1 == j:
		return t.g.test(t.word, t.mask, bpf.TestGe, t.leaves[j].lo, t.leaves[j].to, t.leaves[i].to)
	case j-i < window:
		t.solve(i, j)
		return t.build(i, j, i)
	}
	middle := t.sum[i] + t.weight(i, j)/2
	m := i + sort.Search(j-i, func(k int) bool { return t.sum[i+k] >= middle })
	if m > i && middle-t.sum[m-1] < t.sum[m]-middle {
		m--
	}
	m = min(max(m, i+1+(j-i)/8), j-(j-i)/8)
	upper := t.span(m, j)
	return t.g.test(t.word, t.mask, bpf.TestGe, t.leaves[m].lo, upper, t.span(i, m-1))
}

// solve fills cost and root for leaves first to last. The best split of i..j is sought between those of i..j-1 and i+1..j
// (Knuth, Optimum Binary Search Trees, 1971), which the chains make a heuristic: a tree may miss the optimum but is correct.
func (t *treeBuilder) solve(first, last int) {
	n := last - first + 1
	sum, leaves := t.sum[first:], t.leaves[first:last+1]
	cost, root := &t.cost, &t.root
	for i := n - 1; i >= 0; i-- {
		row := i * window
		cost[row+i], root[row+i] = 0, uint8(i)
		chains := [...]chainState{{base: leaves[i].to}, {base: leaves[min(i+1, n-1)].to}}
		chains[1].add(&leaves[i])
		for j := i + 1; j < n; j++ {
			from := max(int(root[row+j-1]&^chain), i+1)
			to := max(from, min(int(root[row+window+j]&^chain), j))
			best, at := uint32(allOnes), uint8(0)
			for m := from; m <= to; m++ {
				if c := cost[row+m-1] + cost[m*window+j]; c < best {
					best, at = c, uint8(m)
				}
			}
			weight := sum[j+1] - sum[i]
			best += weight + t.instr
			for c := range chains {
				if s := &chains[c]; s.add(&leaves[j]) {
					if c := s.cost(weight, t.instr); c <= best {
						best, at = c, at|chain
					}
				}
			}
			cost[row+j], root[row+j] = best, at
		}
	}
}

// A chainState follows an interval of leaves as it grows upwards, as long as it could be tested by a chain of comparisons with
// single values, its holes, behind which everything goes to base.
type chainState struct {
	base    nodeID
	weights [maxHoles]uint32 // of the holes, heaviest first
	n       int              // how many there are; more than maxHoles if the interval is no chain
}

// add takes a leaf into the interval and reports whether a chain can still test it.
func (s *chainState) add(l *leaf) bool { return s.n <= maxHoles && s.addHole(l) }

func (s *chainState) addHole(l *leaf) bool {
	switch {
	case l.to == s.base:
		return true
	case s.n == maxHoles || l.lo != l.hi:
		s.n = maxHoles + 1
		return false
	}
	at := s.n
	for ; at > 0 && s.weights[at-1] < l.weight; at-- {
		s.weights[at] = s.weights[at-1]
	}
	s.weights[at] = l.weight
	s.n++
	return true
}

// cost returns what the chain costs for an interval of that weight.
func (s *chainState) cost(weight, instr uint32) uint32 {
	cost := uint32(0)
	for _, w := range s.weights[:s.n] {
		cost += weight + instr
		weight -= w
	}
	return cost
}

// holes finds the single values that must be asked for to make leaves i..j one, heaviest first, and where the rest goes.
func (t *treeBuilder) holes(i, j int, buf *[maxHoles]int) (holes []int, rest nodeID, ok bool) {
	for _, base := range [...]int{i, min(i+1, j)} {
		rest, holes, ok = t.leaves[base].to, buf[:0], true
		for m := i; m <= j && ok; m++ {
			switch l := &t.leaves[m]; {
			case l.to == rest:
			case l.lo != l.hi || len(holes) == maxHoles:
				ok = false
			default:
				holes = append(holes, m)
			}
		}
		if ok {
			slices.SortStableFunc(holes, func(a, b int) int { return int(t.leaves[b].weight) - int(t.leaves[a].weight) })
			return holes, rest, true
		}
	}
	return nil, 0, false
}

// build makes the nodes of the best tree over leaves i..j; first is the leaf that the tables begin with.
func (t *treeBuilder) build(i, j, first int) nodeID {
	if i == j {
		return t.leaves[i].to
	}
	root := t.root[(i-first)*window+j-first]
	if root&chain == 0 {
		m := first + int(root)
		upper := t.build(m, j, first)
		return t.g.test(t.word, t.mask, bpf.TestGe, t.leaves[m].lo, upper, t.build(i, m-1, first))
	}
	var buf [maxHoles]int
	holes, to, _ := t.holes(i, j, &buf)
	for _, h := range slices.Backward(holes) {
		l := &t.leaves[h]
		to = t.g.test(t.word, t.mask, bpf.TestEq, l.lo, l.to, to)
	}
	return to
}
