package seccomp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/gostockade/stockade/seccomp"
)

// Validate finds everything at once, and says in which rule it is.
func ExampleProfile_Validate() {
	p := &seccomp.Profile{Rules: []seccomp.Rule{
		{Names: []string{"read", "wriet"}, Action: seccomp.Allow, Origin: "base.txt:1"},
		{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 6}}},
	}}
	err := p.Validate()
	fmt.Println(err)
	fmt.Println(errors.Is(err, seccomp.ErrUnknownSyscall), errors.Is(err, seccomp.ErrInvalid))
	// Output:
	// seccomp: rule 1: condition 0: invalid value: argument 6, the last one is 5
	// rule 0 (base.txt:1): "wriet": unknown system call
	// true true
}

// Outcomes answers for all calls of a family at once: here every socket of one address family.
func ExampleProfile_Outcomes() {
	p := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{
		{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Value: 2}, {Index: 1, Value: 1}}},
	}}
	nr, _ := seccomp.AMD64.Number("socket")
	outcomes, err := p.Outcomes(seccomp.AMD64, nr, []seccomp.Arg{{Index: 0, Value: 2}})
	if err != nil {
		panic(err)
	}
	for _, o := range outcomes {
		fmt.Println(o.Action, "by rule", o.Rule, "such as", o.Call)
	}
	// Output:
	// allow by rule 0 such as amd64 socket(2, 1, 0, 0, 0, 0)
	// errno 1 by rule -1 such as amd64 socket(2, 0, 0, 0, 0, 0)
}

// A Simulator resolves the profile once, for many questions.
func ExampleSimulator_Outcomes() {
	s, err := seccomp.NewSimulator(&seccomp.Profile{Rules: []seccomp.Rule{{Names: []string{"getpid"}, Action: seccomp.Allow}}})
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"getpid", "getppid"} {
		nr, _ := seccomp.ARM64.Number(name)
		outcomes, err := s.Outcomes(seccomp.ARM64, nr, nil)
		fmt.Println(name, len(outcomes), outcomes[0].Action, err)
	}
	// Output:
	// getpid 1 allow <nil>
	// getppid 1 kill_process <nil>
}

func ExampleSimulator_Simulate() {
	s, err := seccomp.NewSimulator(&seccomp.Profile{Default: seccomp.Allow, Foreign: seccomp.Errno(38)})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Simulate(seccomp.Call{Arch: seccomp.AMD64, Nr: 1}))
	fmt.Println(s.Simulate(seccomp.Call{Arch: seccomp.I386, Nr: 1}))
	// Output:
	// allow <nil>
	// errno 38 <nil>
}

func ExampleSimulator_Explain() {
	s, err := seccomp.NewSimulator(&seccomp.Profile{Default: seccomp.Errno(1)})
	if err != nil {
		panic(err)
	}
	e, err := s.Explain(seccomp.Call{Arch: seccomp.AMD64, Nr: 335})
	if err != nil {
		panic(err)
	}
	fmt.Print(&e)
	// Output:
	// amd64 uretprobe(0, 0, 0, 0, 0, 0): errno 1
	//   because no rule names it, and this is the default
	//   note: kernels that have commit cf6cb56ef244 or its like (Linux 6.14) let uretprobe past every filter
}

func ExampleParseAction() {
	for _, text := range []string{"allow", "errno 38", "errno"} {
		a, err := seccomp.ParseAction(text)
		fmt.Printf("%#x %v\n", a.Ret(), err)
	}
	// Output:
	// 0x7fff0000 <nil>
	// 0x50026 <nil>
	// 0x80000000 action "errno": errno needs a number, as in "errno 1"
}

func ExampleActionFromRet() {
	fmt.Println(seccomp.ActionFromRet(0x0005_0001), seccomp.ActionFromRet(0x1234_0000))
	// Output: errno 1 kill_process
}

func ExampleParseArch() {
	for _, name := range []string{"amd64", "SCMP_ARCH_AARCH64", "i386", "z80"} {
		arch, ok := seccomp.ParseArch(name)
		if ok {
			fmt.Printf("%s is %v, %d bits\n", name, arch, arch.Bits())
		} else {
			fmt.Println(name, "is unknown")
		}
	}
	// Output:
	// amd64 is amd64, 64 bits
	// SCMP_ARCH_AARCH64 is arm64, 64 bits
	// i386 is 386, 32 bits
	// z80 is unknown
}

func ExampleParseFlag() {
	flag, ok := seccomp.ParseFlag("SECCOMP_FILTER_FLAG_LOG")
	fmt.Println(flag, ok, flag == seccomp.FlagLog)
	// Output: LOG true true
}

func ExampleArg_Match() {
	write := seccomp.Arg{Index: 1, Op: seccomp.MaskedEQ, Mask: 3, Value: 1}
	fmt.Println(write, write.Match(&[6]uint64{1: 0x8001}), write.Match(&[6]uint64{1: 2}))
	// Output: arg1 & 0x3 == 0x1 true false
}

func ExampleProgram_RunCount() {
	p := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: []string{"getpid"}, Action: seccomp.Allow}}}
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64})
	if err != nil {
		panic(err)
	}
	call, _ := seccomp.CallByName(seccomp.AMD64, "getpid")
	action, executed, err := prog.RunCount(call)
	fmt.Println(action, executed <= prog.Len(), err)
	// Output: allow true <nil>
}

func ExampleProgram_Stats() {
	p := &seccomp.Profile{Default: seccomp.Allow}
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64})
	if err != nil {
		panic(err)
	}
	fmt.Println(prog.Stats(nil).Instructions == prog.Len())
	// Output: true
}

// Profiles go through encoding/json like any value, as a field of a configuration here.
func ExampleProfile_UnmarshalJSON() {
	var config struct{ Seccomp *seccomp.Profile }
	err := json.Unmarshal([]byte(`{"Seccomp": {"default": "errno 1", "rules": [{"names": ["read"], "action": "allow"}]}}`), &config)
	if err != nil {
		panic(err)
	}
	fmt.Println(config.Seccomp.Default, config.Seccomp.Rules[0].Names)
	// Output: errno 1 [read]
}

func ExampleProfile_MarshalJSON() {
	text, err := json.Marshal(struct{ Seccomp seccomp.Profile }{seccomp.Profile{Default: seccomp.Errno(1)}})
	fmt.Println(string(text), err)
	// Output: {"Seccomp":{"default":"errno 1"}} <nil>
}

// ThreadStatus tells whether a process is confined as a whole.
func ExampleThreadStatus() {
	states, err := seccomp.ThreadStatus(0)
	if errors.Is(err, seccomp.ErrNotSupported) {
		fmt.Println("this is not Linux")
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range states {
		if s.Mode != seccomp.ModeFilter {
			fmt.Println("not confined:", s)
		}
	}
}
