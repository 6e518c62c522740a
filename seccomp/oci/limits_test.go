package oci_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// A runtime covers the machine's own ABI whether it is listed or not: a profile for 386 alone would be wider on amd64.
func TestExportWantsPrimaryABIs(t *testing.T) {
	p := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: []string{"read"}, Action: seccomp.Allow}}}
	for _, arches := range [][]seccomp.Arch{{seccomp.I386}, {seccomp.X32, seccomp.I386}, {seccomp.AMD64, seccomp.ARM}, {}} {
		p.Arches = arches
		for _, opts := range []*oci.ExportOptions{nil, {Narrow: true}} {
			if _, _, err := oci.Export(p, opts); err == nil {
				t.Errorf("%v: exported", arches)
			}
		}
	}
}

// An empty list of ABIs in a rule means none of them, not all.
func TestNarrowKeepsEmptyArches(t *testing.T) {
	p := &seccomp.Profile{Default: seccomp.Errno(1), Foreign: seccomp.KillThread, Arches: []seccomp.Arch{seccomp.AMD64}, Rules: []seccomp.Rule{
		{Names: []string{"read", "execve"}, Action: seccomp.Allow, Arches: []seccomp.Arch{}},
		{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Value: 1}}},
	}}
	s, _, err := oci.Export(p, &oci.ExportOptions{Narrow: true})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := oci.Import(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := seccomp.Subset(got, p); d != nil || err != nil {
		t.Errorf("wider than the profile: %v, %v", d, err)
	}
}

// Newer calls that a supervisor, a tracer or the log is to see must not become plainly allowed.
func TestExportNewerNeverWider(t *testing.T) {
	for _, a := range []seccomp.Action{seccomp.Errno(38), seccomp.Notify, seccomp.Trace, seccomp.Log} {
		p := &seccomp.Profile{Default: seccomp.Allow, Newer: &seccomp.Newer{Action: a}, Arches: []seccomp.Arch{seccomp.AMD64},
			Rules: []seccomp.Rule{{Names: []string{"mount"}, Action: seccomp.Errno(1)}}}
		if _, diags, err := oci.Export(p, &oci.ExportOptions{Narrow: true}); err == nil {
			t.Errorf("%v: exported, with %v", a, diags)
		}
	}
}

// Documents whose import would take time or memory out of proportion are refused.
func TestImportLimits(t *testing.T) {
	overlapping := func(n int) *specs.LinuxSeccomp {
		s := &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchX86_64}}
		for i := range n {
			errno := uint(2 + i%2)
			s.Syscalls = append(s.Syscalls, specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActErrno, ErrnoRet: &errno,
				Args: []specs.LinuxSeccompArg{{Op: specs.OpGreaterEqual, Value: uint64(i)}}})
		}
		return s
	}
	if _, diags, err := oci.Import(overlapping(200), nil); err != nil || len(diags) > 3000 {
		t.Errorf("200 overlapping rules: %d diagnostics, %v", len(diags), err)
	}
	names := strings.Fields(strings.Repeat("nosuchcall ", seccomp.MaxNames+1))
	for _, s := range []*specs.LinuxSeccomp{
		overlapping(1000),
		overlapping(seccomp.MaxRules + 1),
		{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchX86_64}, Syscalls: []specs.LinuxSyscall{{Names: names, Action: specs.ActErrno}}},
	} {
		if _, _, err := oci.Import(s, nil); !errors.Is(err, seccomp.ErrTooLarge) {
			t.Errorf("%d rules: %v, want ErrTooLarge", len(s.Syscalls), err)
		}
	}
}
