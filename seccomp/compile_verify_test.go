package seccomp

import (
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/syscalls"
)

// everyCall is a profile that allows each system call of amd64 under two or three conditions on 64-bit arguments, no two
// alike.
func everyCall(seed uint64) *Profile {
	rnd := rand.New(rand.NewPCG(seed, 6))
	p := &Profile{Default: Errno(1), Arches: []Arch{AMD64}}
	for nr, name := range syscalls.All(syscalls.AMD64) {
		r := Rule{Names: []string{name}, Action: Allow}
		conds := uint32(2)
		if nr < 40 {
			conds = 3
		}
		for i := range conds {
			r.Args = append(r.Args, Arg{Index: uint((nr + i) % MaxArgs), Op: Op((nr/(1+5*i) + i) % uint32(MaskedEQ)), Value: rnd.Uint64()})
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// TestCompileEveryCall proves a program at the kernel's limit, in which comparisons are shared code.
func TestCompileEveryCall(t *testing.T) {
	p := everyCall(1)
	prog := mustCompile(t, p, &CompileOptions{Target: AMD64})
	if !slices.ContainsFunc(prog.code, func(ins bpf.RawInstruction) bool { return ins.Op == bpfx.LdxMem }) {
		t.Fatalf("%d instructions without shared comparisons: the test does not test them", prog.Len())
	}
	if err := Verify(prog, p); err != nil {
		t.Fatal(err)
	}
}
