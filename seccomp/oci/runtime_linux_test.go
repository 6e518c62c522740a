package oci_test

import (
	"os"
	"testing"

	"golang.org/x/net/bpf"

	bpfvm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/docker"
	"github.com/gostockade/stockade/seccomp/oci"
)

// TestDockerDefaultInContainers compares, for Docker's default profile under three sets of capabilities, what Import predicts with the filter
// that runc and crun install for the same document: read back from the kernel, and compared for every number of every covered ABI.
func TestDockerDefaultInContainers(t *testing.T) {
	runtimes := containerRuntimes(t)
	data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/docker-default.json"))
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := docker.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	b := newBundle(t)
	for name, caps := range map[string][]string{
		"no capabilities":      nil,
		"Docker's":             docker.DefaultCaps(),
		"Docker's + SYS_ADMIN": append(docker.DefaultCaps(), "CAP_SYS_ADMIN"),
	} {
		s, _, err := tmpl.ResolveOCI(docker.Target{Arch: seccomp.NativeArch(), Caps: caps, Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}})
		if err != nil {
			t.Fatal(err)
		}
		for _, rt := range runtimes {
			t.Run(name+"/"+rt.name, func(t *testing.T) {
				p, _, err := oci.Import(s, &rt.opts)
				if err != nil {
					t.Fatal(err)
				}
				code := rt.filterOf(t, b, s, caps)
				compareEveryNumber(t, p, code)
			})
		}
	}
}

// compareEveryNumber runs the program and the model side by side.
func compareEveryNumber(t *testing.T, p *seccomp.Profile, code []bpf.RawInstruction) {
	t.Helper()
	calls, wrong := 0, 0
	for _, arch := range p.Arches {
		base := uint32(0)
		if arch == seccomp.X32 {
			base = 0x4000_0000
		}
		for nr := base; nr < base+1024; nr++ {
			for _, args := range corners(p, arch, nr) {
				call := seccomp.Call{Arch: arch, Nr: nr, Args: args}
				in := bpfvm.NewInput(nr, arch.AuditArch(), 0, args, arch.BigEndian())
				ret, _, err := bpfvm.Run(code, &in)
				if err != nil {
					t.Fatal(err)
				}
				calls++
				if got, want := evaluate(p, call), seccomp.ActionFromRet(ret); got != want {
					if wrong++; wrong <= 20 {
						name, _ := arch.CallName(nr)
						t.Errorf("%v %d (%s) %#x: predicted %v, the container gets %v", arch, nr, name, args, got, want)
					}
				}
			}
		}
	}
	t.Logf("%d instructions, %d calls compared, %d differ", len(code), calls, wrong)
}
