//go:build kerneltest

package kerneltest

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestInsideKernel(t *testing.T) {
	name := os.Getenv("STOCKADE_KERNEL")
	k, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOARCH != k.GOARCH {
		t.Errorf("%s runs a test binary of %s", name, runtime.GOARCH)
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(name, "-")[1] + "."
	if !strings.HasPrefix(string(release), want) {
		t.Errorf("%s runs kernel %s, want %s*", name, release, want)
	}
	if os.Getpid() == 1 || os.Geteuid() != 0 {
		t.Errorf("the test is process %d of user %d; want a child of process 1, as root", os.Getpid(), os.Geteuid())
	}
}

func TestInsideAppArmor(t *testing.T) {
	enabled, err := os.ReadFile("/sys/module/apparmor/parameters/enabled")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(enabled); got != "Y\n" {
		t.Fatalf("AppArmor enabled = %q", got)
	}
	profiles, err := os.ReadFile("/sys/kernel/security/apparmor/profiles")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(profiles), "kerneltest-nothing (enforce)\n") {
		t.Errorf("the policy of the needs file is not loaded; there is:\n%s", profiles)
	}
}

func TestInsideFiles(t *testing.T) {
	for _, name := range []string{"/etc/shadow", "/etc/kerneltest/needs", "testdata/kerneltest/needs", "/dev/null", "/proc/self/status"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Error(err)
		}
	}
	if out, err := exec.Command("sh", "-c", "echo from the shell").CombinedOutput(); err != nil || string(out) != "from the shell\n" {
		t.Errorf("sh: %v, %q", err, out)
	}
	if runtime.GOARCH != "amd64" {
		return
	}
	if out, err := exec.Command("/usr/bin/env", "-i", "A=1", "/usr/bin/env").CombinedOutput(); err != nil || string(out) != "A=1\n" {
		t.Errorf("a dynamically linked program with its libraries: %v, %q", err, out)
	}
}
