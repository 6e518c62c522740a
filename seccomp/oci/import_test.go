package oci_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

func parse(t testing.TB, src string) *specs.LinuxSeccomp {
	t.Helper()
	s, err := oci.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// document makes one of rules, for amd64 alone unless they say more.
func document(rules string) string {
	return `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"flags":[],"syscalls":[` + rules + `]}`
}

// show prints the rules of a profile, one a line.
func show(p *seccomp.Profile) string {
	var b strings.Builder
	for _, r := range p.Rules {
		fmt.Fprintf(&b, "%s: %v %s", strings.TrimPrefix(r.Origin, "/syscalls/"), r.Action, strings.Join(r.Names, " "))
		for _, a := range r.Args {
			fmt.Fprintf(&b, " (%v)", a)
		}
		if r.Arches != nil {
			fmt.Fprintf(&b, " on %v", r.Arches)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// codes prints what diagnostics say, without those about the needs of programs, which small examples never meet.
func codes(diags []oci.Diagnostic) string {
	var out []string
	for _, d := range diags {
		if d.Code == oci.CodeNeedsGo || d.Code == oci.CodeNeedsRuntime {
			continue
		}
		out = append(out, d.Pointer+" "+string(d.Code))
	}
	return strings.Join(out, ", ")
}

const (
	eq0    = `{"index":0,"value":5,"op":"SCMP_CMP_EQ"}`
	ge0    = `{"index":0,"value":3,"op":"SCMP_CMP_GE"}`
	le0    = `{"index":0,"value":9,"op":"SCMP_CMP_LE"}`
	eq1    = `{"index":1,"value":7,"op":"SCMP_CMP_EQ"}`
	masked = `{"index":0,"value":15,"valueTwo":255,"op":"SCMP_CMP_MASKED_EQ"}`
	wide   = `{"index":0,"value":4294967297,"op":"SCMP_CMP_EQ"}`
)

func rule(action, names, args string) string {
	return `{"names":["` + strings.ReplaceAll(names, " ", `","`) + `"],"action":"SCMP_ACT_` + action + `","args":[` + args + `]}`
}

func TestImportRules(t *testing.T) {
	for _, tt := range []struct{ name, src, want, codes string }{
		{"plain", document(rule("ALLOW", "read write", "")), "0: allow read write\n", ""},
		{"conditions are ANDed", document(rule("ALLOW", "kill", eq0+","+eq1)), "0: allow kill (arg0 == 5) (arg1 == 7)\n", ""},
		{"same argument splits all", document(rule("ALLOW", "kill", ge0+","+le0+","+eq1)),
			"0: allow kill (arg0 <= 9)\n0: allow kill (arg0 >= 3)\n0: allow kill (arg1 == 7)\n", "/syscalls/0/args same-argument, /syscalls/0/args range-order"},
		{"unconditional later", document(rule("LOG", "kill", eq0) + "," + rule("ALLOW", "kill", "")), "1: allow kill\n", "/syscalls/0 unconditional-wins"},
		{"unconditional first", document(rule("ALLOW", "kill", "") + "," + rule("LOG", "kill", eq0)), "0: allow kill\n", "/syscalls/1 unconditional-wins"},
		{"unconditional, same action", document(rule("ALLOW", "kill", "") + "," + rule("ALLOW", "kill", eq0)), "0: allow kill\n", ""},
		{"first unconditional wins", document(rule("ALLOW", "kill", "") + "," + rule("LOG", "kill", "")), "0: allow kill\n", "/syscalls/1 first-wins"},
		{"equal to the default", document(rule("ERRNO", "kill", "")), "", "/syscalls/0 equals-default"},
		{"deny exception is lost", document(rule("ALLOW", "kill", "") + "," + rule("ERRNO", "kill", eq0)), "0: allow kill\n", "/syscalls/1 equals-default"},
		{"another number is no default", document(`{"names":["kill"],"action":"SCMP_ACT_ERRNO","errnoRet":2}`), "0: errno 2 kill\n", ""},
		{"unknown name", document(rule("ALLOW", "kill opanat", "")), "0: allow kill\n", "/syscalls/0/names unknown-name"},
		{"overlapping conditions", document(rule("ALLOW", "kill", eq0) + "," + rule("LOG", "kill", eq1)),
			"0: allow kill (arg0 == 5)\n1: log kill (arg1 == 7)\n", "/syscalls/0 overlap"},
		{"disjoint conditions", document(rule("ALLOW", "kill", eq0) + "," + rule("LOG", "kill", `{"index":0,"value":6,"op":"SCMP_CMP_GE"}`)),
			"0: allow kill (arg0 == 5)\n1: log kill (arg0 >= 6)\n", ""},
		{"value outside the mask", document(rule("ALLOW", "kill", masked)), "0: allow kill (arg0 & 0xf == 0xf)\n", "/syscalls/0/args/0/valueTwo masked-value"},
		{"empty mask", document(rule("ALLOW", "kill", `{"index":0,"value":0,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}`)),
			"0: allow kill\n", "/syscalls/0/args/0/value empty-mask"},
		{"valueTwo", document(rule("ALLOW", "kill", `{"index":0,"value":1,"valueTwo":1,"op":"SCMP_CMP_EQ"}`)),
			"0: allow kill (arg0 == 1)\n", "/syscalls/0/args/0/valueTwo value-two-ignored"},
		{"KILL", document(rule("KILL", "kill", "")), "0: kill_thread kill\n", "/syscalls/0/action kill-thread"},
		{"TRACE", document(rule("TRACE", "kill", "")), "0: trace 1 kill\n", ""},
		{"errnoRet is cut", document(`{"names":["kill"],"action":"SCMP_ACT_ERRNO","errnoRet":65538}`), "0: errno 2 kill\n", "/syscalls/0/errnoRet errno-cast"},
		{"errnoRet without a use", document(`{"names":["kill"],"action":"SCMP_ACT_TRAP","errnoRet":2}`), "0: trap kill\n", "/syscalls/0/errnoRet errno-ignored"},
		{"ranges beyond 32 bits", document(rule("ALLOW", "kill", `{"index":0,"value":8589934592,"op":"SCMP_CMP_GE"}`) + "," + rule("ALLOW", "kill", le0)),
			"0: allow kill (arg0 >= 0x200000000)\n1: allow kill (arg0 <= 9)\n", "/syscalls/0/args range-order, /syscalls/1/args range-order"},
		{"no rule's names", `{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"flags":[]}`, "", ""},

		{"32-bit ABIs compare low halves", strings.Replace(document(rule("ALLOW", "kill", wide)), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"`, 1),
			"0: allow kill (arg0 == 0x100000001) on [amd64]\n0: allow kill (int arg0 == 1) on [386 x32]\n", "/syscalls/0/args truncated"},
		{"mask of the upper half", strings.Replace(document(rule("ALLOW", "kill", `{"index":0,"value":4294967296,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}`)), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`, 1),
			"0: allow kill on [386]\n0: allow kill (arg0 & 0x100000000 == 0x0) on [amd64]\n", "/syscalls/0/args truncated"},
		{"native is added", strings.Replace(document(rule("ALLOW", "read", "")), "X86_64", "X86", 1), "0: allow read\n", "/architectures native-added"},
		{"multiplexed", strings.Replace(document(rule("ALLOW", "socket", eq0+","+eq1)), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`, 1),
			"0: allow socket (arg0 == 5) (arg1 == 7) on [amd64]\n0: allow socket (int arg0 == 5) (int arg1 == 7) on [386]\n" +
				"0: allow socketcall (int arg0 == 1) (int arg1 == 7)\n", "/syscalls/0/args multiplexed"},
		{"multiplexer allowed", strings.Replace(document(rule("ALLOW", "socket", eq0)+","+rule("ALLOW", "socketcall", "")), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86"`, 1),
			"0: allow socket (arg0 == 5) on [amd64]\n0: allow socket (int arg0 == 5) on [386]\n1: allow socketcall\n", "/architectures native-added"},
		{"multiplexed without direct call", strings.Replace(document(rule("ALLOW", "semop read", "")), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86"`, 1),
			"0: allow semop read\n0: allow ipc (int arg0 == 1)\n", "/architectures native-added"},
		{"begins with another rule's", document(rule("ALLOW", "kill", eq0) + "," + rule("LOG", "kill", eq0+","+eq1)), "0: allow kill (arg0 == 5)\n", "/syscalls/1 overlap"},
		{"part of another rule", document(rule("ALLOW", "kill", eq0+","+eq1) + "," + rule("ALLOW", "kill", eq1)), "1: allow kill (arg1 == 7)\n", ""},
		{"order of the tree", document(rule("LOG", "kill", eq0) + "," + rule("ALLOW", "kill", eq1)), "0: log kill (arg0 == 5) (arg1 != 7)\n1: allow kill (arg1 == 7)\n", "/syscalls/0 overlap"},
		{"order of the values", document(rule("LOG", "kill", eq0) + "," + rule("ALLOW", "kill", `{"index":0,"value":40,"op":"SCMP_CMP_NE"}`)),
			"0: log kill (arg0 == 5) (arg0 == 40)\n1: allow kill (arg0 != 40)\n", "/syscalls/0 overlap"},

		// Errors of libseccomp's.
		{"number not loaded on 386", strings.Replace(document(rule("ALLOW", "semop", "")), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`, 1),
			"0: allow semop\n", "/syscalls/0 lost-rules"}, // which 386 has not
		{"number not loaded on amd64 and x32", strings.Replace(document(rule("ALLOW", "kill", eq0)+","+rule("TRAP", "socketcall", "")), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"`, 1),
			"0: allow kill (int arg0 == 5) on [386]\n1: trap socketcall\n", "/syscalls/1 lost-rules"},
		{"number loaded for amd64 alone", strings.Replace(document(rule("ALLOW", "kill", eq0)+","+rule("TRAP", "socketcall", "")), `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`, 1),
			"0: allow kill (arg0 == 5) on [amd64]\n0: allow kill (int arg0 == 5) on [386]\n1: trap socketcall\n", ""},
		{"number not loaded on arm64", strings.Replace(document(rule("ALLOW", "kill", eq0)+","+rule("TRAP", "open", "")), `X86_64`, `AARCH64`, 1), "", "/syscalls/1 lost-rules"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, diags, err := oci.Import(parse(t, tt.src), &oci.ImportOptions{Runtime: oci.Crun})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
			if got := show(p); got != tt.want {
				t.Errorf("rules:\n%swant:\n%s", got, tt.want)
			}
			if got := codes(diags); got != tt.codes {
				t.Errorf("diagnostics: %s\nwant: %s", got, tt.codes)
			}
			if p.Foreign != seccomp.KillThread {
				t.Errorf("foreign ABIs get %v, libseccomp kills the thread", p.Foreign)
			}
			for _, d := range diags {
				if d.Rule >= 0 && !strings.HasPrefix(d.Pointer, fmt.Sprintf("/syscalls/%d", d.Rule)) {
					t.Errorf("%v is about rule %d", d, d.Rule)
				}
			}
		})
	}
}

func TestImportRefuses(t *testing.T) {
	lone := func(c specs.LinuxSyscall) *specs.LinuxSeccomp {
		return &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Architectures: []specs.Arch{specs.ArchX86_64}, Syscalls: []specs.LinuxSyscall{c}}
	}
	number := func(n uint) *uint { return &n }
	for _, tt := range []struct {
		name string
		s    *specs.LinuxSeccomp
		opts oci.ImportOptions
		want string
	}{
		{"action", lone(specs.LinuxSyscall{Names: []string{"read"}, Action: "ALLOW"}), oci.ImportOptions{}, "/syscalls/0/action: "},
		{"comparison", lone(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{{Op: "=="}}}), oci.ImportOptions{}, "/syscalls/0/args/0/op: "},
		{"argument", lone(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{{Index: 6, Op: specs.OpEqualTo}}}), oci.ImportOptions{}, "/syscalls/0/args/0/index: "},
		{"empty name", lone(specs.LinuxSyscall{Names: []string{""}, Action: specs.ActAllow}), oci.ImportOptions{}, "/syscalls/0/names/0: "},
		{"error number", lone(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActErrno, ErrnoRet: number(4095)}), oci.ImportOptions{}, "/syscalls/0/errnoRet: "},
		{"same conditions", parse(t, document(rule("ALLOW", "kill", eq0)+","+rule("LOG", "kill", eq0))), oci.ImportOptions{}, "/syscalls/1: "},
		{"notified write", lone(specs.LinuxSyscall{Names: []string{"write"}, Action: specs.ActNotify}), oci.ImportOptions{}, "/syscalls/0/names: "},
		{"notified default", &specs.LinuxSeccomp{DefaultAction: specs.ActNotify, Architectures: []specs.Arch{specs.ArchX86_64}}, oci.ImportOptions{}, "/defaultAction: "},
		{"architecture", &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{"amd64"}}, oci.ImportOptions{Arch: seccomp.AMD64}, "/architectures/0: "},
		{"architecture of a newer runc", &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchRISCV64}}, oci.ImportOptions{Runtime: oci.Runc11}, "/architectures/0: "},
		{"byte orders", &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchX86_64, specs.ArchS390X}}, oci.ImportOptions{}, "/architectures: "},
		{"flag", &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchX86_64}, Flags: []specs.LinuxSeccompFlag{"LOG"}}, oci.ImportOptions{}, "/flags/0: "},
	} {
		p, _, err := oci.Import(tt.s, &tt.opts)
		var refused *oci.RefusedError
		if p != nil || !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	for name, s := range map[string]*specs.LinuxSeccomp{"nil": nil, "empty": {}} {
		if p, _, err := oci.Import(s, nil); p != nil || err == nil {
			t.Errorf("%s document is imported", name)
		}
	}
	if _, _, err := oci.Import(&specs.LinuxSeccomp{DefaultAction: specs.ActAllow}, nil); !errors.Is(err, oci.ErrNoArch) {
		t.Errorf("no machine: %v", err)
	}
}

