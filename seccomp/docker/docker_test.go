package docker

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// dockerDefault returns Docker's default template.
func dockerDefault(t testing.TB) (*Template, []byte) {
	t.Helper()
	data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/docker-default.json"))
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl, data
}

// small has every feature of both engines' templates.
const small = `{
	"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
	"archMap": [
		{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
		{"architecture": "SCMP_ARCH_RISCV64", "subArchitectures": null}
	],
	"flags": [],
	"listenerPath": "/run/l", "listenerMetadata": "m",
	"syscalls": [
		{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "<plain> & \"quoted\"", "includes": {}, "excludes": {}},
		{"name": "ptrace", "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
		{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]}},
		{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_BPF", "CAP_KILL"], "arches": ["s390x"], "minKernel": "7.0"}},
		{"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "x32"]}},
		{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errno": "EDOM"},
		{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551615, "valueTwo": 9007199254740993, "op": "SCMP_CMP_MASKED_EQ"}]}
	]
}`

// plain removes what means nothing: nulls and empty strings.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if v[k] = plain(e); v[k] == nil || v[k] == "" {
				delete(v, k)
			}
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}

func decode(t testing.TB, data []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return plain(v)
}

func TestRoundTrip(t *testing.T) {
	check := func(t *testing.T, data []byte) {
		tmpl, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		out, err := tmpl.Format()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(decode(t, data), decode(t, out)); diff != "" {
			t.Errorf("Format(Parse(x)) differs from x (-x +out):\n%s", diff)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tmpl, again); diff != "" {
			t.Errorf("Parse(Format(t)) differs from t:\n%s", diff)
		}
	}
	t.Run("every feature", func(t *testing.T) { check(t, []byte(small)) })
	t.Run("Docker's default", func(t *testing.T) {
		_, data := dockerDefault(t)
		check(t, data)
	})
}

func TestParseErrors(t *testing.T) {
	rule := func(s string) string {
		return `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW",` + s + `}]}`
	}
	for _, tt := range []struct{ src, want string }{
		{`{"syscalls":[]}`, `field "defaultAction" is missing`},
		{`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[],"capAdd":[]}`, `/capAdd: unknown field "capAdd"`},
		{`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[],"architectures":["SCMP_ARCH_ARM"],"archMap":[{"architecture":"SCMP_ARCH_ARM"}]}`, `/archMap: both`},
		{`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[],"archMap":[{"architecture":"amd64"}]}`, `/archMap/0/architecture: unknown architecture "amd64"`},
		{rule(`"name":"a","names":["a"]`), `/syscalls/0: both`},
		{rule(`"comment":""`), `/syscalls/0: field "names" is missing`},
		{rule(`"names":[]`), `/syscalls/0/names: a rule needs at least one name`},
		{rule(`"names":["a"],"includes":{"minKernel":"4"}`), `/syscalls/0/includes/minKernel: minKernel "4" is not of the form`},
		{rule(`"names":["a"],"includes":{"minKernel":"0.0"}`), `/syscalls/0/includes/minKernel: minKernel "0.0"`},
		{rule(`"names":["a"],"includes":{"minKernel":"4.8.1"}`), `/syscalls/0/includes/minKernel: minKernel "4.8.1"`},
		{rule(`"names":["a"],"includes":{"minKernel":"4.256"}`), `/syscalls/0/includes/minKernel: minKernel "4.256"`},
		{rule(`"names":["a"],"excludes":{"caps":["SYS_ADMIN"]}`), `/syscalls/0/excludes/caps/0: "SYS_ADMIN": not the name of a capability`},
		{rule(`"names":["a"],"excludes":{"cap":[]}`), `/syscalls/0/excludes/cap: unknown field "cap"`},
		{rule(`"names":["a"],"args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]`), `/syscalls/0/args/0/index: "6" is more than 5`},
	} {
		_, err := Parse([]byte(tt.src))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\n got: %v\nwant: %s", tt.src, err, tt.want)
		}
		var at *SyntaxError
		if !errors.As(err, &at) || at.Line == 0 {
			t.Errorf("%s: no place in %v", tt.src, err)
		}
	}
}

func names(s *specs.LinuxSeccomp) []string {
	var out []string
	for _, c := range s.Syscalls {
		out = append(out, c.Names...)
	}
	return out
}

