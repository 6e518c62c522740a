package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/gostockade/stockade/seccomp/seccomptest"
)

// TestPolicy runs anywhere: no Linux, no root. Every rule must have been asked about.
func TestPolicy(t *testing.T) {
	seccomptest.CheckCoverage(t, policy(), `
		# It serves, and reads its files.
		amd64 read()                                     allow
		amd64 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)  allow
		amd64 socket(AF_INET6, SOCK_STREAM)              allow
		amd64 accept4()                                  allow
		amd64 openat(_, _, O_RDONLY|O_CLOEXEC)           allow
		arm64 openat(_, _, O_RDONLY|O_CLOEXEC)           allow

		# It writes no files, starts no programs, and talks to nobody on its own account.
		amd64 openat(_, _, O_RDWR)                       errno EPERM
		amd64 openat(_, _, O_WRONLY|O_CREAT, 0644)       errno EPERM
		amd64 connect()                                  errno EPERM
		amd64 socket(AF_INET, SOCK_DGRAM)                errno EPERM
		amd64 socket(AF_UNIX)                            errno EPERM
		amd64 socket(AF_VSOCK)                           errno EPERM
		amd64 execve()                                   errno EPERM
		amd64 unshare()                                  errno EPERM
		amd64 mount()                                    errno EPERM
		amd64 bpf()                                      errno EPERM

		# Debugging is worth dying for, and so is another ABI.
		amd64 ptrace(PTRACE_ATTACH)                      kill_process
		386   read()                                     kill_process
		x32   read()                                     kill_process

		# Programs fall back from calls that are newer than the policy.
		amd64 1000()                                     errno ENOSYS
	`)
}

// TestPolicyLive runs the service's own code under the policy on the running kernel, where there is one.
func TestPolicyLive(t *testing.T) {
	result := seccomptest.Live(t, policy(), func() {
		if _, err := os.ReadFile("policy.go"); err != nil {
			fmt.Println(err)
		}
		if _, err := net.Dial("tcp", "127.0.0.1:9"); err != nil {
			fmt.Println("dialled in vain")
		}
	})
	var refused []string
	for _, call := range result.Refused {
		if name, _ := call.Call.Name(); name != "clone3" { // the C library's first try at a thread
			refused = append(refused, name)
		}
	}
	if got := strings.Join(refused, " "); got != "connect" || result.Ended != "" || result.Output != "dialled in vain\n" {
		t.Errorf("refused %q\n%v%s", got, result, result.Output)
	}
}
