package apparmor

import (
	"slices"

	"github.com/gostockade/stockade/internal/dfa"
)

// decide fills a decision from a verdict. want are the permission bits asked for.
func (d *Decision) decide(a *automaton, s dfa.State, want uint32) {
	v := a.verdict(s)
	if d.trace != nil {
		*d.trace = append(*d.trace, traceStep{a, s, want})
	}
	missing := want &^ v.allow
	d.Allowed = missing == 0 && want != 0
	d.Prompt = !d.Allowed && want != 0 && missing&^v.prompt == 0
	d.Explicit = missing&v.deny != 0
	if d.Allowed {
		d.Audited = want&v.audit != 0
	} else {
		d.Quiet = missing&^v.quiet == 0 && missing != 0
		d.Audited = !d.Quiet
	}
	d.because(a, s, want, missing, v)
}

// answer decides and names what is missing.
func (d *Decision) answer(a *automaton, s dfa.State, want uint32, names func() []permName) {
	d.decide(a, s, want)
	if !d.Allowed {
		d.Missing = spell(want&^a.verdict(s).allow, names())
	}
}

// because lists the entries that decided: for a denial by rule the deny rules, for an allowed request the allow rules.
// What is denied because no rule allows it has no reason to show.
func (d *Decision) because(a *automaton, s dfa.State, want, missing uint32, v *verdict) {
	var kind Action
	var bits uint32
	switch {
	case d.Allowed:
		kind, bits = Allow, want
	case d.Explicit:
		kind, bits = Deny, missing&v.deny
	case d.Prompt:
		kind, bits = PromptUser, missing
	default:
		return
	}
	d.Because = a.responsible(s, kind, bits)
}

// responsible lists the rules of one action that decide any of the bits at a state, each once; nil when none does.
func (a *automaton) responsible(s dfa.State, kind Action, bits uint32) []Reason {
	var d Decision
	for _, i := range a.matched(s) {
		e := &a.entries[i]
		if e.action == kind && e.perms&bits != 0 && e.rule != nil && !a.isOutranked(e, s, bits) {
			d.add(e.rule)
		}
	}
	return d.Because
}

// isOutranked reports whether entries of higher priority decide all of the bits the entry could decide.
func (a *automaton) isOutranked(e *entry, s dfa.State, bits uint32) bool {
	bits &= e.perms
	for _, i := range a.matched(s) {
		if o := &a.entries[i]; o.priority > e.priority {
			bits &^= o.perms
		}
	}
	return bits == 0
}

// add lists a rule once.
func (d *Decision) add(r Rule) {
	for _, b := range d.Because {
		if b.Rule == r {
			return
		}
	}
	if d.Because == nil {
		d.Because = make([]Reason, 0, 4)
	}
	d.Because = append(d.Because, Reason{r})
}

// unmediated fills a decision for a class nothing looks at.
func (d *Decision) unmediated() {
	d.Allowed, d.Unmediated = true, true
}

// walk reads the parts of a match one after the other, with NUL between them.
func (a *automaton) walk(s dfa.State, parts ...string) dfa.State {
	for i, p := range parts {
		if i > 0 {
			s = a.d.Step(s, 0)
		}
		s = a.d.Run(s, p)
	}
	return s
}

func (q File) evaluate(c *compiled, d *Decision) {
	s := c.file.d.Run(dfa.Start, q.Path)
	want := uint32(q.Access) & ownerMask
	if !q.Owner {
		want <<= otherShift
	}
	d.decide(c.file, s, want)
	if !d.Allowed {
		d.Missing = half(want&^c.file.verdict(s).allow, q.Owner).String()
	} else if q.Access&Exec != 0 {
		d.Transition = c.transition(s, q.Owner)
	}
}

// transition returns what the exec entry says; where it leads is found by the Evaluator, which knows the other profiles.
func (c *compiled) transition(s dfa.State, owner bool) *Transition {
	i := 1
	if owner {
		i = 0
	}
	x := c.file.verdict(s).exec[i]
	if x == 0 {
		return &Transition{}
	}
	return &Transition{ExecTransition: c.file.transitions[x-1]}
}

// evaluate of a link follows the kernel's profile_path_link (security/apparmor/file.c): the new name needs link permission,
// the pair of names too, and if the pair says so what the new name allows must be a subset of what the old one does.
func (q HardLink) evaluate(c *compiled, d *Decision) {
	a := c.file
	want := uint32(Link)
	if !q.Owner {
		want <<= otherShift
	}
	name := a.d.Run(dfa.Start, q.Path)
	d.decide(a, name, want)
	if !d.Allowed && !d.probe {
		d.Missing = "l"
		return
	}
	pair := a.d.Run(a.d.Step(name, 0), q.Target)
	*d = Decision{Mode: d.Mode, Profile: d.Profile, trace: d.trace, probe: d.probe}
	d.decide(a, pair, want)
	if !d.Allowed {
		d.Missing = "l"
		return
	}
	if half(a.verdict(pair).allow, q.Owner)&Lock == 0 { // permLinkSubset shares Lock's bit
		return
	}
	target := a.d.Run(dfa.Start, q.Target)
	have, need := half(a.verdict(target).allow, q.Owner), half(a.verdict(name).allow, q.Owner)&^Link
	if extra := need &^ have; extra != 0 {
		d.Allowed, d.Audited, d.Missing = false, true, "l (the link would allow "+extra.String()+", which the target does not)"
		d.Because = nil
	}
}

func (q ProfileChange) evaluate(c *compiled, d *Decision) {
	a := c.file
	if q.Exec == "" {
		d.answer(a, a.d.Run(dfa.Start, q.Target), permChangeProf, changeProfileWords)
	} else {
		d.answer(a, a.walk(dfa.Start, q.Exec, q.Target), permOnexec, changeProfileWords)
	}
}

func (q Capability) evaluate(c *compiled, d *Decision) {
	if q.Cap < 0 || q.Cap > 63 {
		d.Missing, d.Audited = CapabilityName(q.Cap), true
		return
	}
	bit := uint64(1) << q.Cap
	v := &c.caps
	d.Allowed, d.Prompt = v.allow&bit != 0, v.prompt&bit != 0
	d.Explicit = v.deny&bit != 0
	d.Quiet = v.quiet&bit != 0
	d.Audited = !d.Quiet && (!d.Allowed || v.audit&bit != 0)
	if !d.Allowed {
		d.Missing = CapabilityName(q.Cap)
	}
	kind := Allow
	if d.Explicit {
		kind = Deny
	} else if d.Prompt {
		kind = PromptUser
	}
	for _, r := range c.profile.Rules {
		if x, ok := r.(*CapabilityRule); ok && x.Action == kind && x.Caps&bit != 0 && !c.outrankedCap(x, bit) {
			d.add(r)
		}
	}
}

func (c *compiled) outrankedCap(r *CapabilityRule, bit uint64) bool {
	return slices.ContainsFunc(c.profile.Rules, func(o Rule) bool {
		x, ok := o.(*CapabilityRule)
		return ok && x.Priority > r.Priority && x.Caps&bit != 0
	})
}
