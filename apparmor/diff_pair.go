package apparmor

import (
	"fmt"

	"github.com/gostockade/stockade/internal/dfa"
)

// pair compares the two verdicts at one pair of states. seen holds, for each kind of change and set of rules responsible,
// the permissions already reported.
func (d *differ) pair(u *universe, a, b *automaton, p dfa.Pair, seen map[string]uint32) {
	v, w := a.verdict(p.A), b.verdict(p.B)
	allowed := w.allow &^ v.allow & u.perms
	denied := v.allow &^ w.allow & u.perms
	if allowed != 0 {
		d.report(u, p, seen, Change{Kind: NewlyAllowed}, allowed, func(bits uint32) ([]Reason, bool) {
			return b.responsible(p.B, Allow, bits), false
		})
	}
	if denied != 0 {
		d.report(u, p, seen, Change{Kind: NewlyDenied}, denied, func(bits uint32) ([]Reason, bool) {
			if r := b.responsible(p.B, Deny, bits); r != nil {
				return r, false
			}
			return a.responsible(p.A, Allow, bits), true
		})
	}
	if both := v.allow & w.allow & u.perms & fileExecBits; u.files && both != 0 {
		d.transitions(u, a, b, p, seen, both)
	}
	if d.logging {
		d.logs(u, b, p, seen, v, w)
	}
}

// logs reports a change of what is logged.
func (d *differ) logs(u *universe, b *automaton, p dfa.Pair, seen map[string]uint32, v, w *verdict) {
	both := v.allow & w.allow
	neither := u.perms &^ (v.allow | w.allow)
	if bits := (v.audit^w.audit)&both | (v.quiet^w.quiet)&neither; bits&u.perms != 0 {
		d.report(u, p, seen, Change{Kind: LoggingChanged}, bits&u.perms, func(bits uint32) ([]Reason, bool) {
			if r := b.responsible(p.B, Deny, bits); r != nil {
				return r, false
			}
			return b.responsible(p.B, Allow, bits), false
		})
	}
}

// transitions reports an execution that both allow as something else: for the owner too only where that differs.
func (d *differ) transitions(u *universe, a, b *automaton, p dfa.Pair, seen map[string]uint32, both uint32) {
	v, w := a.verdict(p.A), b.verdict(p.B)
	var others Change
	for _, h := range [...]int{1, 0} {
		bit := uint32(Exec) << (h * otherShift)
		if both&bit == 0 || v.exec[h] == 0 || w.exec[h] == 0 {
			continue
		}
		c := Change{Kind: TransitionChanged, From: a.transitions[v.exec[h]-1], To: b.transitions[w.exec[h]-1]}
		if c.From == c.To || c.From == others.From && c.To == others.To {
			continue
		}
		others = c
		d.report(u, p, seen, c, bit, func(bits uint32) ([]Reason, bool) { return b.responsible(p.B, Allow, bits), false })
	}
}

// report adds a change unless one with the same rules responsible already covers the permissions. A file permission that
// changes for owner and others alike is reported once, for others.
func (d *differ) report(u *universe, p dfa.Pair, seen map[string]uint32, c Change, bits uint32, because func(bits uint32) ([]Reason, bool)) {
	if u.files && bits&^uint32(permChangeProf|permOnexec) != 0 {
		others := bits & otherMask
		if others != 0 {
			d.reportHalf(u, p, seen, c, others, because, false)
		}
		if owner := bits & ownerMask &^ (others >> otherShift); owner != 0 {
			d.reportHalf(u, p, seen, c, owner, because, true)
		}
		return
	}
	d.reportHalf(u, p, seen, c, bits, because, false)
}

func (d *differ) reportHalf(u *universe, p dfa.Pair, seen map[string]uint32, c Change, bits uint32, because func(bits uint32) ([]Reason, bool), owner bool) {
	c.Because, c.Lost = because(bits)
	side := d.new
	if c.Lost {
		side = d.old
	}
	if side.file.merged || side.db.merged {
		var answer Decision
		q := u.request(string(p.Path()), bits, owner)
		q.evaluate(side, &answer)
		side.nameReasons(q, &answer)
		c.Because = answer.Because
	}
	key := fmt.Sprint(c.Kind, c.From, c.To)
	for _, r := range c.Because {
		key += fmt.Sprintf(" %p", r.Rule)
	}
	fresh := bits &^ seen[key]
	if fresh == 0 {
		return
	}
	seen[key] |= fresh
	c.Profile = d.new.profile.FullName()
	c.Request = u.request(string(p.Path()), fresh, owner)
	c.OldMediated, c.NewMediated = true, true
	d.changes = append(d.changes, c)
}

// compareCaps compares capabilities one by one.
func (d *differ) compareCaps() {
	for n := range len(capabilityNames) {
		d.compareRequest(Capability{n})
	}
}

// compareFamilies compares the coarse network tables, where both sides have them.
func (d *differ) compareFamilies() {
	if d.old.families == nil || d.new.families == nil {
		return
	}
	for family := range familyNames {
		for _, typ := range [...]int{1, 2, 3, 4, 5, 6, 10} {
			d.compareRequest(Network{Family: family, Type: typ})
		}
	}
}

// compareRequest compares the answers to one request.
func (d *differ) compareRequest(q Request) {
	var before, after Decision
	q.evaluate(d.old, &before)
	q.evaluate(d.new, &after)
	c := Change{Profile: d.new.profile.FullName(), Request: q, OldMediated: !before.Unmediated, NewMediated: !after.Unmediated}
	switch {
	case after.Allowed && !before.Allowed:
		c.Kind, c.Because = NewlyAllowed, after.Because
	case before.Allowed && !after.Allowed:
		c.Kind, c.Because = NewlyDenied, after.Because
		if !after.Explicit {
			c.Because, c.Lost = before.Because, true
		}
	case d.logging && (before.Audited != after.Audited || before.Quiet != after.Quiet):
		c.Kind, c.Because = LoggingChanged, after.Because
	default:
		return
	}
	d.changes = append(d.changes, c)
}