func TestResolveConditions(t *testing.T) {
	tmpl, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	base := Target{Arch: seccomp.AMD64, Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}}
	with := func(f func(*Target)) Target { tt := base; f(&tt); return tt }
	for _, tt := range []struct {
		name   string
		target Target
		want   string
	}{
		{"no capabilities", base, "read write ptrace bpf arch_prctl clone3 personality"},
		{"one of the included", with(func(t *Target) { t.Caps = []string{"CAP_SYS_ADMIN"} }), "read write ptrace bpf arch_prctl clone3 personality"},
		{"all of the included", with(func(t *Target) { t.Caps = []string{"CAP_SYS_CHROOT", "CAP_SYS_ADMIN"} }), "read write ptrace mount bpf arch_prctl clone3 personality"},
		{"one of the excluded", with(func(t *Target) { t.Caps = []string{"CAP_KILL"} }), "read write ptrace arch_prctl clone3 personality"},
		{"old kernel", with(func(t *Target) { t.Kernel = seccomp.KernelVersion{Major: 4, Minor: 7} }), "read write bpf arch_prctl clone3 personality"},
		{"minimal kernel", with(func(t *Target) { t.Kernel = seccomp.KernelVersion{Major: 4, Minor: 8} }), "read write ptrace bpf arch_prctl clone3 personality"},
		{"excluded kernel", with(func(t *Target) { t.Kernel = seccomp.KernelVersion{Major: 7} }), "read write ptrace arch_prctl clone3 personality"},
		{"excluded machine", with(func(t *Target) { t.Arch = seccomp.S390X }), "read write ptrace clone3 personality"},
		{"Podman ignores kernels", with(func(t *Target) { t.Engine, t.Kernel = Podman, seccomp.KernelVersion{} }), "read write ptrace bpf arch_prctl clone3 personality"},
	} {
		s, _, err := tmpl.ResolveOCI(tt.target)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := strings.Join(names(s), " "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if _, _, err := tmpl.ResolveOCI(Target{Arch: seccomp.AMD64}); !errors.Is(err, ErrNoKernel) {
		t.Errorf("without a kernel: %v", err)
	}
	if _, _, err := tmpl.ResolveOCI(Target{Kernel: base.Kernel}); !errors.Is(err, ErrNoArch) {
		t.Errorf("without a machine: %v", err)
	}
	if _, _, err := tmpl.ResolveOCI(with(func(t *Target) { t.Caps = []string{"sys_admin"} })); !errors.Is(err, ErrCapability) {
		t.Errorf("misspelt capability: %v", err)
	}
}

func TestResolveArches(t *testing.T) {
	tmpl, _ := Parse([]byte(small))
	kernel := seccomp.KernelVersion{Major: 6}
	for _, tt := range []struct {
		arch   seccomp.Arch
		engine Engine
		want   []specs.Arch
	}{
		{seccomp.AMD64, Docker, []specs.Arch{specs.ArchX86_64, specs.ArchX86, specs.ArchX32}},
		{seccomp.AMD64, Podman, []specs.Arch{specs.ArchX86_64, specs.ArchX86, specs.ArchX32}},
		{seccomp.RISCV64, Docker, []specs.Arch{specs.ArchRISCV64}},
		{seccomp.RISCV64, Podman, nil},
		{seccomp.PPC64LE, Docker, nil},
	} {
		s, _, err := tmpl.ResolveOCI(Target{Arch: tt.arch, Engine: tt.engine, Kernel: kernel})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.Architectures, tt.want) {
			t.Errorf("%v on %v: %v, want %v", tt.engine, tt.arch, s.Architectures, tt.want)
		}
	}
}

func TestResolveErrno(t *testing.T) {
	tmpl, _ := Parse([]byte(strings.Replace(small, `"defaultErrnoRet": 38, `, "", 1)))
	target := Target{Arch: seccomp.AMD64, Kernel: seccomp.KernelVersion{Major: 6}}
	s, diags, err := tmpl.ResolveOCI(target)
	if err != nil || s.DefaultErrnoRet != nil {
		t.Errorf("Docker reads defaultErrno: %v, %v", s.DefaultErrnoRet, err)
	}
	if !slices.ContainsFunc(diags, func(d oci.Diagnostic) bool { return d.Code == CodeErrnoName && d.Pointer == "/defaultErrno" }) ||
		!slices.ContainsFunc(diags, func(d oci.Diagnostic) bool { return d.Code == CodeErrnoName && d.Pointer == "/syscalls/5/errno" }) {
		t.Errorf("no word of the ignored names: %v", diags)
	}
	target.Engine = Podman
	s, _, err = tmpl.ResolveOCI(target)
	if err != nil || *s.DefaultErrnoRet != 38 || *s.Syscalls[4].ErrnoRet != 33 {
		t.Errorf("Podman's errors by name: %v, %v", s, err)
	}
	target.Arch = seccomp.MIPS64
	if s, _, _ = tmpl.ResolveOCI(target); *s.DefaultErrnoRet != 89 {
		t.Errorf("ENOSYS on mips64 is %d, want 89", *s.DefaultErrnoRet)
	}
}

