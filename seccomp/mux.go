package seccomp

import (
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
)

// Some ABIs reach the socket calls through socketcall(2) and System V IPC through ipc(2), whose first argument says which call
// is meant and whose other arguments lie in memory, out of a filter's sight. A rule for such a call therefore also governs
// the multiplexed way, without the conditions, which cannot be kept there.

// A muxHit is a rule for a call that the ABI can also reach through a multiplexer.
type muxHit struct {
	call        int // index of the call in the list of multiplexed calls met
	conditional bool
	outcome
}

// A muxCall is a call within a multiplexer.
type muxCall struct {
	syscalls.Mux
	nr     uint32  // of the multiplexer
	always outcome // the most restrictive rule without conditions for the call, if has is set
	has    bool
	least  outcome // the most restrictive rule for the call, with conditions or without
	own    int32   // head of the rules with conditions for the multiplexer itself, as in a slot
}

// collectMux adds branches for the multiplexers to their slots.
func (r *resolver) collectMux() {
	abi := r.arch.abi()
	_, socketcall := syscalls.Number(abi, "socketcall")
	_, ipc := syscalls.Number(abi, "ipc")
	if !socketcall && !ipc {
		return
	}
	calls, hits := r.muxHits()
	r.slots.conds = slices.Grow(r.slots.conds, len(hits))
	r.narrowOwn(calls)
	for _, h := range hits {
		c := &calls[h.call]
		without := r.withoutRule(c)
		if h.conditional && h.action.Kind() >= without.Kind() {
			continue // the condition cannot be checked, so the rule must not open the call
		}
		if !h.conditional {
			without = r.withoutCall(c)
		}
		r.slots.addCond(r.slots.name(c.nr), branch{[]Arg{muxArg(c, h.action, without)}, h.outcome})
	}
}

// idSet is a set of names.
type idSet [1 << 11 / 64]uint64

func (s *idSet) add(id syscalls.ID) {
	if w := int(id / 64); w < len(s) {
		s[w] |= 1 << (id % 64)
	}
}

// mayHave reports whether the set has a name. It may be wrong about names it is too small for.
func (s *idSet) mayHave(id syscalls.ID) bool {
	w := int(id / 64)
	return w >= len(s) || s[w]&(1<<(id%64)) != 0
}

// maxOwn bounds the branches that narrowOwn adds for one ABI.
const maxOwn = 1 << 14

// narrowOwn keeps a rule with conditions for a multiplexer itself from opening what a rule for one of its calls refuses: where both match,
// the more restrictive decides, as of any two rules. The branches that collectMux adds do not see to that, because they compare with
// what the call gets from rules without conditions.
func (r *resolver) narrowOwn(calls []muxCall) {
	added := 0
	for i := range calls {
		c := &calls[i]
		for next := c.own; next != 0; {
			own := r.slots.conds[next-1]
			next = own.next
			if c.least.action.Kind() >= own.action.Kind() {
				continue
			}
			if added++; added > maxOwn {
				r.err = fmt.Errorf("%w: too many rules with conditions for %s and for calls made through it", ErrTooLarge, c.Call)
				return
			}
			args, _ := normalise(append(slices.Clone(own.args), muxArg(c, c.least.action, own.action)), r.arch.Bits())
			r.slots.addCond(r.slots.at(c.nr), branch{args, c.least})
		}
	}
}

// muxIDs returns the names of all calls that the ABI can also reach through a multiplexer, and how many they are.
func muxIDs(abi syscalls.ABI) (ids idSet, n int) {
	for name := range syscalls.MuxNames(abi) {
		if id, ok := syscalls.Lookup(name); ok {
			ids.add(id)
			n++
		}
	}
	return ids, n
}

// muxHits returns the rules for multiplexed calls of the ABI, and those calls.
func (r *resolver) muxHits() (calls []muxCall, hits []muxHit) {
	ids, n := muxIDs(r.arch.abi())
	calls, hits = make([]muxCall, 0, n), make([]muxHit, 0, n)
	for i := range r.hits {
		h := &r.hits[i]
		if !ids.mayHave(h.id) {
			continue
		}
		rule := &r.p.Rules[h.rule]
		mux, ok := syscalls.Multiplexed(r.arch.abi(), h.id.String())
		if !ok || rule.Direct || !h.on(r.p, r.arch) {
			continue
		}
		args, possible := normalise(h.args(r.p), r.arch.Bits())
		nr, ok := syscalls.Number(r.arch.abi(), mux.Call)
		if !ok || !possible {
			continue
		}
		at := slices.IndexFunc(calls, func(c muxCall) bool { return c.Mux == mux })
		if at < 0 {
			at, calls = len(calls), append(calls, muxCall{Mux: mux, nr: nr, least: outcome{rule.Action, h.rule}, own: r.slots.at(nr).head})
		}
		hit := muxHit{at, len(args) > 0, outcome{rule.Action, h.rule}}
		c := &calls[at]
		if precedence(hit.outcome, c.least) < 0 {
			c.least = hit.outcome
		}
		if !hit.conditional && (!c.has || hit.action.Kind() < c.always.action.Kind()) {
			c.always, c.has = hit.outcome, true
		}
		hits = append(hits, hit)
	}
	return calls, hits
}

// withoutRule returns what a multiplexed call gets from rules without conditions, the default if there is none.
func (r *resolver) withoutRule(c *muxCall) Action {
	action := r.withoutCall(c)
	if c.has && (c.always.action.Kind() < action.Kind() || !r.slots.at(c.nr).has) {
		return c.always.action
	}
	return action
}

// withoutCall returns what the multiplexer gets from rules for itself without conditions, the default if there is none.
func (r *resolver) withoutCall(c *muxCall) Action {
	if s := r.slots.at(c.nr); s.has {
		return s.always.action
	}
	return r.p.Default
}

// muxArg returns the condition that selects a call in its multiplexer. The kernel takes the first argument of socketcall and ipc
// as an int, and of ipc's only the low 16 bits, the rest being a version (ipc/syscall.c): to refuse a call every version
// must match, to allow it version 0 is enough.
func muxArg(c *muxCall, action, without Action) Arg {
	if c.Call == "ipc" && action.Kind() < without.Kind() {
		return Arg{Op: MaskedEQ, Width: Width32, Mask: 0xffff, Value: uint64(c.Sub)}
	}
	return Arg{Op: EQ, Width: Width32, Value: uint64(c.Sub)}
}
