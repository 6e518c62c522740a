package seccomp

import (
	"math/bits"
	"slices"

	"github.com/gostockade/stockade/internal/bpf"
)

// split tests the first word that the list asks for: its masked values one mask at a time, then its intervals.
func (b *argBuilder) split(list []residual) (nodeID, error) {
	if id, ok := b.outlined(list); ok {
		return id, nil
	}
	first := list[0].conds[0]
	for _, r := range list[:len(list)-1] {
		if b.order(r.conds[0], first) < 0 {
			first = r.conds[0]
		}
	}
	rank, word := b.wordRank(first), b.wordOf(first)
	for _, r := range list[:len(list)-1] {
		for _, c := range r.conds {
			if m, _, ok := c.wordMask(); ok && b.wordRank(c) == rank {
				return b.splitMask(list, rank, word, m)
			}
		}
	}
	return b.splitIntervals(list, rank, word)
}

// wordMask returns mask and value of a masked condition on the word that it asks for first; ok is false where the condition
// is an interval of that word.
func (c wordCond) wordMask() (mask, value uint32, ok bool) {
	mask, value = uint32(c.a>>32), uint32(c.b>>32)
	if c.low {
		mask, value = uint32(c.a), uint32(c.b)
	}
	return mask, value, c.masked && ^mask&(^mask+1) != 0
}

// span returns the interval of its word's values outside which the condition says one thing: that it fails, or, with not, that it
// holds.
func (c wordCond) span() (first, last uint32) {
	switch {
	case c.masked:
		mask, value, _ := c.wordMask()
		return value, value | ^mask
	case c.low:
		return uint32(c.a), uint32(c.b)
	}
	return uint32(c.a >> 32), uint32(c.b >> 32)
}

// cuts appends the values of its word at which the condition's meaning changes.
func (c wordCond) cuts(to []uint32) []uint32 {
	first, last := c.span()
	to = append(to, first)
	if last != allOnes {
		to = append(to, last+1)
	}
	if !c.low && !c.masked { // at the ends the lower word decides
		to = append(to, last)
		if first != allOnes {
			to = append(to, first+1)
		}
	}
	return to
}

// at returns what is left of the condition once its word is known to be in the interval between two cuts that begins at x.
func (c wordCond) at(x uint32) (wordCond, truth) {
	if c.masked {
		mask, value, _ := c.wordMask()
		return c.met(x&mask == value)
	}
	if c.low {
		return c, decided((uint64(x) >= c.a && uint64(x) <= c.b) != c.not)
	}
	first, last := uint32(c.a>>32), uint32(c.b>>32)
	if x < first || x > last {
		return c, decided(c.not)
	}
	rest := wordCond{arg: c.arg, low: true, not: c.not, b: allOnes}
	if x == first {
		rest.a = c.a & allOnes
	}
	if x == last {
		rest.b = c.b & allOnes
	}
	return rest.simplify(allOnes)
}

// met returns what is left of a masked condition once its word is known to meet it or not.
func (c wordCond) met(yes bool) (wordCond, truth) {
	if !yes || c.low {
		return c, decided(yes)
	}
	return wordCond{arg: c.arg, low: true, masked: true, a: c.a & allOnes, b: c.b & allOnes}.simplify(allOnes)
}

func decided(yes bool) truth {
	if yes {
		return always
	}
	return never
}

// substitute returns the node for the list with every condition on the word of the given rank replaced by what f leaves of it.
func (b *argBuilder) substitute(list []residual, rank int, f func(wordCond) (wordCond, truth)) (nodeID, error) {
	if b.steps+b.glances/16 > maxWork {
		return 0, errTooManyCases()
	}
	lists, conds := len(b.lists), len(b.conds)
	for _, r := range list {
		own, ok := b.replace(r.conds, rank, f)
		if !ok {
			continue
		}
		if b.lists = append(b.lists, residual{own, r.ret}); len(own) == 0 {
			break
		}
	}
	id, err := b.state(b.lists[lists:len(b.lists):len(b.lists)])
	b.lists, b.conds = b.lists[:lists], b.conds[:conds]
	return id, err
}

// replace copies conditions with those on a word replaced. ok is false if one of them fails.
func (b *argBuilder) replace(conds []wordCond, rank int, f func(wordCond) (wordCond, truth)) (own []wordCond, ok bool) {
	first, sorted := len(b.conds), true
	for _, c := range conds {
		b.steps++
		v := depends
		if b.wordRank(c) == rank {
			c, v = f(c)
		}
		switch {
		case v == never:
			b.conds = b.conds[:first]
			return nil, false
		case v == depends:
			sorted = sorted && (len(b.conds) == first || b.order(b.conds[len(b.conds)-1], c) <= 0)
			b.conds = append(b.conds, c)
		}
	}
	own = b.conds[first:len(b.conds):len(b.conds)]
	if !sorted {
		slices.SortStableFunc(own, b.order)
	}
	return own, true
}

