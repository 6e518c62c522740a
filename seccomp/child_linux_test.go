package seccomp

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// childEnv names the test whose child this process is. A filter cannot be taken off, so whatever loads one does it in a process
// of its own: this test binary again, running the same test.
const childEnv = "STOCKADE_TEST_CHILD"

// childResult is how a child ended.
type childResult struct {
	output string
	state  *os.ProcessState
}

func (r childResult) signal() syscall.Signal {
	status := r.state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return status.Signal()
	}
	return 0
}

// child runs fn in a fresh process and returns how it ended. In that process it never returns: fn's error is printed and makes
// the exit status 1.
func child(t *testing.T, fn func() error) childResult {
	t.Helper()
	return childAs(t, nil, fn)
}

// unprivileged is child without root: user and group 65534, no capabilities.
func unprivileged(t *testing.T, fn func() error) childResult {
	t.Helper()
	if os.Getuid() != 0 {
		return childAs(t, nil, fn)
	}
	return childAs(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}, fn)
}

func childAs(t *testing.T, attr *syscall.SysProcAttr, fn func() error) childResult {
	t.Helper()
	if os.Getenv(childEnv) == t.Name() {
		if err := fn(); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var pattern []string
	for _, part := range strings.Split(t.Name(), "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run="+strings.Join(pattern, "/"), "-test.count=1")
	cmd.Env = append(os.Environ(), childEnv+"="+t.Name())
	cmd.SysProcAttr = attr
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // how it ended is the result
	return childResult{out.String(), cmd.ProcessState}
}

// mustSucceed fails the test unless the child ended with status 0.
func (r childResult) mustSucceed(t *testing.T) {
	t.Helper()
	if !r.state.Success() {
		t.Errorf("child: %v\n%s", r.state, r.output)
	}
}
