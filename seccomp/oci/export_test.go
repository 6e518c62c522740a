package oci_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// written prints a document's rules, one a line.
func written(s *specs.LinuxSeccomp) string {
	var b strings.Builder
	for _, c := range s.Syscalls {
		fmt.Fprintf(&b, "%s", strings.TrimPrefix(string(c.Action), "SCMP_ACT_"))
		if c.ErrnoRet != nil {
			fmt.Fprintf(&b, " %d", *c.ErrnoRet)
		}
		b.WriteString(" " + strings.Join(c.Names, " "))
		for _, a := range c.Args {
			fmt.Fprintf(&b, " (%d %s %#x", a.Index, strings.TrimPrefix(string(a.Op), "SCMP_CMP_"), a.Value)
			if a.Op == specs.OpMaskedEqual {
				fmt.Fprintf(&b, " %#x", a.ValueTwo)
			}
			b.WriteString(")")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func eq(i uint, v uint64) seccomp.Arg { return seccomp.Arg{Index: i, Value: v} }

func TestExport(t *testing.T) {
	allow := func(names string, args ...seccomp.Arg) seccomp.Rule {
		return seccomp.Rule{Names: strings.Fields(names), Action: seccomp.Allow, Args: args}
	}
	deny := func(n uint16, names string, args ...seccomp.Arg) seccomp.Rule {
		return seccomp.Rule{Names: strings.Fields(names), Action: seccomp.Errno(n), Args: args}
	}
	int32eq := func(i uint, v uint64) seccomp.Arg { return seccomp.Arg{Index: i, Width: seccomp.Width32, Value: v} }
	for _, tt := range []struct {
		name  string
		rules []seccomp.Rule
		want  string
	}{
		{"nothing", nil, ""},
		{"shared rules", []seccomp.Rule{allow("read write"), allow("close"), deny(2, "kill")}, "ALLOW read write close\nERRNO 2 kill\n"},
		{"alternatives", []seccomp.Rule{allow("socket", eq(0, 1)), allow("socket", eq(0, 2), eq(1, 1))},
			"ALLOW socket (0 EQ 0x1)\nALLOW socket (0 EQ 0x2) (1 EQ 0x1)\n"},
		{"unconditional absorbs", []seccomp.Rule{allow("socket", eq(0, 1)), allow("socket")}, "ALLOW socket\n"},
		{"the default's own action", []seccomp.Rule{deny(1, "kill")}, "ERRNO 1 kill\n"},
		{"exception", []seccomp.Rule{allow("ioctl"), deny(1, "ioctl", eq(1, 0x5412))}, "ALLOW ioctl (1 NE 0x5412)\n"},
		{"exception with another number", []seccomp.Rule{allow("ioctl"), deny(2, "ioctl", eq(1, 0x5412))},
			"ERRNO 2 ioctl (1 EQ 0x5412)\nALLOW ioctl (1 NE 0x5412)\n"},
		{"range", []seccomp.Rule{allow("kill", seccomp.Arg{Index: 0, Op: seccomp.GE, Value: 3}, seccomp.Arg{Index: 0, Op: seccomp.LT, Value: 10})},
			"ALLOW kill (0 EQ 0x3)\nALLOW kill (0 MASKED_EQ 0xfffffffffffffffc 0x4)\nALLOW kill (0 MASKED_EQ 0xfffffffffffffffe 0x8)\n"},
		{"low half", []seccomp.Rule{allow("socket", int32eq(0, 1))}, "ALLOW socket (0 MASKED_EQ 0xffffffff 0x1)\n"},
		{"half-open ranges", []seccomp.Rule{allow("kill"), deny(1, "kill", eq(0, 5)), deny(1, "kill", seccomp.Arg{Index: 1, Op: seccomp.GT, Value: 9})},
			"ALLOW kill (0 NE 0x5) (1 LE 0x9)\n"},
		{"trace", []seccomp.Rule{{Names: []string{"kill"}, Action: seccomp.TraceWith(7)}}, "TRACE 7 kill\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &seccomp.Profile{Default: seccomp.Errno(1), Arches: []seccomp.Arch{seccomp.AMD64}, Rules: tt.rules}
			s, _, err := oci.Export(p, &oci.ExportOptions{Runtime: oci.Crun})
			if err != nil {
				t.Fatal(err)
			}
			if got := written(s); got != tt.want {
				t.Errorf("rules:\n%swant:\n%s", got, tt.want)
			}
			checkSame(t, p, s, oci.Crun)
		})
	}
}

// checkSame imports the document and compares it with the profile on every number of the listed ABIs, with arguments at the bounds of all
// conditions of either.
func checkSame(t testing.TB, p *seccomp.Profile, s *specs.LinuxSeccomp, rt oci.Runtime) {
	t.Helper()
	again, _, err := oci.Import(s, &oci.ImportOptions{Arch: p.Arches[0], Runtime: rt})
	if err != nil {
		t.Fatal(err)
	}
	want, err := seccomp.NewSimulator(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range p.Arches {
		base := uint32(0)
		if arch == seccomp.X32 {
			base = 0x4000_0000
		}
		for nr := base; nr < base+600; nr++ {
			for _, args := range append(corners(again, arch, nr), corners(p, arch, nr)...) {
				call := seccomp.Call{Arch: arch, Nr: nr, Args: args}
				w, err := want.Simulate(call)
				if err != nil {
					t.Fatal(err)
				}
				if got := evaluate(again, call); got != w {
					t.Fatalf("%v: the document says %v, the profile %v", call, got, w)
				}
			}
		}
	}
}

// TestExportImport writes Docker's default profile as imported, and reads it back.
func TestExportImport(t *testing.T) {
	src := document(rule("ALLOW", "read socketcall", "") + "," + rule("ALLOW", "socket", `{"index":0,"value":38,"op":"SCMP_CMP_LT"}`) + "," +
		rule("ALLOW", "personality", `{"index":0,"value":4294967295,"op":"SCMP_CMP_EQ"}`) + "," +
		rule("ALLOW", "clone", `{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}`) + "," + rule("TRAP", "bpf", "")) // and its sub-ABIs
	src = strings.Replace(src, `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"`, 1)
	p, _, err := oci.Import(parse(t, src), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, diags, err := oci.Export(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(diags) > 0 {
		t.Errorf("an imported profile is not exact: %v", diags)
	}
	checkSame(t, p, s, oci.Runc)
}

func TestExportInexact(t *testing.T) {
	amd64 := []seccomp.Arch{seccomp.AMD64}
	all := []seccomp.Arch{seccomp.AMD64, seccomp.I386, seccomp.X32}
	one := func(r seccomp.Rule) []seccomp.Rule { return []seccomp.Rule{r} }
	for _, tt := range []struct {
		name string
		p    seccomp.Profile
		call bool // the error is a call that would be treated otherwise
		want string
	}{
		{"foreign calls let through", seccomp.Profile{Foreign: seccomp.Allow, Arches: amd64}, false, "foreign ABIs"},
		{"newer calls let through", seccomp.Profile{Newer: &seccomp.Newer{Action: seccomp.Log}, Arches: amd64}, false, "newer"},
		{"newer calls refused by an open default", seccomp.Profile{Default: seccomp.Allow, Newer: &seccomp.Newer{}, Arches: amd64}, false, "newer"},
		{"trap's data", seccomp.Profile{Default: seccomp.TrapWith(1), Arches: amd64}, false, "trap"},
		{"the largest error number", seccomp.Profile{Default: seccomp.Errno(4095), Arches: amd64}, false, "4095"},
		{"notified default", seccomp.Profile{Default: seccomp.Notify, Arches: amd64}, false, "notify"},
		{"a rule for one ABI", seccomp.Profile{Arches: all, Rules: one(seccomp.Rule{Names: []string{"read"}, Action: seccomp.Allow, Arches: amd64})}, true, "read"},
		{"64 bits on x32", seccomp.Profile{Arches: all, Rules: one(seccomp.Rule{Names: []string{"kill"}, Action: seccomp.Allow, Args: []seccomp.Arg{eq(0, 1)}})}, true, "kill"},
		{"a condition through socketcall", seccomp.Profile{Arches: all[:2], Rules: one(seccomp.Rule{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{eq(0, 1)}})}, true, "socketcall"},
		{"a call the library does not know", seccomp.Profile{Arches: amd64, Rules: one(seccomp.Rule{Names: []string{"mseal"}, Action: seccomp.Allow})}, false, "mseal"},
		{"unlisted machine", seccomp.Profile{Arches: []seccomp.Arch{seccomp.I386}}, false, "amd64"},
	} {
		opts := &oci.ExportOptions{Known: seccomp.KernelVersion{Major: 6, Minor: 7}, Arch: seccomp.AMD64}
		s, _, err := oci.Export(&tt.p, opts)
		var inexact *oci.InexactError
		if err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, &inexact) != tt.call {
			t.Errorf("%s: %v\n%v", tt.name, err, s)
		}
	}
	if _, _, err := oci.Export(&seccomp.Profile{}, nil); !errors.Is(err, oci.ErrNoArch) {
		t.Errorf("no machine: %v", err)
	}
}

// TestExportSets writes allow-lists made of the package's sets.
func TestExportSets(t *testing.T) {
	for _, rt := range []oci.Runtime{oci.Runc, oci.Crun} {
		p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer, seccomp.FileRead)
		p.Arches = []seccomp.Arch{seccomp.AMD64}
		s, diags, err := oci.Export(p, &oci.ExportOptions{Runtime: rt})
		if err != nil {
			t.Fatalf("%v: %v", rt, err)
		}
		if slices.ContainsFunc(diags, func(d oci.Diagnostic) bool { return d.Severity > oci.Info }) {
			t.Errorf("%v: %v", rt, diags)
		}
		t.Logf("%v: %d rules; %v", rt, len(s.Syscalls), diags)
		if s.Flags == nil {
			t.Error("Flags is nil: a runtime adds SPEC_ALLOW")
		}
		text, err := oci.Format(s)
		if err != nil {
			t.Fatal(err)
		}
		if again := parse(t, string(text)); again.Flags == nil || written(again) != written(s) {
			t.Errorf("Parse(Format(s)) differs from s")
		}
	}
}

// TestExportRandom writes random profiles, and checks what comes out.
func TestExportRandom(t *testing.T) {
	exact, inexact, large := 0, 0, 0
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := randomProfile(r)
		s, _, err := oci.Export(p, &oci.ExportOptions{Runtime: oci.Crun})
		var no *oci.InexactError
		switch {
		case errors.As(err, &no):
			inexact++
		case err != nil && strings.Contains(err.Error(), "too many rules"):
			large++
		case err != nil:
			t.Fatalf("seed %d: %v", seed, err)
		default:
			exact++
			checkSame(t, p, s, oci.Crun)
		}
	}
	t.Logf("%d exact, %d inexact, %d take too many rules", exact, inexact, large)
	if exact < 30 {
		t.Error("too few profiles are exact")
	}
}

func randomProfile(r *rand.Rand) *seccomp.Profile {
	actions := []seccomp.Action{seccomp.KillProcess, seccomp.KillThread, seccomp.Trap, seccomp.Errno(1), seccomp.Errno(13), seccomp.TraceWith(3), seccomp.Log, seccomp.Allow}
	p := &seccomp.Profile{Default: actions[r.IntN(len(actions))], Foreign: seccomp.KillThread, Arches: []seccomp.Arch{seccomp.AMD64}}
	if r.IntN(3) == 0 {
		p.Arches = append(p.Arches, seccomp.I386)
	}
	calls := []string{"kill", "ioctl", "read", "getpid", "mkdir"}
	for range 1 + r.IntN(5) {
		rule := seccomp.Rule{Names: []string{calls[r.IntN(len(calls))]}, Action: actions[r.IntN(len(actions))]}
		for range r.IntN(3) {
			values := []uint64{0, 1, 7, 255, 1 << 31, 1<<32 - 1}
			if len(p.Arches) == 1 {
				values = append(values, 1<<32, 1<<63, r.Uint64())
			}
			a := seccomp.Arg{Index: uint(r.IntN(2)), Op: seccomp.Op(r.IntN(7)), Value: values[r.IntN(len(values))]}
			if a.Op == seccomp.MaskedEQ {
				a.Mask = a.Value | 7
			}
			if a.Value <= 1<<32-1 && r.IntN(3) == 0 {
				a.Width = seccomp.Width32
			}
			rule.Args = append(rule.Args, a)
		}
		p.Rules = append(p.Rules, rule)
	}
	return p
}

// TestExportNarrow checks that what Narrow accepts never lets through more than the profile, and says what it gave up.
func TestExportNarrow(t *testing.T) {
	all := []seccomp.Arch{seccomp.AMD64, seccomp.I386, seccomp.X32}
	p := &seccomp.Profile{
		Default: seccomp.Errno(1), Foreign: seccomp.Log, Arches: all,
		Rules: []seccomp.Rule{
			{Names: []string{"read", "write", "bind", "semop"}, Action: seccomp.Allow},
			{Names: []string{"close"}, Action: seccomp.Allow, Arches: all[:1]},
			{Names: []string{"kill"}, Action: seccomp.Log, Args: []seccomp.Arg{eq(0, 1<<32)}},
			{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Width: seccomp.Width32, Value: 1}}},
			{Names: []string{"mseal"}, Action: seccomp.Allow},
		},
	}
	opts := &oci.ExportOptions{Known: seccomp.KernelVersion{Major: 6, Minor: 7}}
	if _, _, err := oci.Export(p, opts); err == nil {
		t.Fatal("the profile is exact")
	}
	opts.Narrow = true
	s, diags, err := oci.Export(p, opts)
	if err != nil {
		t.Fatal(err)
	}
	var given []string
	for _, d := range diags {
		if d.Code == oci.CodeNarrowed {
			given = append(given, d.Names...)
		}
	}
	slices.Sort(given)
	if got, want := strings.Join(given, " "), "close kill mseal socketcall"; got != want {
		t.Errorf("given up: %s, want %s\n%s", got, want, written(s))
	}
	again, _, err := oci.Import(s, &oci.ImportOptions{Known: opts.Known})
	if err != nil {
		t.Fatal(err)
	}
	want, err := seccomp.NewSimulator(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range all {
		for nr := uint32(0); nr < 500; nr++ {
			call := seccomp.Call{Arch: arch, Nr: nr}
			if arch == seccomp.X32 {
				call.Nr |= 0x4000_0000
			}
			for _, call.Args = range append(corners(p, arch, call.Nr), [seccomp.MaxArgs]uint64{2}, [seccomp.MaxArgs]uint64{1, 1}) {
				w, err := want.Simulate(call)
				if err != nil {
					t.Fatal(err)
				}
				if got := evaluate(again, call); got.Kind() > w.Kind() {
					t.Fatalf("%v: the document lets it through as %v, the profile says %v", call, got, w)
				}
			}
		}
	}
}
