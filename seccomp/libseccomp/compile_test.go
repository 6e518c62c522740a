//go:build libseccomp && linux && cgo

package libseccomp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

// names have a number on every x86 ABI, and no multiplexer on any.
var names = []string{"read", "write", "close", "fcntl", "ioctl", "mmap", "prctl", "kill", "dup2", "lseek"}

// randomProfile makes rules as libseccomp can say them; ordering comparisons only where asked.
func randomProfile(rng *rand.Rand, arches []seccomp.Arch, ordering bool) *seccomp.Profile {
	p := &seccomp.Profile{Default: seccomp.Errno(1), Arches: arches}
	for range 1 + rng.IntN(6) {
		action := []seccomp.Action{seccomp.Allow, seccomp.Errno(13), seccomp.KillProcess, seccomp.Trap}[rng.IntN(4)]
		name := names[rng.IntN(len(names))]
		for range 1 + rng.IntN(3) {
			p.Rules = append(p.Rules, seccomp.Rule{Names: []string{name}, Action: action, Args: randomArgs(rng, ordering)})
		}
	}
	return p
}

func randomArgs(rng *rand.Rand, ordering bool) (args []seccomp.Arg) {
	for index := range uint(3) {
		if rng.IntN(2) == 0 {
			continue
		}
		a := seccomp.Arg{Index: index, Value: randomWord(rng)}
		if rng.IntN(3) == 0 {
			a.Op, a.Mask = seccomp.MaskedEQ, randomWord(rng)
			a.Value &= a.Mask
		} else if ordering {
			a.Op = seccomp.Op(rng.IntN(int(seccomp.MaskedEQ)))
		}
		args = append(args, a)
	}
	return args
}

// randomWord prefers values whose halves repeat, where compilers go wrong.
func randomWord(rng *rand.Rand) uint64 {
	halves := []uint64{0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff}
	return halves[rng.IntN(len(halves))]<<32 | halves[rng.IntN(len(halves))]
}

// TestAgreesWithOurCompiler proves libseccomp's program equal to the profile, as it proves ours, wherever libseccomp is not
// known to be wrong.
func TestAgreesWithOurCompiler(t *testing.T) {
	sets := [][]seccomp.Arch{{seccomp.AMD64}, {seccomp.AMD64, seccomp.I386}, {seccomp.ARM64}, {seccomp.S390X}}
	rng := rand.New(rand.NewPCG(1, 2))
	compared, doubtful, wrong := 0, 0, 0
	for i := range 1500 {
		arches := sets[i%len(sets)]
		p := randomProfile(rng, arches, i%2 == 0)
		opts := &Options{Target: arches[0], Optimize: 1 + i%2}
		program, err := Compile(p, opts)
		if errors.Is(err, ErrInexpressible) {
			continue
		}
		if err != nil {
			t.Fatalf("profile %d: %v", i, err)
		}
		err = seccomp.Verify(program, p)
		if len(Miscompiled(p, arches[0])) > 0 {
			doubtful++
			if err != nil {
				wrong++
			}
			continue
		}
		compared++
		if err != nil {
			t.Errorf("profile %d %+v: %v", i, *p, err)
		}
	}
	t.Logf("%d profiles proved equal; %d more excluded by rule, %d of them compiled wrongly by libseccomp", compared, doubtful, wrong)
	if compared < 300 {
		t.Errorf("only %d profiles were compared", compared)
	}
}

// TestRangeFault: two range rules on one argument, as in the package comment; the installed libseccomp compiles them wrongly,
// Miscompiled says so, and Verify proves it with a call.
func TestRangeFault(t *testing.T) {
	p := &seccomp.Profile{
		Arches: []seccomp.Arch{seccomp.AMD64},
		Rules: []seccomp.Rule{
			{Names: []string{"read"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Op: seccomp.GE, Value: 0x2_0000_0000}}},
			{Names: []string{"read"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Op: seccomp.LE, Value: 0x1_0000_0001}}},
		},
	}
	if len(Miscompiled(p, seccomp.AMD64)) == 0 {
		t.Error("Miscompiled has no doubt about two range rules on one argument")
	}
	program, err := Compile(p, &Options{Target: seccomp.AMD64})
	if err != nil {
		t.Fatal(err)
	}
	var m *seccomp.Mismatch
	if err := seccomp.Verify(program, p); !errors.As(err, &m) {
		t.Fatalf("Verify = %v, want a call that libseccomp's program treats wrongly", err)
	}
}

func TestInexpressible(t *testing.T) {
	one := func(r seccomp.Rule) *seccomp.Profile {
		return &seccomp.Profile{Arches: []seccomp.Arch{seccomp.AMD64, seccomp.I386}, Rules: []seccomp.Rule{r}}
	}
	twice := []seccomp.Arg{{Op: seccomp.GE, Value: 1 << 33}, {Op: seccomp.LE, Value: 1 << 34}}
	for name, p := range map[string]*seccomp.Profile{
		"newer calls":                    {Newer: &seccomp.Newer{Action: seccomp.Errno(38)}},
		"two conditions on one argument": one(seccomp.Rule{Names: []string{"read"}, Action: seccomp.Allow, Args: twice}),
		"a 32-bit ordering": one(seccomp.Rule{Names: []string{"read"}, Action: seccomp.Allow,
			Args: []seccomp.Arg{{Op: seccomp.LT, Width: seccomp.Width32, Value: 3}}}),
		"a condition on a multiplexed call": one(seccomp.Rule{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Value: 2}}}),
	} {
		if _, err := Compile(p, &Options{Target: seccomp.AMD64}); !errors.Is(err, ErrInexpressible) {
			t.Errorf("%s: %v, want ErrInexpressible", name, err)
		}
	}
}

func ExampleCompile() {
	p := &seccomp.Profile{Arches: []seccomp.Arch{seccomp.AMD64}, Rules: []seccomp.Rule{{Names: []string{"read"}, Action: seccomp.Allow}}}
	program, err := Compile(p, &Options{Target: seccomp.AMD64})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(seccomp.Verify(program, p))
	// Output: <nil>
}

func TestNoProfile(t *testing.T) {
	if _, err := Compile(nil, nil); !errors.Is(err, seccomp.ErrInvalid) {
		t.Errorf("Compile: %v, want ErrInvalid", err)
	}
	if reasons := Miscompiled(nil, seccomp.AMD64); len(reasons) != 1 {
		t.Errorf("Miscompiled: %q, want one reason", reasons)
	}
}

func ExampleMiscompiled() {
	p := &seccomp.Profile{Arches: []seccomp.Arch{seccomp.I386}, Rules: []seccomp.Rule{
		{Names: []string{"read"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 1, Value: 1 << 32}}},
	}}
	for _, reason := range Miscompiled(p, seccomp.I386) {
		fmt.Println(reason)
	}
	// Output: 386 read(arg1 == 0x100000000): a value above 32 bits
}
