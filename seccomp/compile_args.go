package seccomp

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/bpf"
)

// A residual is what is left of a branch's conditions when some words are known: all of them must hold, then ret decides.
type residual struct {
	conds []wordCond // by rank of their word
	ret   nodeID
}

// A wordCond is a condition on one argument, or, once the upper word is known, on the lower word alone.
type wordCond struct {
	arg    uint8
	low    bool // only the lower word is left
	masked bool // arg & a == b, else a <= arg <= b
	not    bool // the interval's complement; never with masked
	a, b   uint64
}

// Limits of the argument tests of one profile. A profile beyond them could not fit in a program anyway, or takes a compiler
// too long.
const (
	maxStates = 1 << 15 // distinct sets of residuals
	maxKeys   = 1 << 24 // bytes of their descriptions
	maxSteps  = 1 << 23 // conditions looked at, when a set of residuals is met for the first time
	maxWork   = 1 << 24 // conditions looked at in all, which takes about a second
	maxNodes  = 1 << 15 // comparisons, eight times what a program can hold
)

// An argBuilder turns the branches of dispositions into shared decision graphs, word by word: at each word it splits the
// values into intervals within which the same conditions remain, and goes on with those.
type argBuilder struct {
	how   attempt
	g     *graph
	tree  treeBuilder
	big   bool // byte order of the words
	memo  memo // lists of residuals and their nodes
	steps int  // conditions looked at closely

	glances int // and those that could be dismissed

	// Scratch memory, used as stacks: each call leaves them as it found them.
	key       []byte
	lists     []residual
	conds     []wordCond
	cuts      []uint32
	reaches   []reach
	intervals []leaf

	keyMemory      [256]byte
	listMemory     [16]residual
	condMemory     [16]wordCond
	cutMemory      [32]uint32
	reachMemory    [16]reach
	intervalMemory [32]leaf
}

func (b *argBuilder) prepare(g *graph, big bool, a attempt) {
	b.how, b.g, b.tree.g, b.big = a, g, g, big
	b.key, b.lists, b.conds = b.keyMemory[:0], b.listMemory[:0], b.condMemory[:0]
	b.cuts, b.reaches, b.intervals = b.cutMemory[:0], b.reachMemory[:0], b.intervalMemory[:0]
	b.memo.prepare()
}

// disposition returns the node that decides what the disposition does with the call's arguments.
func (b *argBuilder) disposition(d *disposition) (nodeID, error) {
	otherwise := b.g.ret(d.otherwise.action.Ret())
	if len(d.branches) == 0 {
		return otherwise, nil
	}
	for i := range d.branches {
		br := &d.branches[i]
		if own, ok := b.conjunction(br.args); ok {
			b.lists = append(b.lists, residual{own, b.g.ret(br.action.Ret())})
		}
	}
	b.lists = append(b.lists, residual{nil, otherwise})
	id, err := b.state(b.lists[:len(b.lists):len(b.lists)])
	b.lists, b.conds = b.lists[:0], b.conds[:0]
	return id, err
}

// conjunction normalises conditions that must all hold, in scratch memory. ok is false if they cannot.
func (b *argBuilder) conjunction(args []Arg) (own []wordCond, ok bool) {
	first := len(b.conds)
	for _, a := range args {
		c, v := newWordCond(a)
		switch v {
		case never:
			return nil, false
		case always:
			continue
		}
		own = b.conds[first:]
		if i := slices.IndexFunc(own, c.joins); i >= 0 {
			p := &own[i]
			p.a, p.b = max(p.a, c.a), min(p.b, c.b)
			if p.a > p.b {
				return nil, false
			}
			continue
		}
		b.conds = append(b.conds, c)
	}
	own = b.conds[first:len(b.conds):len(b.conds)]
	slices.SortStableFunc(own, b.order)
	return own, true
}

// joins reports whether c and d are plain intervals of one value, so that their conjunction is one too.
func (c wordCond) joins(d wordCond) bool {
	return c.arg == d.arg && c.low == d.low && !c.masked && !d.masked && !c.not && !d.not
}

