// Command testprofile shows how to unit-test a seccomp policy: the policy is an ordinary value in this file, policy_test.go states
// what it must allow and refuse as a table, on any system and without privileges, and on Linux it is also tried for real. The
// command itself prints the program the policy compiles to.
package main

import (
	"fmt"
	"os"

	"github.com/gostockade/stockade/seccomp"
)

// policy is for a service that serves TCP and reads its files. It can neither start programs nor reach other machines, and
// trying to debug a process ends it.
func policy() *seccomp.Profile {
	p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo, seccomp.TCPServer, seccomp.FileRead)
	p.Rules = append(p.Rules, seccomp.Rule{
		Names:  []string{"ptrace", "process_vm_readv", "process_vm_writev"},
		Action: seccomp.KillProcess,
	})
	return p
}

func main() {
	prog, err := seccomp.Compile(policy(), &seccomp.CompileOptions{Target: seccomp.AMD64})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(prog)
}
