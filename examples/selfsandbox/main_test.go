//go:build linux && (amd64 || arm64)

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestEverythingAsPromised builds and runs the example, with and without cgo, as any user.
func TestEverythingAsPromised(t *testing.T) {
	for _, cgo := range []string{"0", ""} {
		// World-readable, for the run without privileges.
		dir, err := os.MkdirTemp("", "selfsandbox")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "selfsandbox")
		build := exec.Command("go", "build", "-o", name, ".")
		if cgo != "" {
			build.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		}
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		cmd := exec.Command(name)
		cmd.Dir = "/"
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Everything is as promised.") {
			t.Errorf("CGO_ENABLED=%q: %v\n%.4000s", cgo, err, out)
		}
	}
}
