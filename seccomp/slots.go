package seccomp

import (
	"cmp"
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
)

// A slot gathers what the rules say about one number.
type slot struct {
	always outcome // the most restrictive rule without conditions, if has is set
	head   int32   // index+1 in slots.conds of the last rule with conditions
	has    bool
	named  bool // some rule names the number
}

// A cond is a rule with conditions for one number, linked to the one before it.
type cond struct {
	branch
	next int32
}

// slots are the slots of one ABI: a dense table from its first number, and the few numbers outside it (ARM's private calls).
type slots struct {
	base  uint32
	dense []slot
	far   []farSlot
	conds []cond
	top   uint32 // the highest number of the dense table that a rule names
	any   bool   // some rule names a number of it

	denseMemory [560]slot // enough for most ABIs
	condMemory  [32]cond
}

type farSlot struct {
	nr uint32
	slot
}

// reset empties the slots for an ABI, keeping their memory.
func (s *slots) reset(arch Arch) {
	s.base = numberBase(arch)
	n := int(syscalls.Max(arch.abi())-s.base) + 1
	if s.dense == nil {
		s.dense, s.conds = s.denseMemory[:0], s.condMemory[:0]
	}
	s.dense = slices.Grow(s.dense[:0], n)[:n]
	clear(s.dense)
	s.far, s.conds, s.top, s.any = s.far[:0], s.conds[:0], 0, false
}

// numberBase returns an ABI's first number (arch/mips/include/uapi/asm/unistd.h for the MIPS ones).
func numberBase(arch Arch) uint32 {
	switch arch {
	case X32:
		return syscalls.X32Bit
	case MIPS, MIPSLE:
		return 4000
	case MIPS64, MIPS64LE:
		return 5000
	case MIPS64N32, MIPS64LEN32:
		return 6000
	}
	return 0
}

// at returns the slot of a number, made if need be.
func (s *slots) at(nr uint32) *slot {
	if i := nr - s.base; i < uint32(len(s.dense)) {
		return &s.dense[i]
	}
	for i := range s.far {
		if s.far[i].nr == nr {
			return &s.far[i].slot
		}
	}
	s.far = append(s.far, farSlot{nr: nr})
	return &s.far[len(s.far)-1].slot
}

// each calls f for every named number, ascending.
func (s *slots) each(f func(nr uint32, s *slot)) {
	slices.SortFunc(s.far, func(a, b farSlot) int { return cmp.Compare(a.nr, b.nr) })
	i := 0
	for ; i < len(s.far) && s.far[i].nr < s.base; i++ {
		f(s.far[i].nr, &s.far[i].slot)
	}
	for j := range s.dense {
		if s.dense[j].named {
			f(s.base+uint32(j), &s.dense[j])
		}
	}
	for ; i < len(s.far); i++ {
		f(s.far[i].nr, &s.far[i].slot)
	}
}

// name returns the slot of a number that a rule of the profile names.
func (s *slots) name(nr uint32) *slot {
	slot := s.at(nr)
	slot.named = true
	if nr-s.base < uint32(len(s.dense)) {
		s.top, s.any = max(s.top, nr), true
	}
	return slot
}

// addAlways adds a rule without conditions: the most restrictive kind stays, of equal kinds the first rule's.
func (s *slot) addAlways(o outcome) {
	if !s.has || o.action.Kind() < s.always.action.Kind() ||
		o.action.Kind() == s.always.action.Kind() && o.rule < s.always.rule {
		s.always, s.has = o, true
	}
}

// alike reports whether two numbers have the same rule without conditions and no others.
func (s *slot) alike(t *slot) bool {
	return s.has && t.has && s.head == 0 && t.head == 0 && s.always == t.always
}

// addCond adds a rule with conditions.
func (s *slots) addCond(to *slot, b branch) {
	s.conds = append(s.conds, cond{b, to.head})
	to.head = int32(len(s.conds))
}

// collect fills the slots with what the rules say about the ABI's numbers.
func (r *resolver) collect() {
	r.slots.reset(r.arch)
	for i := range r.hits {
		h := &r.hits[i]
		if !h.plain && !h.on(r.p, r.arch) {
			continue
		}
		nr, ok := h.id.Number(r.arch.abi())
		if !ok {
			continue
		}
		slot := r.slots.name(nr)
		if h.plain {
			slot.addAlways(outcome{h.action, h.rule})
		} else {
			r.addHit(slot, h.args(r.p), outcome{h.action, h.rule})
		}
	}
	r.collectMux()
}

// addHit adds a rule to a number's slot.
func (r *resolver) addHit(to *slot, args []Arg, o outcome) {
	args, possible := normalise(args, r.arch.Bits())
	switch {
	case !possible:
	case len(args) == 0:
		to.addAlways(o)
	default:
		r.slots.addCond(to, branch{args, o})
	}
}

// unlisted returns the disposition of a number that no rule names.
func (r *resolver) unlisted(nr uint32) *disposition {
	if r.isNewer(nr) {
		return r.interned.constant(r.outcome(r.p.Newer.Action, ruleNewer))
	}
	return r.interned.constant(r.outcome(r.p.Default, ruleDefault))
}

// isNewer reports whether a number that no rule names belongs to a call newer than the profile knows.
func (r *resolver) isNewer(nr uint32) bool {
	newer := r.p.Newer
	if newer == nil {
		return false
	}
	if newer.Since.IsZero() {
		return r.slots.any && nr > r.slots.top
	}
	name, ok := r.arch.CallName(nr)
	if !ok {
		return nr > syscalls.Max(r.arch.abi())
	}
	major, minor, ok := syscalls.Introduced(r.arch.abi(), name)
	return ok && newer.Since.Less(KernelVersion{major, minor})
}

// unlistedEnd returns an upper bound, at most limit, up to which unlisted numbers from nr on have nr's disposition.
func (r *resolver) unlistedEnd(nr, limit uint32) uint32 {
	newer := r.p.Newer
	top := syscalls.Max(r.arch.abi())
	switch {
	case newer == nil, newer.Since.IsZero() && !r.slots.any:
		return limit
	case newer.Since.IsZero():
		if nr <= r.slots.top {
			return min(limit, r.slots.top)
		}
		return limit
	case nr > top:
		return limit
	}
	return nr
}
