package profile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

func container() *Profile {
	return &Profile{
		Name: "container",
		Seccomp: &seccomp.Profile{
			Default: seccomp.Allow, Arches: []seccomp.Arch{seccomp.AMD64},
			Rules: []seccomp.Rule{{Names: []string{"mkdir", "mkdirat"}, Action: seccomp.Errno(5)}},
		},
		AppArmor: &AppArmor{Profile: "web"},
	}
}

func TestFillSpec(t *testing.T) {
	spec := &specs.Spec{Process: &specs.Process{Args: []string{"x"}}}
	diags, err := FillSpec(container(), spec, &oci.ExportOptions{Arch: seccomp.AMD64, Narrow: true})
	if err != nil {
		t.Fatalf("%v, %v", err, diags)
	}
	if spec.Process.ApparmorProfile != "web" || !spec.Process.NoNewPrivileges || spec.Linux == nil || spec.Linux.Seccomp == nil || spec.Process.Args[0] != "x" {
		t.Errorf("%+v", spec)
	}
	back, _, err := oci.Import(spec.Linux.Seccomp, &oci.ImportOptions{Arch: seccomp.AMD64})
	if err != nil {
		t.Fatal(err)
	}
	nr, _ := seccomp.AMD64.Number("mkdir")
	if got, err := back.Simulate(seccomp.Call{Arch: seccomp.AMD64, Nr: nr}); err != nil || got != seccomp.Errno(5) {
		t.Errorf("mkdir after the round trip: %v, %v", got, err)
	}
}

func TestFillSpecKeepsAndRefuses(t *testing.T) {
	section := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno}
	spec := &specs.Spec{Process: &specs.Process{ApparmorProfile: "old"}, Linux: &specs.Linux{Seccomp: section}}
	if _, err := FillSpec(&Profile{AppArmor: &AppArmor{Profile: "web"}}, spec, nil); err != nil || spec.Linux.Seccomp != section || spec.Process.ApparmorProfile != "web" {
		t.Errorf("a profile without seccomp: %v, %+v", err, spec)
	}
	before := specs.Spec{Process: &specs.Process{ApparmorProfile: "old"}}
	for name, p := range map[string]*Profile{
		"empty":       {},
		"stack":       {AppArmor: &AppArmor{Profile: "web", Stack: true}},
		"not in OCI":  {Seccomp: &seccomp.Profile{Default: seccomp.Allow, Foreign: seccomp.Allow, Arches: []seccomp.Arch{seccomp.AMD64}}, AppArmor: &AppArmor{Profile: "web"}},
		"bad seccomp": {Seccomp: &seccomp.Profile{Rules: []seccomp.Rule{{Names: []string{"nosuchcall"}}}}},
	} {
		spec := specs.Spec{Process: &specs.Process{ApparmorProfile: "old"}}
		_, err := FillSpec(p, &spec, &oci.ExportOptions{Arch: seccomp.AMD64})
		if diff := cmp.Diff(before, spec); err == nil || diff != "" {
			t.Errorf("%s: %v, changed:\n%s", name, err, diff)
		}
	}
	if _, err := FillSpec(&Profile{}, &specs.Spec{}, nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v, want ErrEmpty", err)
	}
}

func TestCheckSpec(t *testing.T) {
	good := func() *specs.Spec {
		return &specs.Spec{
			Process: &specs.Process{NoNewPrivileges: true, ApparmorProfile: "web"},
			Linux:   &specs.Linux{Seccomp: &specs.LinuxSeccomp{DefaultAction: specs.ActErrno}},
		}
	}
	if got := CheckSpec(good()); got != nil {
		t.Errorf("nothing is wrong, and it says %v", got)
	}
	for name, tt := range map[string]struct {
		set  func(*specs.Spec)
		want string // start of the problem
	}{
		"no filter":    {func(s *specs.Spec) { s.Linux.Seccomp = nil }, "linux.seccomp: absent"},
		"no linux":     {func(s *specs.Spec) { s.Linux = nil }, "linux.seccomp: absent"},
		"no process":   {func(s *specs.Spec) { s.Process = nil }, "process.noNewPrivileges: false"},
		"no_new_privs": {func(s *specs.Spec) { s.Process.NoNewPrivileges = false }, "process.noNewPrivileges: false, and the process has no CAP_SYS_ADMIN"},
		"unconfined":   {func(s *specs.Spec) { s.Process.ApparmorProfile = "unconfined" }, "process.apparmorProfile: unconfined"},
		"name":         {func(s *specs.Spec) { s.Process.ApparmorProfile = "web\n" }, `process.apparmorProfile: "web\n"`},
		"two modules":  {func(s *specs.Spec) { s.Process.SelinuxLabel = "x" }, "process.selinuxLabel: "},
		"policy admin": {func(s *specs.Spec) {
			s.Process.Capabilities = &specs.LinuxCapabilities{Effective: []string{"CAP_MAC_ADMIN"}}
		}, "process.capabilities: CAP_MAC_ADMIN"},
		"bound /proc":       {func(s *specs.Spec) { s.Mounts = []specs.Mount{{Destination: "/proc", Options: []string{"bind"}}} }, "mounts: /proc"},
		"nobody to notify":  {func(s *specs.Spec) { s.Linux.Seccomp.Syscalls = []specs.LinuxSyscall{{Action: specs.ActNotify}} }, "linux.seccomp.listenerPath: absent"},
		"nothing to notify": {func(s *specs.Spec) { s.Linux.Seccomp.ListenerPath = "/run/x" }, "linux.seccomp.listenerPath: \"/run/x\""},
		"flag without notify": {func(s *specs.Spec) {
			s.Linux.Seccomp.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagWaitKillableRecv}
		}, "linux.seccomp.flags: "},
	} {
		s := good()
		tt.set(s)
		var all []string
		for _, p := range CheckSpec(s) {
			all = append(all, p.String())
		}
		if joined := strings.Join(all, "\n"); !strings.Contains(joined, tt.want) {
			t.Errorf("%s: %q, want %q", name, all, tt.want)
		}
	}
}