// splitIntervals tests a word all of whose conditions are intervals.
func (b *argBuilder) splitIntervals(list []residual, rank int, word uint8) (nodeID, error) {
	firstCut, firstReach, first := len(b.cuts), len(b.reaches), len(b.intervals)
	defer func() {
		b.cuts, b.reaches, b.intervals = b.cuts[:firstCut], b.reaches[:firstReach], b.intervals[:first]
	}()
	b.cuts = append(b.cuts, 0)
	for _, r := range list {
		for _, c := range r.conds {
			if b.wordRank(c) == rank {
				b.cuts = c.cuts(b.cuts)
			}
		}
		b.reaches = append(b.reaches, b.reach(r.conds, rank))
	}
	slices.Sort(b.cuts[firstCut:])
	cuts := slices.Compact(b.cuts[firstCut:])
	for i, x := range cuts {
		lists := len(b.lists)
		to, err := b.substitute(b.within(list, b.reaches[firstReach:], x), rank, func(c wordCond) (wordCond, truth) { return c.at(x) })
		b.lists = b.lists[:lists]
		if err != nil {
			return 0, err
		}
		l := leaf{lo: x, hi: allOnes, to: to, weight: 1}
		if i == 0 {
			l.weight = 4 // small values and empty upper words are what programs pass
		}
		if i+1 < len(cuts) {
			l.hi = cuts[i+1] - 1
		}
		b.intervals = append(b.intervals, l)
	}
	return b.tree.tree(word, allOnes, b.intervals[first:], argInstr), nil
}

// A reach is the interval of a word's values in which a residual may still hold.
type reach struct{ first, last uint32 }

// reach returns it for the word of the given rank, looking no closer than at spans.
func (b *argBuilder) reach(conds []wordCond, rank int) reach {
	r := reach{0, allOnes}
	for _, c := range conds {
		if !c.not && b.wordRank(c) == rank {
			first, last := c.span()
			r.first, r.last = max(r.first, first), min(r.last, last)
		}
	}
	return r
}

// within appends the residuals that may still hold at x to the scratch lists. It spares long lists of single values most of their
// work.
func (b *argBuilder) within(list []residual, reaches []reach, x uint32) []residual {
	from := len(b.lists)
	for i := range list {
		if x >= reaches[i].first && x <= reaches[i].last {
			b.lists = append(b.lists, list[i])
		}
	}
	b.glances += len(list)
	return b.lists[from:]
}

// splitMask tests a word under a mask against all values that conditions with that mask want.
func (b *argBuilder) splitMask(list []residual, rank int, word uint8, mask uint32) (nodeID, error) {
	var values []uint32
	for _, r := range list {
		for _, c := range r.conds {
			if m, v, ok := c.wordMask(); ok && m == mask && b.wordRank(c) == rank {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	single := bits.OnesCount32(mask) == 1
	if single {
		values = []uint32{0, mask}
	}
	none, err := b.substitute(list, rank, func(c wordCond) (wordCond, truth) {
		if m, _, ok := c.wordMask(); ok && m == mask {
			return c, never
		}
		return c, depends
	})
	if err != nil {
		return 0, err
	}
	var leaves []leaf
	next := uint32(0)
	for _, v := range values {
		to, err := b.substitute(list, rank, func(c wordCond) (wordCond, truth) { return c.given(mask, v) })
		if err != nil {
			return 0, err
		}
		if next < v {
			leaves = append(leaves, leaf{next, v - 1, none, 1})
		}
		leaves = append(leaves, leaf{v, v, to, 1})
		next = v + 1
	}
	switch {
	case single:
		return b.g.test(word, allOnes, bpf.TestSet, mask, leaves[len(leaves)-1].to, leaves[0].to), nil
	case len(values) == 1 && values[0] == 0:
		return b.g.test(word, allOnes, bpf.TestSet, mask, none, leaves[0].to), nil
	}
	leaves = append(leaves, leaf{next, allOnes, none, 1})
	return b.tree.tree(word, mask, leaves, argInstr), nil
}

// given returns what is left of the condition once its word is known to have this value under the mask.
func (c wordCond) given(mask, value uint32) (wordCond, truth) {
	m, v, ok := c.wordMask()
	switch {
	case !ok:
		return c, depends
	case (v^value)&m&mask != 0:
		return c, never
	case m&^mask == 0:
		return c.met(true)
	}
	return c, depends
}

// outlined returns a call of shared code for a list that is one comparison of a 64-bit argument, if that is wanted.
func (b *argBuilder) outlined(list []residual) (nodeID, bool) {
	if !b.how.outline || len(list) != 2 || len(list[0].conds) != 1 {
		return 0, false
	}
	c, yes, no := list[0].conds[0], list[0].ret, list[1].ret
	if c.low || c.masked {
		return 0, false
	}
	if c.not {
		yes, no = no, yes
	}
	hi, lo := b.wordOf(c), b.wordOf(wordCond{arg: c.arg, low: true})
	wide := func(test uint8, value uint64, yes, no nodeID) (nodeID, bool) {
		sub := b.g.intern(node{kind: wideNode, test: test, word: hi, k: uint32(lo), yes: yes, no: no})
		return b.g.intern(node{kind: callNode, k: uint32(value >> 32), k2: uint32(value), yes: sub, no: sub}), true
	}
	switch {
	case c.a == c.b:
		return wide(bpf.TestEq, c.a, yes, no)
	case c.a == 0:
		return wide(bpf.TestGe, c.b+1, no, yes)
	case c.b == 1<<64-1:
		return wide(bpf.TestGe, c.a, yes, no)
	}
	return 0, false
}
