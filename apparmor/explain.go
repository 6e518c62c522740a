package apparmor

import (
	"slices"
	"strings"

	"github.com/gostockade/stockade/internal/dfa"
)

// Explanation is a Decision with every rule that matches the request, decisive or not.
type Explanation struct {
	Request  Request
	Decision Decision
	// Matches are the matching rules. For capability and coarse network rules, and in profiles whose rules are too many to be
	// told apart in one automaton, they are the decisive ones.
	Matches []Match
}

// Match is one rule that matches the request.
type Match struct {
	Rule    Rule
	Outcome Outcome
}

// Outcome says what became of a matching rule.
type Outcome uint8

// The outcomes.
const (
	Decides    Outcome = iota // it decides the answer
	Agrees                    // it allows some of what was asked for, but not all of it is allowed
	Overruled                 // it allows what a deny rule of the same priority denies
	Outranked                 // a rule of higher priority decides instead
	Irrelevant                // it is about other permissions
)

// String returns the outcome in words.
func (o Outcome) String() string {
	return [...]string{"decides", "allows a part", "overruled by a deny rule", "outranked by a higher priority", "about other permissions"}[min(o, Irrelevant)]
}

// traceStep is one place where an automaton was asked for permissions.
type traceStep struct {
	a    *automaton
	s    dfa.State
	want uint32
}

// Explain asks a profile as Evaluate does and lists all rules that match.
func (e *Evaluator) Explain(profile string, q Request) (Explanation, error) {
	var trace []traceStep
	d, err := e.evaluate(profile, q, &trace)
	x := Explanation{Request: q, Decision: d}
	for _, step := range trace {
		if step.a.merged {
			continue
		}
		for _, i := range step.a.matched(step.s) {
			en := &step.a.entries[i]
			if en.rule == nil {
				continue
			}
			m := Match{en.rule, d.outcome(step, en)}
			if m.Outcome != Irrelevant || m.Rule.Class() == q.Class() { // change_profile rules match executables too
				x.add(m)
			}
		}
	}
	for _, r := range d.Because {
		x.add(Match{r.Rule, Decides})
	}
	return x, err
}

// add lists a rule once, with the outcome closest to deciding.
func (x *Explanation) add(m Match) {
	i := slices.IndexFunc(x.Matches, func(o Match) bool { return o.Rule == m.Rule })
	if i < 0 {
		x.Matches = append(x.Matches, m)
	} else {
		x.Matches[i].Outcome = min(x.Matches[i].Outcome, m.Outcome)
	}
}

func (d *Decision) outcome(step traceStep, e *entry) Outcome {
	bits := e.perms & step.want
	switch {
	case slices.ContainsFunc(d.Because, func(r Reason) bool { return r.Rule == e.rule }):
		return Decides
	case bits == 0:
		return Irrelevant
	case step.a.isOutranked(e, step.s, bits):
		return Outranked
	case e.action != Deny && bits&step.a.verdict(step.s).deny != 0:
		return Overruled
	}
	return Agrees
}

// String returns the decision, and below it each matching rule with its position and outcome.
func (x Explanation) String() string {
	var b strings.Builder
	d := x.Decision
	d.Because = nil
	b.WriteString(x.Request.String() + ": " + d.String() + "\n")
	for _, m := range x.Matches {
		b.WriteString("    " + m.Rule.Quals().Origin.String() + ": " + m.Rule.String() + "  (" + m.Outcome.String() + ")\n")
	}
	return b.String()
}
