package apparmor

import (
	"math/rand/v2"
	"testing"
)

// naiveBit decides one permission bit the way the rule is told to users: the highest priority among the rules that have
// the bit; there, a deny wins, then an allow, then a prompt.
func naiveBit(entries []*entry, bit uint32) (action Action, decided bool) {
	best := -1 << 30
	for _, e := range entries {
		if e.perms&bit != 0 && e.priority > best {
			best = e.priority
		}
	}
	for _, want := range []Action{Deny, Allow, PromptUser} {
		for _, e := range entries {
			if e.perms&bit != 0 && e.priority == best && e.action == want {
				return want, true
			}
		}
	}
	return 0, false
}

func TestCombineAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 20000 {
		var entries []*entry
		for range r.IntN(5) {
			e := &entry{perms: r.Uint32() & 0x7f7f, action: Action(r.IntN(3)), priority: r.IntN(3) - 1, exact: r.IntN(2) == 0}
			if r.IntN(2) == 0 {
				e.priority = 0
			}
			if e.perms&fileExecBits != 0 && e.action != Deny {
				e.exec = int16(1 + r.IntN(2))
			}
			entries = append(entries, e)
		}
		v := combine(entries)
		for n := range 15 {
			bit := uint32(1) << n
			action, decided := naiveBit(entries, bit)
			for _, c := range []struct {
				got  bool
				want Action
			}{{v.allow&bit != 0, Allow}, {v.deny&bit != 0, Deny}, {v.prompt&bit != 0, PromptUser}} {
				if c.got != (decided && action == c.want) {
					t.Fatalf("bit %#x: %v is %v, naive says %v %v; %+v", bit, c.want, c.got, decided, action, entries)
				}
			}
		}
		if v.allow&v.deny != 0 || v.quiet&^v.deny != 0 {
			t.Fatalf("%+v", v)
		}
		for h, bit := range [2]uint32{1, 1 << otherShift} {
			if (v.exec[h] != 0) != ((v.allow|v.prompt)&bit != 0) {
				t.Fatalf("half %d: transition %d, allowed %#x: %+v", h, v.exec[h], v.allow, entries)
			}
		}
	}
}
