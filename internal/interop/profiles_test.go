package interop

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/docker"
)

// capabilitySets are containers: Docker's default, none at all, and a privileged one but for the flag.
func capabilitySets() map[string][]string {
	all := append(docker.DefaultCaps(), "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_MODULE", "CAP_SYS_TIME", "CAP_BPF",
		"CAP_PERFMON", "CAP_SYSLOG", "CAP_SYS_NICE", "CAP_SYS_RAWIO", "CAP_SYS_BOOT", "CAP_SYS_PACCT", "CAP_SYS_TTY_CONFIG",
		"CAP_DAC_READ_SEARCH", "CAP_SYS_RESOURCE")
	return map[string][]string{"default": docker.DefaultCaps(), "none": {}, "all": all}
}

// thisKernel is what Docker's code asks the running kernel for.
func thisKernel(t *testing.T) seccomp.KernelVersion {
	t.Helper()
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	var major, minor uint8
	if _, err := sscanRelease(unix.ByteSliceToString(u.Release[:]), &major, &minor); err != nil {
		t.Fatal(err)
	}
	return seccomp.KernelVersion{Major: major, Minor: minor}
}

// TestDockerResolvesAlike: our reading of Docker's template and Docker's own give the same OCI section.
func TestDockerResolvesAlike(t *testing.T) {
	template := readTemplate(t)
	tmpl, err := docker.Parse(template)
	if err != nil {
		t.Fatal(err)
	}
	for name, caps := range capabilitySets() {
		t.Run(name, func(t *testing.T) {
			spec := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: caps}}}
			want, err := moby.LoadProfile(string(template), spec)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := tmpl.ResolveOCI(docker.Target{Arch: seccomp.NativeArch(), Caps: caps, Kernel: thisKernel(t)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Docker's code (-) and ours (+):\n%s", diff)
			}
		})
	}
}

// readTemplate returns Docker's default template: the one in shared inputs.
func readTemplate(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile(testenv.Shared(tb, "corpora/seccomp/docker-default.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// dockerDefault is Docker's default profile with its default capabilities, on amd64.
func dockerDefault(tb testing.TB) *seccomp.Profile {
	tb.Helper()
	tmpl, err := docker.Parse(readTemplate(tb))
	if err != nil {
		tb.Fatal(err)
	}
	p, _, err := tmpl.Resolve(docker.Target{Arch: seccomp.AMD64, Caps: docker.DefaultCaps(), Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
