package seccomptest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

// Check fails the test for each line of the table that the profile does not live up to, and for faults in the table, with their
// places. The package comment describes tables. It needs neither Linux nor privileges.
func Check(t testing.TB, p *seccomp.Profile, table string) {
	t.Helper()
	for _, failure := range check(p, table, nil) {
		t.Error(failure)
	}
}

// CheckCoverage is Check that also fails for each rule of the profile that the table never exercises: no line has a call about
// which that rule decides. A rule that can never decide, because others always win, is reported too.
func CheckCoverage(t testing.TB, p *seccomp.Profile, table string) {
	t.Helper()
	if p == nil {
		Check(t, p, table)
		return
	}
	decided := make([]bool, len(p.Rules))
	for _, failure := range check(p, table, decided) {
		t.Error(failure)
	}
	for i := range p.Rules {
		if !decided[i] {
			t.Errorf("%s was never exercised: no line of the table has a call that it decides about", describeRule(p, i))
		}
	}
}

// check returns what is wrong, and marks the rules that decided about a call.
func check(p *seccomp.Profile, table string, decided []bool) (failures []string) {
	if p == nil {
		return []string{"seccomptest: no profile"}
	}
	lines, err := Parse(table)
	if err != nil {
		failures = append(failures, err.Error())
	} else if len(lines) == 0 {
		failures = append(failures, "seccomptest: the table has no lines, so nothing was checked")
	}
	sim, err := seccomp.NewSimulator(p)
	if err != nil {
		return append(failures, err.Error())
	}
	for _, l := range lines {
		outcomes, err := sim.Outcomes(l.Arch, l.Nr, l.Args)
		if err != nil {
			failures = append(failures, fmt.Sprintf("table line %d: %s\n\t%v", l.Number, l.Text, err))
			continue
		}
		for _, o := range outcomes {
			if o.Rule >= 0 && decided != nil {
				decided[o.Rule] = true
			}
		}
		if failure := l.compare(p, outcomes); failure != "" {
			failures = append(failures, failure)
		}
	}
	return failures
}

// compare returns how the outcomes differ from what the line wants, with a call for each that does, or "".
func (l *Line) compare(p *seccomp.Profile, outcomes []seccomp.Outcome) string {
	var b strings.Builder
	for _, o := range outcomes {
		if o.Action == l.Want {
			continue
		}
		if b.Len() == 0 {
			fmt.Fprintf(&b, "table line %d: %s", l.Number, l.Text)
		}
		fmt.Fprintf(&b, "\n\tgot %s for %v", actionText(l.Arch, o.Action), o.Call)
		if o.Rule >= 0 {
			fmt.Fprintf(&b, " by %s", describeRule(p, o.Rule))
		} else {
			b.WriteString(", which no rule matches")
		}
	}
	return b.String()
}

// actionText returns the action as tables spell it, with the error's name.
func actionText(arch seccomp.Arch, a seccomp.Action) string {
	if a.IsErrno() {
		if name, ok := arch.ErrnoName(a.Data()); ok {
			return "errno " + name
		}
	}
	return a.String()
}

// describeRule returns `rule 3 (/syscalls/3, allow read write and 12 more)`.
func describeRule(p *seccomp.Profile, i int) string {
	r := &p.Rules[i]
	names := r.Names
	more := ""
	if len(names) > 4 {
		more = fmt.Sprintf(" and %d more", len(names)-3)
		names = names[:3]
	}
	origin := ""
	if r.Origin != "" {
		origin = r.Origin + ", "
	}
	return fmt.Sprintf("rule %d (%s%v %s%s)", i, origin, r.Action, strings.Join(names, " "), more)
}
