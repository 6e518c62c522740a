package seccomp

import (
	"cmp"
	"slices"
)

// An interner makes dispositions, each distinct one once.
type interner struct {
	constants []*disposition // without branches
	branched  []*disposition // with branches
	hashes    []uint64       // of those
	scratch   []branch

	memory         [8]disposition // of the first ones
	used           int
	constantMemory [4]*disposition
}

// new returns a disposition.
func (in *interner) new(d disposition) *disposition {
	if in.used == len(in.memory) {
		more := d
		return &more
	}
	in.memory[in.used] = d
	in.used++
	return &in.memory[in.used-1]
}

// constant returns the disposition that is one outcome for all arguments.
func (in *interner) constant(o outcome) *disposition {
	for _, d := range in.constants {
		if d.otherwise == o {
			return d
		}
	}
	if in.constants == nil {
		in.constants = in.constantMemory[:0]
	}
	d := in.new(disposition{otherwise: o})
	in.constants = append(in.constants, d)
	return d
}

// disposition returns the meaning of a number from its slot: branches in the order of precedence, up to the first rule that always
// holds.
func (r *resolver) disposition(nr uint32, s *slot) *disposition {
	last := outcome{r.p.Default, ruleDefault}
	if s.has {
		last = s.always
	}
	in := &r.interned
	if s.head == 0 {
		return in.constant(r.outcome(last.action, last.rule))
	}
	list := in.scratch[:0]
	for i := s.head; i != 0; i = r.slots.conds[i-1].next {
		b := r.slots.conds[i-1].branch
		if s.has && precedence(last, b.outcome) < 0 {
			continue // the rule that always holds wins
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b branch) int { return precedence(a.outcome, b.outcome) })
	list = slices.CompactFunc(list, func(a, b branch) bool { return a.action == b.action && slices.Equal(a.args, b.args) })
	for n := len(list); !r.keepRules && n > 0 && list[n-1].action == last.action; n = len(list) {
		list = list[:n-1] // Explain alone wants rules that change nothing
	}
	for i := range list {
		list[i].outcome = r.outcome(list[i].action, list[i].rule)
	}
	in.scratch = list
	return in.intern(list, r.outcome(last.action, last.rule))
}

// precedence orders the outcomes of matching rules: the more restrictive first, of equal ones the earlier rule.
func precedence(a, b outcome) int {
	return cmp.Or(cmp.Compare(a.action.Kind(), b.action.Kind()), cmp.Compare(a.rule, b.rule))
}

// intern returns the disposition with these branches.
func (in *interner) intern(list []branch, otherwise outcome) *disposition {
	if len(list) == 0 {
		return in.constant(otherwise)
	}
	key := hashBranches(list, otherwise)
	for i, h := range in.hashes {
		if d := in.branched[i]; h == key && d.otherwise == otherwise && slices.EqualFunc(d.branches, list, sameBranch) {
			return d
		}
	}
	d := in.new(disposition{branches: slices.Clone(list), otherwise: otherwise})
	in.branched, in.hashes = append(in.branched, d), append(in.hashes, key)
	return d
}

func sameBranch(a, b branch) bool { return a.outcome == b.outcome && slices.Equal(a.args, b.args) }

// hashBranches is FNV-1a over the fields' words.
func hashBranches(list []branch, otherwise outcome) uint64 {
	h := uint64(14695981039346656037)
	add := func(v uint64) { h = (h ^ v) * 1099511628211 }
	add(uint64(otherwise.action))
	add(uint64(otherwise.rule))
	for i := range list {
		add(uint64(list[i].action))
		add(uint64(list[i].rule))
		for _, a := range list[i].args {
			add(uint64(a.Index)<<16 | uint64(a.Op)<<8 | uint64(a.Width))
			add(a.Value)
			add(a.Mask)
		}
	}
	return h
}
