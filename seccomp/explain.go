package seccomp

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation says what a profile does with a call, and why.
type Explanation struct {
	Call    Call
	Name    string      // the call's name in its ABI, "" if it has none
	Action  Action      // what happens
	Rule    int         // index in Profile.Rules of the rule that decides, -1 if none does
	Origin  string      // that rule's Origin
	Because string      // why, in one sentence
	Others  []OtherRule // the other rules that name the call, in their order
	Notes   []string    // other ways to make the call, and what a filter cannot see
}

// OtherRule is a rule that names a call but does not decide about it.
type OtherRule struct {
	Rule   int    // index in Profile.Rules
	Origin string // its Origin
	Action Action // its action
	Why    string // why it does not decide
}

// String returns the explanation as text of several lines.
func (e *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %v\n  because %s\n", e.Call, e.Action, e.Because)
	for _, o := range e.Others {
		fmt.Fprintf(&b, "  not %s, %v: %s\n", ruleName(o.Rule, o.Origin), o.Action, o.Why)
	}
	for _, n := range e.Notes {
		fmt.Fprintf(&b, "  note: %s\n", n)
	}
	return b.String()
}

// ruleName returns "rule 3" with the rule's origin behind it, if it has one.
func ruleName(i int, origin string) string {
	if origin == "" {
		return fmt.Sprintf("rule %d", i)
	}
	return fmt.Sprintf("rule %d (%s)", i, origin)
}

// Explain returns what the profile does with a call, which rule decides and why no other does. Errors are those of Simulate;
// the action is then KillProcess.
func (p *Profile) Explain(c Call) (Explanation, error) { return (&Simulator{profile: p}).Explain(c) }

// Explain is Profile.Explain for many calls.
func (s *Simulator) Explain(c Call) (Explanation, error) {
	e := Explanation{Call: c, Rule: -1}
	o, err := s.decide(c)
	if err != nil {
		return e, fmt.Errorf("seccomp: explain: %w", err)
	}
	e.Action = o.action
	e.Name, _ = c.Name()
	x := explainer{p: s.profile, c: c, abi: c.abi(), decided: o}
	if err := x.findHits(); err != nil {
		return e, fmt.Errorf("seccomp: explain: %w", err)
	}
	if o.rule >= 0 {
		e.Rule, e.Origin = int(o.rule), s.profile.Rules[o.rule].Origin
	}
	e.Others = x.others()
	e.Because = x.because()
	e.Notes = x.notes(s)
	return e, nil
}

// An explainer gathers what the rules say about one call.
type explainer struct {
	p       *Profile
	c       Call
	abi     Arch
	decided outcome
	hits    []callHit // in the order of the rules
}

// A callHit is a rule that names the call, or a call that is made through it.
type callHit struct {
	hit
	through string // the call that a multiplexer makes here, "" if the rule names the call itself
}

// findHits collects the rules that name the call, for whatever ABI.
func (x *explainer) findHits() error {
	all, err := expand(x.p, nil)
	if err != nil {
		return err
	}
	made := x.multiplexes()
	for _, h := range all {
		if nr, ok := h.id.Number(x.abi.abi()); ok && nr == x.c.Nr {
			x.hits = append(x.hits, callHit{h, ""})
		} else if made != "" && h.id.String() == made {
			x.hits = append(x.hits, callHit{h, made})
		}
	}
	return nil
}

// because returns why the call has its action.
func (x *explainer) because() string {
	switch x.decided.rule {
	case ruleForeign:
		return fmt.Sprintf("the profile is not for %v", x.abi)
	case ruleNewer:
		return "the call is newer than the profile knows"
	case ruleDefault:
		if len(x.hits) == 0 {
			return "no rule names it, and this is the default"
		}
		return "no rule for it matches, and this is the default"
	}
	rule := &x.p.Rules[x.decided.rule]
	name := ruleName(int(x.decided.rule), rule.Origin)
	i := slices.IndexFunc(x.hits, func(h callHit) bool { return h.rule == x.decided.rule && x.reason(h) == "" })
	switch {
	case i < 0:
		return name + " matches"
	case x.hits[i].through != "":
		return fmt.Sprintf("%s is for %s, which this is a way to make", name, x.hits[i].through)
	case len(x.hits[i].args(x.p)) == 0:
		return name + " is for it, whatever the arguments"
	}
	var conds []string
	for _, a := range x.hits[i].args(x.p) {
		conds = append(conds, a.String())
	}
	return fmt.Sprintf("%s matches: %s", name, strings.Join(conds, " and "))
}

// others explains the rules that do not decide, one line for each.
func (x *explainer) others() (out []OtherRule) {
	if x.decided.rule == ruleForeign {
		return nil
	}
	for _, h := range x.hits {
		if h.rule == x.decided.rule {
			continue
		}
		rule := &x.p.Rules[h.rule]
		why := x.reason(h)
		if why == "" {
			why = x.outranked(h)
		}
		if n := len(out); n > 0 && out[n-1].Rule == int(h.rule) {
			continue // the rule names the call twice
		}
		out = append(out, OtherRule{int(h.rule), rule.Origin, rule.Action, why})
	}
	return out
}

// outranked says why a rule that matches does not decide.
func (x *explainer) outranked(h callHit) string {
	action := x.p.Rules[h.rule].Action
	if action.Kind() == x.decided.action.Kind() {
		return fmt.Sprintf("it matches too, but rule %d comes first", x.decided.rule)
	}
	return fmt.Sprintf("it matches too, but %v is more restrictive", x.decided.action)
}
