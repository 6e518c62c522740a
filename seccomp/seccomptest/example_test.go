package seccomptest_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/seccomptest"
)

// A test of a profile, on any system.
func ExampleCheck() {
	_ = func(t *testing.T) {
		p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer, seccomp.FileRead)
		seccomptest.Check(t, p, `
			amd64 openat(_, _, O_RDONLY)             allow
			amd64 openat(_, _, O_WRONLY|O_CREAT)     errno EPERM
			amd64 socket(AF_INET, SOCK_STREAM)       allow
			amd64 socket(AF_VSOCK)                   errno EPERM
			386   read()                             kill_process
		`)
	}
}

// With coverage, every rule must have decided about at least one call of the table.
func ExampleCheckCoverage() {
	_ = func(t *testing.T) {
		p := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{
			{Names: []string{"read"}, Action: seccomp.Allow},
			{Names: []string{"ptrace"}, Action: seccomp.KillProcess},
		}}
		seccomptest.CheckCoverage(t, p, `
			amd64 read()    allow
			amd64 ptrace()  kill_process
		`)
	}
}

// Parse gives the table as data.
func ExampleParse() {
	lines, err := seccomptest.Parse("amd64 socket(AF_VSOCK) errno EPERM")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lines[0].Nr, lines[0].Args, lines[0].Want)
	_, err = seccomptest.Parse("amd64 socket(AF_VSOKC) errno EPERM")
	fmt.Println(err)
	// Output:
	// 41 [arg0 == 40] errno 1
	// table line 1, column 14: "AF_VSOKC" is no number and no constant known here; write the number
	// 	amd64 socket(AF_VSOKC) errno EPERM
	// 	             ^
}

// Live tells which calls of a function a profile refuses, on the running kernel.
func ExampleLive() {
	_ = func(t *testing.T) {
		p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo)
		result := seccomptest.Live(t, p, func() {
			_, err := net.Dial("tcp", "127.0.0.1:80")
			fmt.Println(err)
		})
		for _, call := range result.Refused {
			t.Log(call) // amd64 socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0): errno EPERM
		}
	}
}
