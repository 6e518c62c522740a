package seccomp_test

import (
	"fmt"
	"strings"

	"golang.org/x/net/bpf"

	"github.com/gostockade/stockade/seccomp"
)

func ExampleCompile() {
	p := &seccomp.Profile{
		Default: seccomp.Errno(1),
		Arches:  []seccomp.Arch{seccomp.ARM64},
		Rules: []seccomp.Rule{
			{Names: []string{"read", "write", "exit_group"}, Action: seccomp.Allow},
			{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Width: seccomp.Width32, Value: 1}}},
		},
	}
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.ARM64})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(prog)
	// Output:
	// 0       ld   arch
	//    1       jeq  #0xc00000b7, L1             ; arm64
	//    2       ret  #0x80000000                 ; kill_process
	//    3 L1:   ld   nr
	//    4       jne  #0xc6, L2                   ; socket
	//    5       ld   args[0].lo
	//    6       jeq  #0x1, L5, L4
	//    7 L2:   jge  #0x41, L3                   ; readv
	//    8       jge  #0x3f, L5, L4               ; read
	//    9 L3:   jeq  #0x5e, L5                   ; exit_group
	//   10 L4:   ret  #0x50001                    ; errno 1
	//   11 L5:   ret  #0x7fff0000                 ; allow
}

func ExampleNewProgram() {
	_, err := seccomp.NewProgram([]bpf.RawInstruction{{Op: 0x20, K: 2}, {Op: 0x06}}, seccomp.AMD64)
	fmt.Println(err)
	// Output:
	// seccomp: program: invalid value: instruction 0: load from offset 2, which is not an aligned word of struct seccomp_data
}

func ExampleParseProgram() {
	prog, err := seccomp.ParseProgram([]byte("\x06\x00\x00\x00\x00\x00\xff\x7f"), seccomp.AMD64)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(prog)
	// Output:
	// 0       ret  #0x7fff0000                 ; allow
}

func ExampleParseMix() {
	mix, err := seccomp.ParseMix(strings.NewReader("read 900\nwrite 80\nsocket 20\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &seccomp.Profile{Arches: []seccomp.Arch{seccomp.AMD64}, Rules: []seccomp.Rule{
		{Names: []string{"read", "write"}, Action: seccomp.Allow},
		{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Value: 1}}},
	}}
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64, Weights: mix})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(prog.Stats(mix))
	// Output:
	// 11 instructions, depth 10, 2 of 385 calls cached, 5.1 executed per call, 0.2 without cached ones
}

func ExampleProgram_DOT() {
	prog, err := seccomp.NewProgram([]bpf.RawInstruction{
		{Op: 0x20}, {Op: 0x15, Jf: 1, K: 63}, {Op: 0x06, K: seccomp.Allow.Ret()}, {Op: 0x06, K: seccomp.KillProcess.Ret()},
	}, seccomp.ARM64)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(prog.DOT())
	// Output:
	// digraph program {
	// 	node [shape=box, fontname=monospace];
	// 	edge [fontname=monospace];
	// 	n0 [label="0: ld   nr\l1: jne  #0x3f, L1\l"];
	// 	n0 -> n2 [label=yes];
	// 	n0 -> n3 [label=no, style=dashed];
	// 	n2 [label="2: ret  #0x7fff0000  ; allow\l"];
	// 	n3 [label="3: ret  #0x80000000  ; kill_process\l"];
	// }
}

func ExampleProfile_WithRuncStub() {
	p := &seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: []string{"read"}, Action: seccomp.Allow}}}
	fmt.Println(p.WithRuncStub(seccomp.AMD64).Newer.Action)
	// Output: errno 38
}
