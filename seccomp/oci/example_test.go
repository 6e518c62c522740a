package oci_test

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

func ExampleParse() {
	_, err := oci.Parse([]byte(`{
	"defaultAction": "SCMP_ACT_ERRNO",
	"syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}]
}`))
	var at *oci.SyntaxError
	fmt.Println(errors.As(err, &at), at.Pointer)
	fmt.Println(err)
	// Output:
	// true /syscalls/0/args/0/value
	// oci: 3:94: /syscalls/0/args/0/value: "-1" is negative; write the unsigned 64-bit value
}

// The author of this document means kill with a signal from 1 to 15. What the runtime makes of it is every signal.
func ExampleImport() {
	s, err := oci.Parse([]byte(`{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": ["SCMP_ARCH_X86_64"],
	"flags": [],
	"syscalls": [
		{"names": ["execve", "exit_group"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [
			{"index": 1, "value": 1, "op": "SCMP_CMP_GE"},
			{"index": 1, "value": 15, "op": "SCMP_CMP_LE"}
		]}
	]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, diags, err := oci.Import(s, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range p.Rules {
		fmt.Println(r.Action, r.Names, r.Args)
	}
	for _, d := range diags {
		if d.Rule == 1 {
			fmt.Println(d)
		}
	}
	// Output:
	// allow [execve exit_group] []
	// allow [kill] [arg1 <= 15]
	// allow [kill] [arg1 >= 1]
	// warning: /syscalls/1/args: two conditions on one argument: the runtime makes each of the 2 conditions a rule of its own, so that the rule applies when any one of them holds, not all [same-argument]
}

// An exception to a rule has to be turned round, because runtimes drop rules with the default's action.
func ExampleExport() {
	p := &seccomp.Profile{
		Default: seccomp.Errno(1),
		Foreign: seccomp.KillThread,
		Newer:   &seccomp.Newer{Action: seccomp.Errno(38)},
		Arches:  []seccomp.Arch{seccomp.AMD64},
		Rules: []seccomp.Rule{
			{Names: []string{"read", "ioctl"}, Action: seccomp.Allow},
			{Names: []string{"ioctl"}, Action: seccomp.Errno(1), Args: []seccomp.Arg{{Index: 1, Width: seccomp.Width32, Op: seccomp.MaskedEQ, Mask: 1, Value: 1}}},
		},
	}
	s, diags, err := oci.Export(p, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range s.Syscalls {
		fmt.Println(c.Action, c.Names, c.Args)
	}
	fmt.Println(len(diags), "diagnostics")
	// Output:
	// SCMP_ACT_ALLOW [read] []
	// SCMP_ACT_ALLOW [ioctl] [{1 1 0 SCMP_CMP_MASKED_EQ}]
	// 0 diagnostics
}

func ExampleFormat() {
	text, err := oci.Format(&specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Flags: []specs.LinuxSeccompFlag{}})
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// {
	// 	"defaultAction": "SCMP_ACT_ALLOW",
	// 	"flags": []
	// }
	// <nil>
}
