//go:build linux

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfinedChild(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "confinedchild")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(exe, "nosockets.json", "grep", "-E", "^(Seccomp|NoNewPrivs):", "/proc/self/status").CombinedOutput()
	if got := strings.Join(strings.Fields(string(out)), " "); err != nil || !strings.HasSuffix(got, "NoNewPrivs: 1 Seccomp: 2") {
		t.Errorf("%q, %v", out, err)
	}
	cmd := exec.Command(exe, "nosockets.json", "sh", "-c", "exit 7")
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("exit code: %v", err)
	}
	for name, args := range map[string][]string{
		"no profile": {"nothing.json", "true"}, "no program": {"nosockets.json", "no-such-program"}, "not a profile": {"nosockets.seccomp.json", "true"},
	} {
		cmd := exec.Command(exe, args...)
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 125 || len(out) == 0 {
			t.Errorf("%s: exit code %d, %q", name, cmd.ProcessState.ExitCode(), out)
		}
	}
}
