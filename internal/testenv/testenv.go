// Package testenv tells a test what the machine it runs on has: the shared third-party inputs, privileges, tools. What is
// absent skips the test by name and reason; where STOCKADE_CI is set to 1 it fails instead, so that a full run cannot pass by
// skipping.
package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// CI reports whether an absent input, privilege or tool must fail the test (STOCKADE_CI=1).
func CI() bool { return os.Getenv("STOCKADE_CI") == "1" }

// Missing ends the test: it skips with the reason or, in a full run, fails with it.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if CI() {
		t.Fatalf("missing in a full run: "+format, args...)
	}
	t.Skipf(format, args...)
}

// Shared returns the path of a third-party test input kept outside the repository: below STOCKADE_SHARED if that is set, else
// below the first directory named shared next to this or a parent directory of the repository.
func Shared(t testing.TB, name string) string {
	t.Helper()
	if root := os.Getenv("STOCKADE_SHARED"); root != "" {
		return existing(t, filepath.Join(root, filepath.FromSlash(name)))
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(dir, "shared", filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			Missing(t, "no shared test input %s (set STOCKADE_SHARED to the directory that has it)", name)
		}
		dir = parent
	}
}

// existing returns path, or ends the test when nothing is there.
func existing(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		Missing(t, "no shared test input: %v", err)
	}
	return path
}

// Root ends the test unless it runs as root on a system that has such a user.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		Missing(t, "needs root")
	}
}

// Tool returns the path of an external program that a differential test compares against.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		for _, dir := range []string{"/usr/sbin", "/sbin"} {
			if p := filepath.Join(dir, name); exists(p) {
				return p
			}
		}
		Missing(t, "no %s on this machine", name)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
