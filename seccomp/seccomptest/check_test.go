package seccomptest

import (
	"slices"
	"strings"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

// testProfile allows reading files and IPv4 stream sockets.
func testProfile() *seccomp.Profile {
	return &seccomp.Profile{
		Default: seccomp.Errno(1),
		Newer:   &seccomp.Newer{Action: seccomp.Errno(38)},
		Rules: []seccomp.Rule{
			{Names: []string{"read", "close", "epoll_pwait2"}, Action: seccomp.Allow, Origin: "app.go:3"},
			{Names: []string{"openat"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 2, Width: seccomp.Width32}}},
			{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Width: seccomp.Width32, Value: 2}}},
			{Names: []string{"ptrace"}, Action: seccomp.KillProcess},
		},
	}
}

func TestCheckHolds(t *testing.T) {
	Check(t, testProfile(), `
		amd64 read()                       allow
		amd64 openat(_, _, O_RDONLY)       allow
		amd64 openat(_, _, O_WRONLY)       errno EPERM
		amd64 socket(AF_INET)              allow
		amd64 socket(0x7fff00000002)       allow          # the kernel looks at the low half alone
		amd64 socket(AF_VSOCK)             errno EPERM
		amd64 ptrace(PTRACE_TRACEME)       kill_process
		amd64 1000()                       errno ENOSYS
		386   read()                       kill_process   # not an ABI of the profile
		x32   read()                       kill_process
		arm64 read()                       allow
	`)
}

func TestCheckFails(t *testing.T) {
	tests := []struct {
		table string
		want  []string // parts of the failures, in order
	}{
		{"amd64 read() errno EPERM", []string{"line 1: amd64 read() errno EPERM\n\tgot allow for amd64 read(0, 0, 0, 0, 0, 0) by rule 0 (app.go:3, allow read close epoll_pwait2)"}},
		{"amd64 write() allow", []string{"got errno EPERM for amd64 write(0, 0, 0, 0, 0, 0), which no rule matches"}},
		{"amd64 write() errno ENOENT", []string{"got errno EPERM"}},
		// Every value must get the action, and the failure shows one that does not.
		{"amd64 openat() allow", []string{"got errno EPERM for amd64 openat(0, 0, 1, 0, 0, 0), which no rule matches"}},
		{"amd64 openat() errno EPERM", []string{"got allow for amd64 openat(0, 0, 0, 0, 0, 0) by rule 1"}},
		{"amd64 read() allow\namd64 foo() allow\namd64 write() log", []string{"table line 2", "table line 3"}},
		{"# nothing", []string{"nothing was checked"}},
	}
	for _, tt := range tests {
		got := check(testProfile(), tt.table, nil)
		if len(got) != len(tt.want) {
			t.Errorf("%q: %d failures, want %d: %q", tt.table, len(got), len(tt.want), got)
			continue
		}
		for i, want := range tt.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%q: failure %q, want %q", tt.table, got[i], want)
			}
		}
	}
	if got := check(nil, "amd64 read() allow", nil); len(got) != 1 {
		t.Errorf("no profile: %q", got)
	}
	if got := check(&seccomp.Profile{Rules: []seccomp.Rule{{Names: []string{"nonsense"}}}}, "amd64 read() allow", nil); len(got) != 1 || !strings.Contains(got[0], "unknown system call") {
		t.Errorf("bad profile: %q", got)
	}
}

// recorder is a test that only collects failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper()        {}
func (r *recorder) Error(a ...any) { r.failures = append(r.failures, a[0].(string)) }
func (r *recorder) Errorf(f string, a ...any) {
	r.failures = append(r.failures, strings.TrimSpace(strings.Join(append([]string{f}, stringsOf(a)...), " ")))
}

func stringsOf(list []any) (out []string) {
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func TestCheckCoverage(t *testing.T) {
	var r recorder
	CheckCoverage(&r, testProfile(), "amd64 read() allow\namd64 openat(_,_,O_WRONLY) errno EPERM\namd64 ptrace() kill_process")
	if len(r.failures) != 2 || !strings.Contains(r.failures[0], "rule 1 (allow openat)") || !strings.Contains(r.failures[1], "rule 2 (allow socket)") {
		t.Errorf("failures %q", r.failures)
	}
	CheckCoverage(t, testProfile(), `
		amd64 read()                  allow
		amd64 openat(_, _, O_RDONLY)  allow
		amd64 socket(AF_INET)         allow
		amd64 ptrace()                kill_process
	`)
	shadowed := testProfile()
	shadowed.Rules = slices.Insert(shadowed.Rules, 0, seccomp.Rule{Names: []string{"read"}, Action: seccomp.Errno(1)})
	r = recorder{}
	CheckCoverage(&r, shadowed, "amd64 read() errno EPERM\namd64 close() allow\namd64 openat(_,_,0) allow\namd64 socket(2) allow\namd64 ptrace() kill_process")
	if len(r.failures) != 0 {
		t.Errorf("failures %q", r.failures)
	}
	r = recorder{}
	CheckCoverage(&r, nil, "amd64 read() allow")
	if len(r.failures) != 1 {
		t.Errorf("no profile: %q", r.failures)
	}
}
