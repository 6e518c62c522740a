package apparmortest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

// recorder is a testing.TB that keeps what is reported.
type recorder struct {
	testing.TB
	errors []string
	fatal  bool
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.fatal = true
}
func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

func at(line int, action apparmor.Action) apparmor.Qualifiers {
	return apparmor.Qualifiers{Action: action, Origin: apparmor.Origin{Pos: syntax.Pos{File: "app", Line: line, Col: 3}}}
}

func policy() *apparmor.Policy {
	return &apparmor.Policy{Profiles: []*apparmor.Profile{{Name: "app", Rules: []apparmor.Rule{
		&apparmor.FileRule{Qualifiers: at(2, apparmor.Allow), Path: "/etc/*", Perms: apparmor.Read},
		&apparmor.FileRule{Qualifiers: at(3, apparmor.Deny), Path: "/etc/shadow", Perms: apparmor.Read},
		&apparmor.FileRule{Qualifiers: at(4, apparmor.Allow), Path: "/usr/bin/id", Perms: apparmor.Exec, Exec: apparmor.ExecTransition{Mode: apparmor.ExecInherit}},
		&apparmor.FileRule{Qualifiers: at(5, apparmor.Allow), Path: "/usr/bin/px", Perms: apparmor.Exec,
			Exec: apparmor.ExecTransition{Mode: apparmor.ExecProfile, Target: "other"}},
		&apparmor.CapabilityRule{Qualifiers: at(6, apparmor.Allow), Caps: 1 << 12},
		&apparmor.RlimitRule{Qualifiers: at(7, apparmor.Allow)},
	}}}}
}

const good = `
	# what it reads
	/etc/hosts r              allow
	/etc/shadow r             deny quiet
	/etc/hosts w              deny      # nothing said
	/usr/bin/id x             allow -> ix
	/usr/bin/px x             allow -> Px -> other
	"/with # and space" r     deny
	capability net_admin      allow
	capability sys_admin      deny
	userns create             unmediated
`

func TestCheckPasses(t *testing.T) {
	Check(t, policy(), "app", good)
}

func TestCheckReports(t *testing.T) {
	for table, want := range map[string]string{
		"/etc/hosts r deny":          "line 1: /etc/hosts r: got allow, want deny\n\tallowed: app:2:3",
		"\n/etc/shadow r allow":      "line 2: /etc/shadow r: got deny, want allow",
		"/etc/hosts w deny quiet":    "denied, but not quietly",
		"/etc/hosts r allow audited": "allow, but not logged",
		"/usr/bin/id x allow -> Px":  "transition ix, want Px",
		"/etc/hosts r allow -> ix":   "no transition, want ix",
		"/etc/hosts r":               "no answer",
		"deny":                       "no request",
		"/etc/hosts rz deny":         `permission "z"`,
		"/etc/hosts r allow maybe":   `unknown word "maybe"`,
		"/etc/hosts r allow quiet":   "only a denial",
		"/usr/bin/id x deny -> ix":   "-> needs",
		"# nothing":                  "no requests",
	} {
		r := &recorder{TB: t}
		Check(r, policy(), "app", table)
		if len(r.errors) != 1 || !strings.Contains(r.errors[0], want) {
			t.Errorf("%q: reported %q, want one error with %q", table, r.errors, want)
		}
	}
}

func TestCheckOtherFailures(t *testing.T) {
	r := &recorder{TB: t}
	Check(r, policy(), "nobody", "/etc/hosts r allow")
	if len(r.errors) != 1 || !strings.Contains(r.errors[0], "no such profile") {
		t.Errorf("unknown profile: %q", r.errors)
	}
	r = &recorder{TB: t}
	if New(r, nil, nil) != nil || !r.fatal {
		t.Errorf("no policy: %q", r.errors)
	}
	r = &recorder{TB: t}
	bad := policy()
	bad.Profiles[0].Rules = append(bad.Profiles[0].Rules, &apparmor.FileRule{Qualifiers: at(9, apparmor.Allow), Path: "/{x", Perms: apparmor.Read})
	Check(r, bad, "app", "/etc/hosts r allow")
	if len(r.errors) != 1 || !strings.Contains(r.errors[0], "app:9:3") {
		t.Errorf("malformed rule: %q", r.errors)
	}
}

func TestCoverage(t *testing.T) {
	r := &recorder{TB: t}
	s := New(r, policy(), nil)
	s.Check("app", "/etc/hosts r allow\n/etc/shadow r deny\n")
	if covered, total := s.Coverage("app"); covered != 2 || total != 5 {
		t.Errorf("%d of %d rules covered, want 2 of 5", covered, total)
	}
	s.RequireCoverage("app")
	if len(r.errors) != 3 || !strings.Contains(r.errors[0], "app:4:3: no line exercises /usr/bin/id ix,") {
		t.Errorf("reported %q", r.errors)
	}
	r.errors = nil
	s.Check("app", good)
	s.RequireCoverage("app")
	if len(r.errors) != 0 {
		t.Errorf("after the whole table: %q", r.errors)
	}
}

func FuzzTable(f *testing.F) {
	f.Add(good)
	f.Add("x deny -> deny allow")
	f.Fuzz(func(t *testing.T, table string) {
		lines, errs := parseTable(table)
		if n := strings.Count(table, "\n") + 1; len(lines)+len(errs) > n {
			t.Errorf("%d lines and %d errors from %d lines", len(lines), len(errs), n)
		}
	})
}

func ExampleCheck() {
	// In a test, pass its *testing.T.
	var t testing.TB = &printer{}
	Check(t, policy(), "app", `
		/etc/shadow r          deny
		/usr/bin/id x          allow -> ix
		capability sys_admin   allow
	`)
	// Output:
	// app: line 4: capability sys_admin: got deny, want allow
	//	denied sys_admin: no rule allows it
}

// printer is a testing.TB for the example.
type printer struct{ testing.TB }

func (*printer) Helper() {}
func (*printer) Errorf(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
}
