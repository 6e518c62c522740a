package apparmor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gostockade/stockade/internal/dfa"
)

// entry is one rule of an automaton. A policy rule becomes one or more entries: a link rule is a path and a pair of paths,
// a mount rule one entry for each thing mount(2) does.
type entry struct {
	rule     Rule // nil for the marks that say a class is mediated
	perms    uint32
	audit    uint32 // on a deny entry: which denials stay silent
	exec     int16  // 1 + index in automaton.transitions; 0 for none
	action   Action
	exact    bool // no wildcard: its exec transition wins over a wildcard's
	priority int
}

// automaton is a deterministic automaton with the entries its labels are made of, and for each label what they add up to.
type automaton struct {
	d           *dfa.DFA
	entries     []entry
	verdicts    []verdict // by label
	transitions []ExecTransition
	merged      bool // entries that do the same are one: matched names only one of them
}

// verdict is what the entries matching one string add up to, bit by bit.
type verdict struct {
	allow  uint32
	deny   uint32 // denied by a rule, not merely by default
	prompt uint32
	audit  uint32
	quiet  uint32
	exec   [2]int16 // owner's and others' transition, as entry.exec
	clash  bool     // two rules ask for different transitions
}

// PatternError reports a rule whose pattern has no automaton: it is malformed, or too large.
type PatternError struct {
	Origin Origin
	Rule   string // the rule in canonical text
	Err    error
}

func (e *PatternError) Error() string {
	return fmt.Sprintf("apparmor: %v: %s: %v", e.Origin, e.Rule, e.Err)
}

// Unwrap returns the cause.
func (e *PatternError) Unwrap() error { return e.Err }

// automatonBuilder collects entries. The first error sticks.
type automatonBuilder struct {
	b           *dfa.Builder
	entries     []entry
	transitions []ExecTransition
	err         error
}

func newAutomatonBuilder(limits dfa.Limits) *automatonBuilder {
	return &automatonBuilder{b: dfa.NewBuilder(limits)}
}

// add makes an entry match an expression.
func (a *automatonBuilder) add(expr string, e entry) {
	if a.err != nil {
		return
	}
	x, err := dfa.Parse(expr)
	if err == nil {
		e.exact = x.Exact()
		a.entries = append(a.entries, e)
		err = a.b.Add(x, int32(len(a.entries)-1))
	}
	if err != nil {
		a.fail(e.rule, err)
	}
}

func (a *automatonBuilder) fail(r Rule, err error) {
	if a.err != nil {
		return
	}
	if r == nil {
		a.err = fmt.Errorf("apparmor: %w", err)
		return
	}
	a.err = &PatternError{Origin: r.Quals().Origin, Rule: r.String(), Err: err}
}

// glob translates a pattern of the rule. Errors stick.
func (a *automatonBuilder) glob(r Rule, pattern string) string {
	return a.globKind(r, pattern, dfa.GlobPath)
}

func (a *automatonBuilder) globKind(r Rule, pattern string, kind dfa.GlobKind) string {
	s, err := dfa.Glob(pattern, kind)
	if err != nil {
		a.fail(r, err)
	}
	return s
}

// globOr is glob, or the expression any for the empty pattern.
func (a *automatonBuilder) globOr(r Rule, pattern, any string) string {
	if pattern == "" {
		return any
	}
	return a.glob(r, pattern)
}

// Expressions for a field without a condition.
const (
	anyText  = `[^\x00]*` // any, or none
	someText = `[^\x00]+` // any but empty
	fieldEnd = `\x00`
)

// fields joins expressions with the NUL that separates them in a match.
func fields(parts ...string) string { return strings.Join(parts, fieldEnd) }

// entryFor starts an entry for a rule of a class other than file.
func entryFor(r Rule, perms uint32) entry {
	q := r.Quals()
	e := entry{rule: r, perms: perms, action: q.Action, priority: q.Priority}
	if q.logs() {
		e.audit = perms
	}
	return e
}

// logs reports whether the rule's audit mask is set: allowed accesses to log, or denials to keep silent about.
func (q *Qualifiers) logs() bool { return q.Audit != (q.Action == Deny) }

// transition numbers an exec transition.
func (a *automatonBuilder) transition(t ExecTransition) int16 {
	for i, o := range a.transitions {
		if o == t {
			return int16(i + 1)
		}
	}
	a.transitions = append(a.transitions, t)
	return int16(len(a.transitions))
}

// maxNamedStates is how large an automaton may grow whose states know which rules matched. Beyond it rules that do the
// same are one, and Evaluate finds out which of them matched by asking each alone.
const maxNamedStates = 1 << 16

// build determinises. An automaton without entries matches nothing.
func (a *automatonBuilder) build(limits dfa.Limits) (*automaton, error) {
	if a.err != nil {
		return nil, a.err
	}
	out := &automaton{entries: a.entries, transitions: a.transitions}
	named := limits
	if named.States == 0 || named.States > maxNamedStates {
		named.States = maxNamedStates
	}
	var err error
	a.b.SetLimits(named)
	out.d, err = a.b.Build()
	var limit *dfa.LimitError
	if errors.As(err, &limit) {
		out.merged = true
		a.b.SetLimits(limits)
		out.d, err = a.b.Reduce(a.alike()).Build()
	}
	if err != nil {
		return nil, fmt.Errorf("apparmor: %w", err)
	}
	out.verdicts = make([]verdict, out.d.Labels())
	var buf []*entry
	for l := range out.verdicts {
		buf = buf[:0]
		for _, r := range out.d.Rules(int32(l)) {
			buf = append(buf, &out.entries[r])
		}
		out.verdicts[l] = combine(buf)
	}
	return out, nil
}

// alike maps an entry to the first one that differs in nothing but its rule.
func (a *automatonBuilder) alike() func(rule int32) int32 {
	first := make(map[entry]int32)
	to := make([]int32, len(a.entries))
	for i, e := range a.entries {
		e.rule = nil
		if _, ok := first[e]; !ok {
			first[e] = int32(i)
		}
		to[i] = first[e]
	}
	return func(rule int32) int32 { return to[rule] }
}

// verdict returns what the entries that match at state s add up to.
func (a *automaton) verdict(s dfa.State) *verdict { return &a.verdicts[a.d.Label(s)] }

// matched returns the entries that match at state s.
func (a *automaton) matched(s dfa.State) []int32 { return a.d.Rules(a.d.Label(s)) }