func TestImportHead(t *testing.T) {
	s := parse(t, `{"defaultAction":"SCMP_ACT_KILL","flags":["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_TSYNC"],"listenerMetadata":"x",
		"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}`)
	p, diags, err := oci.Import(s, &oci.ImportOptions{Arch: seccomp.I386})
	if err != nil {
		t.Fatal(err)
	}
	if p.Default != seccomp.KillThread || p.Flags != seccomp.FlagLog|seccomp.FlagNewListener || !slices.Equal(p.Arches, []seccomp.Arch{seccomp.AMD64}) {
		t.Errorf("default %v, flags %v, ABIs %v", p.Default, p.Flags, p.Arches)
	}
	if got, want := codes(diags), "/defaultAction kill-thread, /flags/1 flag-ignored,  listener, /listenerMetadata listener,  enosys-stub"; got != want {
		t.Errorf("diagnostics: %s\nwant: %s", got, want)
	}
}

func TestImportStub(t *testing.T) {
	newest := func(rt oci.Runtime, def, rules string, arches ...specs.Arch) *seccomp.Profile {
		t.Helper()
		s := parse(t, document(rules))
		s.DefaultAction, s.Architectures = specs.LinuxSeccompAction("SCMP_ACT_"+def), arches
		p, _, err := oci.Import(s, &oci.ImportOptions{Arch: seccomp.AMD64, Runtime: rt})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	both := rule("ALLOW", "read", "") + "," + rule("ERRNO", "statx", "")
	for _, tt := range []struct {
		rt     oci.Runtime
		def    string
		arches []specs.Arch
		want   bool
	}{
		{oci.Runc, "ERRNO", nil, true}, {oci.Runc, "KILL_PROCESS", nil, true}, {oci.Runc, "TRAP", nil, true},
		{oci.Runc, "ALLOW", nil, false}, {oci.Runc, "LOG", nil, false}, {oci.Runc, "TRACE", nil, false},
		{oci.Runc11, "ERRNO", nil, false}, {oci.Runc11, "ERRNO", []specs.Arch{specs.ArchX86_64}, true},
		{oci.Crun, "ERRNO", nil, false},
	} {
		p := newest(tt.rt, tt.def, both, tt.arches...)
		if got := p.Newer != nil; got != tt.want {
			t.Errorf("%v, default %s, %v: stub %v, want %v", tt.rt, tt.def, tt.arches, got, tt.want)
		}
	}
	// statx is dropped as a rule and still counts: 332 is the default's, 333 newer.
	p := newest(oci.Runc, "ERRNO", both)
	for nr, want := range map[uint32]seccomp.Action{0: seccomp.Allow, 331: seccomp.Errno(1), 332: seccomp.Errno(1), 333: seccomp.Errno(38)} {
		if got := evaluate(p, seccomp.Call{Arch: seccomp.AMD64, Nr: nr}); got != want {
			t.Errorf("call %d gets %v, want %v", nr, got, want)
		}
	}
}

// TestImportLacks checks what is said about two allow-lists from widely read tutorials, with which no container starts.
func TestImportLacks(t *testing.T) {
	for file, want := range map[string]map[oci.Code][]string{
		"node-api.json": {oci.CodeNeedsRuntime: {"prctl", "capset", "chdir"}, oci.CodeNeedsGo: {"epoll_pwait", "eventfd2", "sigaltstack", "tgkill"}},
		"basic.json":    {oci.CodeNeedsRuntime: {"execve", "futex", "prctl"}, oci.CodeNeedsGo: {"clone", "futex", "epoll_pwait"}},
	} {
		data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/"+file))
		if err != nil {
			t.Fatal(err)
		}
		_, diags, err := oci.Import(parse(t, string(data)), nil)
		if err != nil {
			t.Fatal(err)
		}
		for code, names := range want {
			at := slices.IndexFunc(diags, func(d oci.Diagnostic) bool { return d.Code == code })
			if at < 0 || diags[at].Severity != oci.Warning {
				t.Errorf("%s: no warning %s in %v", file, code, diags)
				continue
			}
			for _, name := range names {
				if !slices.Contains(diags[at].Names, name) || !strings.Contains(diags[at].Message, name) {
					t.Errorf("%s: %s is not among what is lacking: %v", file, name, diags[at])
				}
			}
		}
	}
}

// TestGoCalls checks the list behind CodeNeedsGo against package seccomp's set: a profile that allows the set is not warned about.
func TestGoCalls(t *testing.T) {
	s := parse(t, document(rule("ALLOW", "read", "")))
	members, _ := seccomp.GoRuntime.Members()
	for _, m := range members {
		s.Syscalls[0].Names = append(s.Syscalls[0].Names, m.Names...)
	}
	_, diags, err := oci.Import(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		if d.Code == oci.CodeNeedsGo {
			t.Error(d)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`{}`, `field "defaultAction" is missing`},
		{`{"defaultAction":"SCMP_ACT_DENY"}`, `/defaultAction: unknown action "SCMP_ACT_DENY"`},
		{`{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":-1}`, `/defaultErrnoRet: "-1" is negative`},
		{`{"defaultAction":"SCMP_ACT_ALLOW","flags":["LOG"]}`, `/flags/0: unknown flag "LOG"`},
		{`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_LOG"}]}`, `/syscalls/0: field "names" is missing`},
		{`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_LOG"}]}`, `/syscalls/0/names: a rule needs at least one name`},
		{`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[""],"action":"SCMP_ACT_LOG"}]}`, `/syscalls/0/names/0: the empty string`},
		{document(rule("ALLOW", "kill", `{"index":0,"op":"SCMP_CMP_EQ"}`)), `/syscalls/0/args/0: field "value" is missing`},
		{document(rule("ALLOW", "kill", `{"index":0,"value":0,"op":"EQ"}`)), `/syscalls/0/args/0/op: unknown comparison "EQ"`},
		{document(rule("ALLOW", "kill", `{"index":0,"value":1e3,"op":"SCMP_CMP_EQ"}`)), `/syscalls/0/args/0/value: "1e3" is not an integer`},
		{document(rule("ALLOW", "kill", `{"index":0,"value":18446744073709551616,"op":"SCMP_CMP_EQ"}`)), `more than 18446744073709551615`},
		{`{"ociVersion":"1.0.2","linux":{}}`, `pass the value at /linux/seccomp alone`},
	} {
		_, err := oci.Parse([]byte(tt.src))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\n got: %v\nwant: %s", tt.src, err, tt.want)
		}
	}
	for _, field := range []string{`"archMap":[]`, `"defaultErrno":"ENOSYS"`, `"syscalls":[{"name":"read","action":"SCMP_ACT_LOG"}]`,
		`"syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","comment":"c"}]`, `"syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","includes":{}}]`} {
		if _, err := oci.Parse([]byte(`{"defaultAction":"SCMP_ACT_ALLOW",` + field + `}`)); !errors.Is(err, oci.ErrTemplate) {
			t.Errorf("%s: %v, want ErrTemplate", field, err)
		}
	}
	if _, err := oci.Parse([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","archMap":null}`)); err != nil {
		t.Errorf("a null template field means nothing: %v", err)
	}
}

// FuzzParse looks for panics in Parse and Import, and for invalid profiles.
func FuzzParse(f *testing.F) {
	f.Add([]byte(document(rule("ALLOW", "kill socket semop", ge0+","+le0) + "," + rule("ERRNO", "kill", masked))))
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_TRACE","defaultErrnoRet":65535,"architectures":["SCMP_ARCH_S390X"],"flags":["SECCOMP_FILTER_FLAG_LOG"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := oci.Parse(data)
		if err != nil {
			return
		}
		for _, rt := range []oci.Runtime{oci.Runc, oci.Runc11, oci.Crun} {
			p, _, err := oci.Import(s, &oci.ImportOptions{Runtime: rt, Known: seccomp.KernelVersion{Major: 5, Minor: 17}})
			if err != nil {
				continue
			}
			if err := p.Validate(); err != nil {
				t.Fatalf("%s: %v", data, err)
			}
		}
	})
}

