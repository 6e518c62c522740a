package apparmortest

import (
	"testing"

	"github.com/gostockade/stockade/apparmor"
)

// Check asks the profile of the policy every request of the table and reports the answers that differ, with the rules
// that decided, as errors of t. See the package comment for the form of a table.
func Check(t testing.TB, policy *apparmor.Policy, profile, table string) {
	t.Helper()
	New(t, policy, nil).Check(profile, table)
}

// Suite runs tables against the profiles of one policy and remembers which rules decided an answer. It reports to the
// testing.TB it was made for, and is not safe for concurrent use.
type Suite struct {
	t      testing.TB
	policy *apparmor.Policy
	eval   *apparmor.Evaluator
	used   map[apparmor.Rule]bool
}

// New returns a suite for a policy. Options say under which feature set it is evaluated; nil means the policy's own. Policy
// that cannot be evaluated ends the test.
func New(t testing.TB, policy *apparmor.Policy, opts *apparmor.EvaluateOptions) *Suite {
	t.Helper()
	if policy == nil {
		t.Fatal("apparmortest: no policy")
		return nil
	}
	eval, err := apparmor.NewEvaluator(policy, opts)
	if err != nil {
		t.Fatalf("apparmortest: %v", err)
		return nil
	}
	return &Suite{t: t, policy: policy, eval: eval, used: map[apparmor.Rule]bool{}}
}

// Check runs a table against one profile, named in full.
func (s *Suite) Check(profile, table string) {
	s.t.Helper()
	lines, errs := parseTable(table)
	for _, err := range errs {
		s.t.Errorf("%s: %v", profile, err)
	}
	if len(lines) == 0 && len(errs) == 0 {
		s.t.Errorf("%s: the table has no requests", profile)
	}
	for _, l := range lines {
		d, err := s.eval.Evaluate(profile, l.request)
		if err != nil {
			s.t.Errorf("%s: line %d: %v: %v", profile, l.number, l.request, err)
			continue
		}
		for _, r := range d.Because {
			s.used[r.Rule] = true
		}
		if diff := l.want.mismatch(d); diff != "" {
			s.t.Errorf("%s: line %d: %v: %s\n\t%v", profile, l.number, l.request, diff, d)
		}
	}
}

// Uncovered returns the rules of a profile that decided no answer so far, in source order. Rules nobody wrote and resource
// limits, which no request is about, are left out. Whether a rule that shares its requests with a broader one decides
// is not told apart: both do.
func (s *Suite) Uncovered(profile string) []apparmor.Rule {
	s.t.Helper()
	p := s.policy.Profile(profile)
	if p == nil {
		s.t.Errorf("apparmortest: %q: %v", profile, apparmor.ErrNoProfile)
		return nil
	}
	var out []apparmor.Rule
	for _, r := range p.Rules {
		if !s.used[r] && !r.Quals().Implied && r.Class() != apparmor.ClassRlimit {
			out = append(out, r)
		}
	}
	return out
}

// Coverage returns how many of a profile's rules have decided an answer, and how many it has, counted as Uncovered does.
func (s *Suite) Coverage(profile string) (covered, total int) {
	s.t.Helper()
	uncovered := len(s.Uncovered(profile))
	p := s.policy.Profile(profile)
	if p == nil {
		return 0, 0
	}
	for _, r := range p.Rules {
		if !r.Quals().Implied && r.Class() != apparmor.ClassRlimit {
			total++
		}
	}
	return total - uncovered, total
}

// RequireCoverage reports, as an error of the test, the rules of a profile that no line exercised.
func (s *Suite) RequireCoverage(profile string) {
	s.t.Helper()
	for _, r := range s.Uncovered(profile) {
		s.t.Errorf("%s: %v: no line exercises %v", profile, r.Quals().Origin, r)
	}
}
