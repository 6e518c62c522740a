package docker

import (
	"os"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// An input is a document as it would be enforced on one machine.
type input struct {
	name    string
	target  seccomp.Arch
	profile *seccomp.Profile
}

// inputs returns every real document for every machine it is for, under several sets of capabilities.
func inputs(t *testing.T) []input {
	t.Helper()
	var out []input
	kernel := seccomp.KernelVersion{Major: 6, Minor: 12}
	for _, src := range []struct {
		file   string
		engine Engine
		arches []seccomp.Arch
	}{
		{testenv.Shared(t, "corpora/seccomp/docker-default.json"), Docker,
			[]seccomp.Arch{seccomp.AMD64, seccomp.ARM64, seccomp.RISCV64, seccomp.S390X, seccomp.PPC64LE, seccomp.LOONG64, seccomp.MIPS64LE}},
		{"testdata/podman.json", Podman, []seccomp.Arch{seccomp.AMD64, seccomp.ARM64}},
	} {
		data, err := os.ReadFile(src.file)
		if err != nil {
			t.Fatal(err)
		}
		tmpl, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range src.arches {
			for set, caps := range map[string][]string{"none": nil, "default": DefaultCaps(), "admin": append(DefaultCaps(), "CAP_SYS_ADMIN", "CAP_BPF")} {
				p, _, err := tmpl.Resolve(Target{Arch: arch, Caps: caps, Kernel: kernel, Engine: src.engine})
				if err != nil {
					t.Fatalf("%s on %v: %v", src.file, arch, err)
				}
				out = append(out, input{src.engine.String() + " " + arch.String() + " " + set, arch, p})
			}
		}
	}
	for _, name := range []string{"p1-oci.json", "node-api.json", "basic.json"} {
		data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/"+name))
		if err != nil {
			t.Fatal(err)
		}
		s, err := oci.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := oci.Import(s, &oci.ImportOptions{Arch: seccomp.AMD64})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, input{name, seccomp.AMD64, p})
	}
	return out
}

// TestInputs compiles and proves every input.
func TestInputs(t *testing.T) {
	for _, in := range inputs(t) {
		t.Run(in.name, func(t *testing.T) {
			prog, err := seccomp.Compile(in.profile, &seccomp.CompileOptions{Target: in.target})
			if err != nil {
				t.Fatal(err)
			}
			if err := seccomp.Verify(prog, in.profile); err != nil {
				t.Error(err)
			}
			t.Logf("%d rules, %d instructions", len(in.profile.Rules), prog.Len())
		})
	}
}

// TestInputsRoundTrip writes every input as an OCI document again, which Export proves equal.
func TestInputsRoundTrip(t *testing.T) {
	for _, in := range inputs(t) {
		s, _, err := oci.Export(in.profile, &oci.ExportOptions{Arch: in.target})
		if err != nil {
			t.Errorf("%s: %v", in.name, err)
			continue
		}
		if len(s.Syscalls) > 60 {
			t.Errorf("%s: %d rules", in.name, len(s.Syscalls))
		}
	}
}

// TestPodman checks what containers/common's style means: known calls are refused with EPERM, unknown ones do not exist, and one
// kind of socket is refused by a triple of rules.
func TestPodman(t *testing.T) {
	data, err := os.ReadFile("testdata/podman.json")
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		caps []string
		name string
		args []uint64
		want seccomp.Action
	}{
		{nil, "read", nil, seccomp.Allow},
		{nil, "bpf", nil, seccomp.Errno(1)},
		{nil, "swapon", nil, seccomp.Errno(38)},
		{nil, "chroot", nil, seccomp.Errno(1)},
		{[]string{"CAP_SYS_CHROOT"}, "chroot", nil, seccomp.Allow},
		{nil, "socket", []uint64{16, 3, 9}, seccomp.Errno(22)},
		{nil, "socket", []uint64{16, 3, 0}, seccomp.Allow},
		{nil, "socket", []uint64{2, 1, 9}, seccomp.Allow},
		{[]string{"CAP_AUDIT_WRITE"}, "socket", []uint64{16, 3, 9}, seccomp.Allow},
	} {
		p, diags, err := tmpl.Resolve(Target{Arch: seccomp.AMD64, Caps: tt.caps, Engine: Podman, Runtime: oci.Crun})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range diags {
			if d.Severity == oci.Warning && d.Code != oci.CodeNeedsGo && d.Code != oci.CodeNeedsRuntime {
				t.Error(d)
			}
		}
		call, err := seccomp.CallByName(seccomp.AMD64, tt.name, tt.args...)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Simulate(call); err != nil || got != tt.want {
			t.Errorf("%v with %v: %v, %v, want %v", call, tt.caps, got, err, tt.want)
		}
	}
}