// TestResolveDefault compares Docker's default with counts taken from the same file with Docker's own code and libseccomp's tables:
// names that a rule allows, and how many of them the machine's own ABI has.
func TestResolveDefault(t *testing.T) {
	tmpl, _ := dockerDefault(t)
	admin := append(DefaultCaps(), "CAP_SYS_ADMIN")
	for _, tt := range []struct {
		arch        seccomp.Arch
		caps        []string
		names, have int
	}{
		{seccomp.AMD64, nil, 369, 308}, {seccomp.AMD64, DefaultCaps(), 370, 309}, {seccomp.AMD64, admin, 395, 333},
		{seccomp.ARM64, nil, 373, 266}, {seccomp.ARM64, DefaultCaps(), 374, 267}, {seccomp.ARM64, admin, 399, 291},
		{seccomp.S390X, nil, 370, 307}, {seccomp.S390X, DefaultCaps(), 371, 308},
		{seccomp.RISCV64, nil, 368, 267}, {seccomp.RISCV64, DefaultCaps(), 369, 268},
		{seccomp.PPC64LE, nil, 369, 312}, {seccomp.PPC64LE, DefaultCaps(), 370, 313},
	} {
		s, _, err := tmpl.ResolveOCI(Target{Arch: tt.arch, Caps: tt.caps, Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}})
		if err != nil {
			t.Fatal(err)
		}
		allowed, have := map[string]bool{}, 0
		for _, c := range s.Syscalls {
			for _, name := range c.Names {
				if c.Action == specs.ActAllow && !allowed[name] {
					allowed[name] = true
					if _, ok := tt.arch.Number(name); ok {
						have++
					}
				}
			}
		}
		if len(allowed) != tt.names || have != tt.have {
			t.Errorf("%v with %d capabilities allows %d names, the ABI has %d of them; want %d and %d",
				tt.arch, len(tt.caps), len(allowed), have, tt.names, tt.have)
		}
	}
}

// TestResolvePointers checks that what Resolve says points into the template, not into the section made from it.
func TestResolvePointers(t *testing.T) {
	const src = `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[
		{"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
		{"names":["read"],"action":"SCMP_ACT_ALLOW"},
		{"names":["no_such_call"],"action":"SCMP_ACT_ALLOW"}]}`
	tmpl, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	p, diags, err := tmpl.Resolve(Target{Arch: seccomp.AMD64})
	if err != nil {
		t.Fatal(err)
	}
	if p.Rules[0].Origin != "/syscalls/1" {
		t.Errorf("read's rule comes from %q", p.Rules[0].Origin)
	}
	if !slices.ContainsFunc(diags, func(d oci.Diagnostic) bool {
		return d.Code == oci.CodeUnknownName && d.Pointer == "/syscalls/2/names" && d.Rule == 2
	}) {
		t.Errorf("diagnostics: %v", diags)
	}
}

// FuzzParse looks for panics, and for templates that change when written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_KILL","architectures":[],"syscalls":[{"names":["read"],"action":"SCMP_ACT_TRACE","errnoRet":4294967295}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tmpl, err := Parse(data)
		if err != nil {
			return
		}
		out, err := tmpl.Format()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%s\nis refused: %v", out, err)
		}
		if diff := cmp.Diff(tmpl, again); diff != "" {
			t.Fatal(diff)
		}
		for _, target := range []Target{
			{Arch: seccomp.AMD64, Caps: DefaultCaps(), Kernel: seccomp.KernelVersion{Major: 6}},
			{Arch: seccomp.S390X, Engine: Podman, Runtime: oci.Crun},
		} {
			if p, _, err := tmpl.Resolve(target); err == nil {
				if err := p.Validate(); err != nil {
					t.Fatalf("resolved to an invalid profile: %v", err)
				}
			}
		}
	})
}

func BenchmarkParseDefault(b *testing.B) {
	_, data := dockerDefault(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolveDefault(b *testing.B) {
	tmpl, _ := dockerDefault(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := tmpl.Resolve(Target{Arch: seccomp.AMD64, Caps: DefaultCaps(), Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestNoTemplate(t *testing.T) {
	var none *Template
	if text, err := none.Format(); err == nil {
		t.Errorf("nil is written as %s", text)
	}
	if _, _, err := none.Resolve(Target{Arch: seccomp.AMD64}); err == nil {
		t.Error("nil is resolved")
	}
	if _, _, err := none.ResolveOCI(Target{Arch: seccomp.AMD64}); err == nil {
		t.Error("nil is resolved to a section")
	}
}