func newWordCond(a Arg) (wordCond, truth) {
	top := uint64(1)<<32 - 1
	if a.Width == Width64 {
		top = 1<<64 - 1
	}
	c := wordCond{arg: uint8(a.Index), low: a.Width == Width32, b: top}
	switch a.Op {
	case EQ, NE:
		c.a, c.b, c.not = a.Value, a.Value, a.Op == NE
	case LT:
		if a.Value == 0 {
			return c, never
		}
		c.b = a.Value - 1
	case LE:
		c.b = a.Value
	case GT:
		if a.Value >= top {
			return c, never
		}
		c.a = a.Value + 1
	case GE:
		c.a = a.Value
	case MaskedEQ:
		c.masked, c.a, c.b = true, a.Mask&top, a.Value
	}
	return c.simplify(top)
}

// simplify brings c, whose value is at most top, into the form that decides it or tells the least words apart.
func (c wordCond) simplify(top uint64) (wordCond, truth) {
	yes, no := always, never
	if c.not {
		yes, no = never, always
	}
	if c.masked {
		switch rest := top &^ c.a; {
		case c.b&^c.a != 0:
			return c, never
		case c.a == 0:
			return c, always
		case c.a>>32 == 0 && !c.low:
			c.low = true
			return c.simplify(allOnes)
		case rest&(rest+1) == 0: // the mask is a prefix, so the values are an interval
			c.masked, c.a, c.b = false, c.b, c.b|rest
		}
		return c, depends
	}
	c.b = min(c.b, top)
	switch {
	case c.a > c.b:
		return c, no
	case c.a == 0 && c.b == top:
		return c, yes
	}
	return c, depends
}

func (b *argBuilder) order(c, d wordCond) int { return b.wordRank(c) - b.wordRank(d) }

// wordRank orders words as they are tested: argument by argument, upper word first.
func (b *argBuilder) wordRank(c wordCond) int {
	r := 2 * int(b.how.rank[c.arg])
	if c.low {
		r++
	}
	return r
}

// wordOf returns the index in struct seccomp_data of the word that c asks for first.
func (b *argBuilder) wordOf(c wordCond) uint8 {
	w := uint8(bpf.OffsetArgs/4) + 2*c.arg
	if c.low == b.big {
		w++
	}
	return w
}

// state returns the node for a list of residuals of which the first that holds decides. The last one has no conditions. The
// list's memory is used.
func (b *argBuilder) state(list []residual) (nodeID, error) {
	list = trim(list)
	if len(list) == 1 {
		return list[0].ret, nil
	}
	key := b.encode(list)
	if id, ok := b.memo.find(key); ok {
		return id, nil
	}
	if b.memo.full() || b.steps+b.glances/16 > maxSteps {
		return 0, errTooManyCases()
	}
	if len(b.g.nodes) > maxNodes {
		return 0, fmt.Errorf("%w: the argument conditions need more than %d comparisons", ErrTooLarge, maxNodes)
	}
	at := b.memo.reserve(key)
	id, err := b.split(list)
	if err != nil {
		return 0, err
	}
	b.memo.set(at, id)
	return id, nil
}

func errTooManyCases() error {
	return fmt.Errorf("%w: the argument conditions of one call depend on each other in too many ways", ErrTooLarge)
}

// trim drops what cannot decide, in place: all behind the first residual without conditions, and before it those that change
// nothing.
func trim(list []residual) []residual {
	last := slices.IndexFunc(list, func(r residual) bool { return len(r.conds) == 0 })
	first := last
	for first > 0 && list[first-1].ret == list[last].ret {
		first--
	}
	list[first] = list[last]
	return list[:first+1]
}

// encode writes the list as a map key.
func (b *argBuilder) encode(list []residual) []byte {
	k := b.key[:0]
	for _, r := range list {
		k = append(k, byte(len(r.conds)))
		k = binary.LittleEndian.AppendUint32(k, uint32(r.ret))
		for _, c := range r.conds {
			flags := c.arg << 3
			for i, set := range [...]bool{c.low, c.masked, c.not} {
				if set {
					flags |= 1 << i
				}
			}
			k = append(k, flags)
			k = binary.LittleEndian.AppendUint64(k, c.a)
			k = binary.LittleEndian.AppendUint64(k, c.b)
		}
	}
	b.key = k
	return k
}
