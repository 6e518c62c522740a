package seccomp_test

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"

	"github.com/gostockade/stockade/seccomp"
)

func ExampleProfile_Simulate() {
	p := &seccomp.Profile{
		Default: seccomp.Errno(1),
		Arches:  []seccomp.Arch{seccomp.AMD64, seccomp.I386},
		Rules: []seccomp.Rule{
			{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Op: seccomp.LE, Width: seccomp.Width32, Value: 10}}},
		},
	}
	for _, family := range []uint64{2, 40} {
		call, err := seccomp.CallByName(seccomp.AMD64, "socket", family, 1, 0)
		if err != nil {
			panic(err)
		}
		action, err := p.Simulate(call)
		fmt.Println(call, action, err)
	}
	// Output:
	// amd64 socket(2, 1, 0, 0, 0, 0) allow <nil>
	// amd64 socket(40, 1, 0, 0, 0, 0) errno 1 <nil>
}

func ExampleNewSimulator() {
	s, err := seccomp.NewSimulator(&seccomp.Profile{
		Default: seccomp.Errno(38),
		Rules:   []seccomp.Rule{{Names: []string{"read", "write"}, Action: seccomp.Allow}},
	})
	if err != nil {
		panic(err)
	}
	for nr := range uint32(3) {
		call := seccomp.Call{Arch: seccomp.AMD64, Nr: nr}
		action, _ := s.Simulate(call)
		fmt.Println(call, action)
	}
	// Output:
	// amd64 read(0, 0, 0, 0, 0, 0) allow
	// amd64 write(0, 0, 0, 0, 0, 0) allow
	// amd64 open(0, 0, 0, 0, 0, 0) errno 38
}

func ExampleProgram_Run() {
	p := &seccomp.Profile{Default: seccomp.KillProcess, Rules: []seccomp.Rule{{Names: []string{"getpid"}, Action: seccomp.Log}}}
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.ARM64})
	if err != nil {
		panic(err)
	}
	call, _ := seccomp.CallByName(seccomp.ARM64, "getpid")
	fmt.Println(prog.Run(call))
	// Output: log <nil>
}

// A filter that forgets to look at the architecture can be evaded through another ABI.
func ExampleVerify() {
	p := &seccomp.Profile{Default: seccomp.Allow, Rules: []seccomp.Rule{{Names: []string{"ptrace"}, Action: seccomp.Errno(1)}}}
	prog, err := seccomp.NewProgram([]bpf.RawInstruction{
		{Op: 0x20, K: 0},           // load the number
		{Op: 0x15, K: 101, Jf: 1},  // amd64's ptrace?
		{Op: 0x06, K: 0x0005_0001}, // EPERM
		{Op: 0x06, K: 0x7fff_0000}, // allow
	}, seccomp.AMD64)
	if err != nil {
		panic(err)
	}
	err = seccomp.Verify(prog, p)
	var m *seccomp.Mismatch
	fmt.Println(errors.As(err, &m), m)

	prog, _ = seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64})
	fmt.Println(seccomp.Verify(prog, p))
	// Output:
	// true seccomp: 386 restart_syscall(0, 0, 0, 0, 0, 0): the program's action is allow, want kill_process (instructions 0 1 3)
	// <nil>
}

func ExampleVerifyPrograms() {
	narrow := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: []string{"read"}, Action: seccomp.Allow}}}
	wide := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: []string{"read", "dup"}, Action: seccomp.Allow}}}
	a, _ := seccomp.Compile(narrow, &seccomp.CompileOptions{Target: seccomp.AMD64})
	b, _ := seccomp.Compile(wide, &seccomp.CompileOptions{Target: seccomp.AMD64})
	var m *seccomp.Mismatch
	if errors.As(seccomp.VerifyPrograms(b, a), &m) {
		name, _ := m.Call.Name()
		fmt.Println(name, m.Got, m.Want)
	}
	// Output: dup allow errno 1
}

func ExampleCallByName() {
	call, err := seccomp.CallByName(seccomp.I386, "personality", 0xffffffff)
	fmt.Println(call, err)
	// Output: 386 personality(0xffffffff, 0, 0, 0, 0, 0) <nil>
}

func ExampleProfile_Explain() {
	p := &seccomp.Profile{
		Default: seccomp.Errno(1),
		Rules: []seccomp.Rule{
			{Names: []string{"clone"}, Action: seccomp.Allow, Origin: "base"},
			{Names: []string{"clone"}, Action: seccomp.KillProcess, Args: []seccomp.Arg{{Op: seccomp.MaskedEQ, Mask: 0x10000000, Value: 0x10000000}}, Origin: "no user namespaces"},
		},
	}
	call, _ := seccomp.CallByName(seccomp.AMD64, "clone", 0x10000011)
	e, err := p.Explain(call)
	if err != nil {
		panic(err)
	}
	fmt.Print(&e)
	// Output:
	// amd64 clone(0x10000011, 0, 0, 0, 0, 0): kill_process
	//   because rule 1 (no user namespaces) matches: arg0 & 0x10000000 == 0x10000000
	//   not rule 0 (base), allow: it matches too, but kill_process is more restrictive
}
