package seccomp

import (
	"slices"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

// A layout turns a graph into instructions. It writes the program from its end, every node after both its successors, so that
// jumps go forward and their distances are known when they are written. Where a conditional jump cannot reach its target, whose
// distance must fit eight bits, it goes to a copy of the return it wants or to an unconditional jump, either right behind it.
type layout struct {
	g     *graph
	code  []bpf.RawInstruction // the program backwards
	sites []site               // by node

	codeMemory [384]bpf.RawInstruction // of small programs
	siteMemory [256]site
}

// A site is where a node's code is. Positions count from the end of the program.
type site struct {
	size  uint32 // nodes below, counted once for each way to them
	loads uint8  // which of the instructions before its comparison some predecessor needs
	done  bool
	at    int32 // of its comparison, the return for returns; -1 before
	hops  [entries]int32
}

// The ways into a node's code.
const (
	enterLoad    = iota // load the word, then as below
	enterMask           // A has the word: apply the mask, then as below
	enterCompare        // A has what is compared
	entries
)

const maxJump = 255 // distance of a conditional jump

// entry returns where control coming with A holding c enters the node.
func (n *node) entry(c content) int {
	want := n.needs()
	switch {
	case n.kind != testNode || c == want:
		return enterCompare
	case want.mask != allOnes && c == content{want.word, true, allOnes}:
		return enterMask
	}
	return enterLoad
}

// assemble returns the program that starts at root.
func (l *layout) assemble(g *graph, root nodeID) []bpf.RawInstruction {
	l.g, l.code, l.sites = g, l.codeMemory[:0], slices.Grow(l.siteMemory[:0], len(g.nodes))[:len(g.nodes)]
	for i := range l.sites {
		l.sites[i] = site{at: -1, hops: [entries]int32{-1, -1, -1}}
	}
	l.measure(root)
	l.sites[root].loads |= 1 << g.nodes[root].entry(content{})
	if g.nodes[root].kind == retNode {
		l.emit(bpf.RawInstruction{Op: bpfx.RetK, K: g.nodes[root].k})
	} else {
		l.place(root)
	}
	slices.Reverse(l.code)
	return slices.Clone(l.code) // of its own size, whatever it grew to
}

// measure notes for the nodes below id how large they are and how they are entered.
func (l *layout) measure(id nodeID) uint32 {
	n, s := &l.g.nodes[id], &l.sites[id]
	if n.kind == retNode || s.size > 0 {
		return s.size
	}
	size := uint64(1)
	for i, to := range [...]nodeID{n.yes, n.no} {
		if i > 0 && n.yes == n.no {
			break
		}
		size += uint64(l.measure(to))
		l.sites[to].loads |= 1 << l.g.nodes[to].entry(n.leaves())
	}
	s.size = uint32(min(size, allOnes))
	return s.size
}

// place writes the node and all below it, the larger successor first, so that the smaller one stands next to the node and the
// jump over it is short.
func (l *layout) place(id nodeID) {
	n, s := &l.g.nodes[id], &l.sites[id]
	if n.kind == retNode || s.done {
		return
	}
	s.done = true
	first, second := n.yes, n.no
	if l.sites[first].size < l.sites[second].size {
		first, second = second, first
	}
	l.place(first)
	l.place(second)
	switch n.kind {
	case testNode:
		l.placeTest(n, s)
	case callNode:
		l.placeCall(n, s)
	case wideNode:
		l.placeWide(n, s)
	}
}

func (l *layout) placeTest(n *node, s *site) {
	l.branch(n)
	s.at = l.last()
	if n.mask != allOnes && s.loads&(1<<enterLoad|1<<enterMask) != 0 {
		l.emit(bpf.RawInstruction{Op: bpfx.ClassALU | bpfx.OpAnd, K: n.mask})
	}
	if s.loads&(1<<enterLoad) != 0 {
		l.emit(loadWord(n.word))
	}
}

// placeCall writes the caller of an outlined comparison: X:A = the value, go there.
func (l *layout) placeCall(n *node, s *site) {
	l.emit(bpf.RawInstruction{Op: bpfx.Ja, K: uint32(l.last() - l.sites[n.yes].at)})
	l.emit(bpf.RawInstruction{Op: bpfx.LdImm, K: n.k2})
	l.emit(bpf.RawInstruction{Op: bpfx.LdxImm, K: n.k})
	s.at = l.last()
}

// placeWide writes an outlined comparison of a 64-bit argument with X:A.
//
//	st   M[0]
//	ld   upper word
//	jgt  x, yes               if it is >=
//	jeq  x, next, no
//	ldx  M[0]
//	ld   lower word
//	jeq  x, yes, no           or jge
//
// Nothing may come between, not even a return that others share: the kernel's check that scratch memory is written before it
// is read (check_load_and_stores) takes what it knows before a return to hold behind it.
func (l *layout) placeWide(n *node, s *site) {
	yes, no := l.reachBoth(n, wideLen)
	exact := uint16(n.test) | bpfx.SrcX | bpfx.ClassJump
	l.emit(bpf.RawInstruction{Op: exact, Jt: l.offset(yes), Jf: l.offset(no)})
	l.emit(loadWord(uint8(n.k)))
	l.emit(bpf.RawInstruction{Op: bpfx.LdxMem, K: 0})
	l.emit(bpf.RawInstruction{Op: bpfx.ClassJump | bpfx.TestEq | bpfx.SrcX, Jf: l.offset(no)})
	if n.test == bpfx.TestGe {
		l.emit(bpf.RawInstruction{Op: bpfx.ClassJump | bpfx.TestGt | bpfx.SrcX, Jt: l.offset(yes)})
	}
	l.emit(loadWord(n.word))
	l.emit(bpf.RawInstruction{Op: bpfx.St, K: 0})
	s.at = l.last()
}

// wideLen is the most instructions that placeWide writes.
const wideLen = 7

func loadWord(word uint8) bpf.RawInstruction {
	return bpf.RawInstruction{Op: bpfx.LdAbs, K: 4 * uint32(word)}
}

func (l *layout) emit(ins bpf.RawInstruction) { l.code = append(l.code, ins) }

// last returns the position of the instruction written last.
func (l *layout) last() int32 { return int32(len(l.code) - 1) }

// offset returns the jump distance from the next instruction written to a position within reach.
func (l *layout) offset(to int32) uint8 { return uint8(l.last() - to) }

// reaches reports whether a conditional jump can go to a position once room more instructions are written.
func (l *layout) reaches(to, room int32) bool { return to >= 0 && l.last()+room-to <= maxJump }

// branch writes the conditional jump of a node.
func (l *layout) branch(n *node) {
	yes, no := l.reachBoth(n, 0)
	l.emit(bpf.RawInstruction{Op: bpfx.ClassJump | uint16(n.test), Jt: l.offset(yes), Jf: l.offset(no), K: n.k})
}

// reachBoth is reach for both successors of a node.
func (l *layout) reachBoth(n *node, room int32) (yes, no int32) {
	c := n.leaves()
	yesWay, noWay := l.g.nodes[n.yes].entry(c), l.g.nodes[n.no].entry(c)
	yes, no = l.reach(n.yes, yesWay, room), l.reach(n.no, noWay, room)
	if !l.reaches(yes, room) { // what was written for no pushed it away
		yes = l.reach(n.yes, yesWay, room)
	}
	return yes, no
}

// reach returns a position at which control enters the node and which a conditional jump reaches once room more instructions
// are written. If there is none it writes one.
func (l *layout) reach(id nodeID, way int, room int32) int32 {
	n, s := &l.g.nodes[id], &l.sites[id]
	if n.kind == retNode {
		if !l.reaches(s.at, room) {
			l.emit(bpf.RawInstruction{Op: bpfx.RetK, K: n.k})
			s.at = l.last()
		}
		return s.at
	}
	at := s.at
	if way != enterCompare {
		at++
	}
	if way == enterLoad && n.mask != allOnes {
		at++
	}
	if l.reaches(at, room) {
		return at
	}
	if !l.reaches(s.hops[way], room) {
		l.emit(bpf.RawInstruction{Op: bpfx.Ja, K: uint32(l.last() - at)})
		s.hops[way] = l.last()
	}
	return s.hops[way]
}
