package docker_test

import (
	"fmt"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/docker"
)

const template = `{
	"defaultAction": "SCMP_ACT_ERRNO",
	"archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
	"syscalls": [
		{"names": ["read", "write", "exit_group"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["mount", "umount2"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}}
	]
}`

func ExampleParse() {
	_, err := docker.Parse([]byte(`{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": "read", "action": "ALLOW"}]}`))
	fmt.Println(err)
	// Output:
	// docker: 1:60: /syscalls/0/names: found a string where an array is expected
	// 1:78: /syscalls/0/action: unknown action "ALLOW"; the actions are SCMP_ACT_ followed by KILL_PROCESS, KILL_THREAD (or KILL), TRAP, ERRNO, NOTIFY, TRACE, LOG or ALLOW
}

func ExampleTemplate_Format() {
	t, err := docker.Parse([]byte(`{"syscalls": [{"name": "sync", "action": "SCMP_ACT_LOG"}], "defaultAction": "SCMP_ACT_KILL_PROCESS"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := t.Format()
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// {
	// 	"defaultAction": "SCMP_ACT_KILL_PROCESS",
	// 	"syscalls": [
	// 		{
	// 			"name": "sync",
	// 			"action": "SCMP_ACT_LOG"
	// 		}
	// 	]
	// }
	// <nil>
}

func ExampleTemplate_ResolveOCI() {
	t, err := docker.Parse([]byte(template))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _, err := t.ResolveOCI(docker.Target{Arch: seccomp.AMD64, Caps: []string{"CAP_SYS_ADMIN"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Architectures)
	for _, c := range s.Syscalls {
		fmt.Println(c.Action, c.Names)
	}
	// Output:
	// [SCMP_ARCH_X86_64 SCMP_ARCH_X86]
	// SCMP_ACT_ALLOW [read write exit_group]
	// SCMP_ACT_ALLOW [mount umount2]
}

func ExampleTemplate_Resolve() {
	t, err := docker.Parse([]byte(template))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, _, err := t.Resolve(docker.Target{Arch: seccomp.AMD64, Caps: docker.DefaultCaps()})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("default:", p.Default, "foreign:", p.Foreign, "newer:", p.Newer.Action, "on:", p.Arches)
	for _, r := range p.Rules {
		fmt.Println(r.Action, r.Names, "from", r.Origin)
	}
	// Output:
	// default: errno 1 foreign: kill_thread newer: errno 38 on: [amd64 386]
	// allow [read write exit_group] from /syscalls/0
}

func ExampleDefaultCaps() {
	fmt.Println(len(docker.DefaultCaps()), docker.DefaultCaps()[0])
	// Output: 14 CAP_CHOWN
}