// TestImportFallback checks the warning about clone3 and its like: EPERM keeps C libraries from falling back.
func TestImportFallback(t *testing.T) {
	for _, tt := range []struct {
		rt    oci.Runtime
		rules string
		want  bool
	}{
		{oci.Crun, rule("ALLOW", "clone", ""), true},
		{oci.Runc, rule("ALLOW", "clone", ""), false},        // the stub answers ENOSYS
		{oci.Runc, rule("ALLOW", "clone openat2", ""), true}, // but not below the highest number
		{oci.Crun, rule("ALLOW", "clone", eq0), true},        // for some arguments
		{oci.Crun, rule("ALLOW", "clone clone3", ""), false}, // permitted
		{oci.Crun, rule("ALLOW", "read", ""), false},         // both refused
		{oci.Crun, rule("ALLOW", "clone", "") + `,{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}`, false},
	} {
		_, diags, err := oci.Import(parse(t, document(tt.rules)), &oci.ImportOptions{Runtime: tt.rt})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(diags, func(d oci.Diagnostic) bool {
			return d.Code == oci.CodeFallback && strings.Contains(d.Message, "clone3")
		})
		if got != tt.want {
			t.Errorf("%v %s: %v, want %v (%v)", tt.rt, tt.rules, got, tt.want, diags)
		}
	}
}

func TestFormatNothing(t *testing.T) {
	if text, err := oci.Format(nil); err == nil {
		t.Errorf("nil is written as %s", text)
	}
}
