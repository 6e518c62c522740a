package seccomp_test

import (
	"errors"
	"fmt"

	"github.com/gostockade/stockade/seccomp"
)

// older and newer are two versions of a profile.
func older() *seccomp.Profile {
	return &seccomp.Profile{
		Default: seccomp.Errno(1),
		Arches:  []seccomp.Arch{seccomp.AMD64},
		Rules:   []seccomp.Rule{{Names: []string{"read", "write", "socket"}, Action: seccomp.Allow}},
	}
}

func newer() *seccomp.Profile {
	return &seccomp.Profile{
		Default: seccomp.Errno(1),
		Arches:  []seccomp.Arch{seccomp.AMD64},
		Rules: []seccomp.Rule{
			{Names: []string{"read", "write", "dup"}, Action: seccomp.Allow},
			{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Op: seccomp.LE, Value: 10}}},
		},
	}
}

func ExampleEqual() {
	d, err := seccomp.Equal(older(), newer())
	fmt.Println(d, err)
	// Output: amd64 dup(0, 0, 0, 0, 0, 0): errno 1 and allow <nil>
}

func ExampleSubset() {
	d, err := seccomp.Subset(newer(), older())
	fmt.Println(d, err)
	// Output: amd64 dup(0, 0, 0, 0, 0, 0): allow and errno 1 <nil>
}

func ExampleDiff() {
	regions, err := seccomp.Diff(older(), newer())
	if err != nil {
		panic(err)
	}
	for _, r := range regions {
		fmt.Println(&r)
	}
	// Output:
	// amd64 dup: errno 1, then allow
	// amd64 socket when arg0 >= 11: allow, then errno 1
}

func ExampleIntersect() {
	p, err := seccomp.Intersect(older(), newer())
	if err != nil {
		panic(err)
	}
	for _, r := range p.Rules {
		fmt.Println(r.Names, r.Args, r.Action)
	}
	fmt.Println("otherwise", p.Default)
	// Output:
	// [read write] [] allow
	// [socket] [arg0 <= 10] allow
	// otherwise errno 1
}

func ExampleUnion() {
	p, err := seccomp.Union(older(), newer())
	if err != nil {
		panic(err)
	}
	for _, r := range p.Rules {
		fmt.Println(r.Names, r.Args, r.Action)
	}
	// Output:
	// [dup read socket write] [] allow
}

// Numbers without a name have one action for all, so not every combination is a profile.
func ExampleInexpressibleError() {
	// On 386 the first profile kills and the second one refuses everything but read.
	a := &seccomp.Profile{Default: seccomp.Errno(38), Arches: []seccomp.Arch{seccomp.AMD64}}
	b := &seccomp.Profile{Default: seccomp.Errno(1), Arches: []seccomp.Arch{seccomp.AMD64, seccomp.I386}}
	_, err := seccomp.Union(a, b)
	var e *seccomp.InexpressibleError
	fmt.Println(errors.As(err, &e), err)
	// Output:
	// true seccomp: union: no profile can express this: 386 0xde(0, 0, 0, 0, 0, 0) should get errno 1, but rules need names, and the default for calls without is another
}
