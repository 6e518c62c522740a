//go:build kerneltest && amd64

package profile

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// Containers with both halves, as runc and crun apply what FillSpec made.
func TestKernelContainers(t *testing.T) {
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Fatal(err)
	}
	for name, command := range map[string][]string{"runc": {"/usr/sbin/runc"}, "crun": {"/usr/bin/crun", "--cgroup-manager=disabled"}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range []string{"proc", "bin", "dev", "sys", "etc"} {
				if err := os.MkdirAll(filepath.Join(dir, "rootfs", d), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for file, data := range map[string][]byte{"bin/sh": busybox, "etc/shadow": []byte("secret\n"), "etc/motd": []byte("hello\n")} {
				if err := os.WriteFile(filepath.Join(dir, "rootfs", file), data, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			p := container()
			p.AppArmor.Profile = "stockade-enforce"
			p.Seccomp.Arches = []seccomp.Arch{seccomp.NativeArch()}
			spec := &specs.Spec{
				Version: "1.0.2",
				Process: &specs.Process{Cwd: "/", Env: []string{"PATH=/bin"}, Args: []string{"sh", "-c",
					`while read l; do case "$l" in Seccomp:*|NoNewPrivs:*) echo $l;; esac; done < /proc/self/status
					read label < /proc/self/attr/current; echo "$label"
					read m < /etc/motd; echo "$m"; read s < /etc/shadow; echo "shadow $s"; mkdir /proc/x`}},
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
			// The machine's root is its initramfs, from which the kernel does not pivot.
			cmd := exec.Command(command[0], append(command[1:], "run", "--no-pivot", "stockade-"+name)...)
			cmd.Dir = dir
			out, _ := cmd.CombinedOutput() // mkdir fails, and with it the shell
			got := strings.Join(strings.Fields(string(out)), " ")
			for _, want := range []string{"NoNewPrivs: 1 Seccomp: 2", "stockade-enforce (enforce)", "hello", "/etc/shadow: Permission denied", "I/O error"} {
				if !strings.Contains(got, want) && !strings.Contains(strings.ReplaceAll(got, "Input/output error", "I/O error"), want) {
					t.Errorf("no %q inside the container:\n%s", want, out)
				}
			}
		})
	}
}
