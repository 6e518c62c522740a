package profile

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// TestContainers starts containers with what FillSpec made and looks at them from inside.
func TestContainers(t *testing.T) {
	testenv.Root(t)
	busybox := testenv.Tool(t, "busybox")
	dir := t.TempDir()
	for _, d := range []string{"rootfs/proc", "rootfs/bin", "rootfs/dev", "rootfs/sys"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(busybox)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "rootfs/bin/sh"), data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	// crun does not run where cgroup v1 and v2 are mixed: it gets a mount namespace that has v2 alone.
	private := []string{testenv.Tool(t, "unshare"), "-m", "sh", "-c", `mount -t cgroup2 none /sys/fs/cgroup && exec "$0" "$@"`, testenv.Tool(t, "crun"), "--cgroup-manager=disabled"}
	for name, command := range map[string][]string{"runc": {testenv.Tool(t, "runc")}, "crun": private} {
		t.Run(name, func(t *testing.T) {
			p := container()
			p.AppArmor = nil // not in this kernel
			p.Seccomp.Arches = []seccomp.Arch{seccomp.NativeArch()}
			spec := &specs.Spec{
				Version: "1.0.2",
				Process: &specs.Process{Cwd: "/", Env: []string{"PATH=/bin"}, Args: []string{"sh", "-c",
					`while read l; do case "$l" in Seccomp:*|NoNewPrivs:*) echo $l;; esac; done < /proc/self/status; mkdir /proc/x 2>&1`}},
				Root:   &specs.Root{Path: "rootfs"},
				Mounts: []specs.Mount{{Destination: "/proc", Type: "proc", Source: "proc"}},
				Linux: &specs.Linux{Namespaces: []specs.LinuxNamespace{
					{Type: specs.PIDNamespace}, {Type: specs.MountNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace}}},
			}
			if _, err := FillSpec(p, spec, &oci.ExportOptions{Arch: seccomp.NativeArch(), Narrow: true}); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(spec)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "config.json"), data, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(command[0], append(command[1:], "run", "stockade-profile-"+name+"-"+strconv.Itoa(os.Getpid()))...)
			cmd.Dir = dir
			out, _ := cmd.CombinedOutput() // mkdir fails, and with it the shell
			got := strings.Join(strings.Fields(string(out)), " ")
			if !strings.Contains(got, "NoNewPrivs: 1 Seccomp: 2") || !strings.Contains(got, "Input/output error") && !strings.Contains(got, "I/O error") {
				t.Errorf("inside the container: %s", out)
			}
		})
	}
}
