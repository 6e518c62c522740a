package seccomp_test

import (
	"fmt"

	"github.com/gostockade/stockade/seccomp"
)

// A set is a group of calls, some of them only with certain arguments.
func ExampleSet_Members() {
	members, ok := seccomp.TCPServer.Members()
	fmt.Println(ok)
	fmt.Println(members[0].Names, members[0].Args)
	// Output:
	// true
	// [socket] [int arg0 == 2 int arg1 & 0xf == 0x1]
}

// Sets also serve in rules that refuse: here nothing may make memory executable, whatever else is allowed.
func ExampleAllowOnly() {
	p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer, seccomp.FileRead)
	p.Rules = append(p.Rules, seccomp.Rule{Names: []string{string(seccomp.MemoryExec)}, Action: seccomp.KillProcess})
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64})
	fmt.Println(prog.Arches(), err)
	// Output:
	// [amd64] <nil>
}

func ExampleSets() {
	for _, s := range seccomp.Sets()[:3] {
		members, _ := s.Members()
		fmt.Println(s, len(members) > 0)
	}
	// Output:
	// @go-runtime true
	// @go-start true
	// @cgo true
}
