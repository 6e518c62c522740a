package symbolic

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/bpf"
	xbpf "golang.org/x/net/bpf"
)

func same(v uint32) uint32 { return v }

// call is one input in the form both the machine and the diagram take.
type call struct {
	arch, nr uint32
	args     [6]uint64
	ip       uint64
}

// value follows a call through a diagram.
func (c *call) value(t testing.TB, g *bdd.Graph, n bdd.Node) uint32 {
	n = g.Cofactor(n, VarArch, 32, uint64(c.arch))
	n = g.Cofactor(n, VarNr, 32, uint64(c.nr))
	for i, a := range c.args {
		n = g.Cofactor(n, VarArg(i), 64, a)
	}
	n = g.Cofactor(n, VarIP, 64, c.ip)
	v, ok := g.Value(n)
	if !ok {
		t.Fatal("the diagram depends on something that is not an input")
	}
	return v
}

// agree compares the diagram with the machine on inputs made of the constants of the program and their neighbours. It reports whether there is a
// diagram.
func agree(t testing.TB, rnd *rand.Rand, prog []xbpf.RawInstruction, bigEndian bool, inputs int) bool {
	g := bdd.New(1 << 18)
	n, err := Execute(g, prog, bigEndian, same)
	if err != nil {
		var le *bdd.LimitError
		if !errors.Is(err, bdd.ErrUndecided) && !errors.As(err, &le) && !errors.Is(err, ErrSteps) {
			t.Fatalf("%v\n%v", err, prog)
		}
		return false
	}
	consts := []uint32{0, 1, 0xffffffff, 0x80000000}
	for _, ins := range prog {
		consts = append(consts, ins.K, ins.K+1, ins.K-1)
	}
	pick := func() uint32 { return consts[rnd.IntN(len(consts))] }
	for range inputs {
		c := call{arch: pick(), nr: pick(), ip: uint64(pick())<<32 | uint64(pick())}
		for i := range c.args {
			c.args[i] = uint64(pick())<<32 | uint64(pick())
		}
		in := bpf.NewInput(c.nr, c.arch, c.ip, c.args, bigEndian)
		want, _, err := bpf.Run(prog, &in)
		if err != nil {
			t.Fatalf("the machine refuses: %v\n%v", err, prog)
		}
		if got := c.value(t, g, n); got != want {
			t.Fatalf("%+v: the diagram gives %#x, the machine %#x\n%v", c, got, want, prog)
		}
	}
	return true
}

// randomProgram makes a program that bpf.Check accepts, of instructions that read and compare a lot.
func randomProgram(rnd *rand.Rand, n int) []xbpf.RawInstruction {
	small := func() uint32 {
		return []uint32{0, 1, 2, 3, 5, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff}[rnd.IntN(10)]
	}
	prog := make([]xbpf.RawInstruction, n)
	written := uint32(0)
	for pc := range prog {
		rest := n - pc - 1
		if rest == 0 || rnd.IntN(8) == 0 {
			prog[pc] = xbpf.RawInstruction{Op: bpf.RetK, K: uint32(pc)}
			if rnd.IntN(8) == 0 {
				prog[pc].Op = bpf.RetA
			}
			continue
		}
		prog[pc] = randomStep(rnd, rest, small, &written)
	}
	return prog
}

func randomStep(rnd *rand.Rand, rest int, small func() uint32, written *uint32) xbpf.RawInstruction {
	src := uint16(0)
	if rnd.IntN(6) == 0 {
		src = bpf.SrcX
	}
	switch k := rnd.IntN(20); {
	case k < 7:
		return xbpf.RawInstruction{Op: bpf.LdAbs, K: uint32([]int{0, 0, 4, 16, 20, 24, 8}[rnd.IntN(7)])}
	case k < 14:
		op := []uint16{bpf.TestEq, bpf.TestEq, bpf.TestGt, bpf.TestGe, bpf.TestSet}[rnd.IntN(5)]
		far := min(rest, 12)
		return xbpf.RawInstruction{Op: bpf.ClassJump | op | src, K: small(), Jt: uint8(rnd.IntN(far)), Jf: uint8(rnd.IntN(far))}
	case k < 17:
		op := []uint16{bpf.OpAnd, bpf.OpAnd, bpf.OpAdd, bpf.OpSub, bpf.OpOr, bpf.OpXor, bpf.OpMul}[rnd.IntN(7)]
		return xbpf.RawInstruction{Op: bpf.ClassALU | op | src, K: small()}
	case k == 17:
		op := []uint16{bpf.OpLsh, bpf.OpRsh, bpf.OpDiv}[rnd.IntN(3)]
		return xbpf.RawInstruction{Op: bpf.ClassALU | op | src, K: 1 << rnd.IntN(5)}
	case k == 18:
		op := []uint16{bpf.Tax, bpf.Txa, bpf.Neg, bpf.LdxImm, bpf.LdLen, bpf.LdxLen, bpf.LdImm}[rnd.IntN(7)]
		return xbpf.RawInstruction{Op: op, K: small()}
	}
	return xbpf.RawInstruction{Op: []uint16{bpf.St, bpf.Stx}[rnd.IntN(2)], K: uint32(rnd.IntN(3))}
}

func TestExecuteAgreesWithMachine(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	const programs = 1500
	decided := 0
	for range programs {
		if agree(t, rnd, randomProgram(rnd, 2+rnd.IntN(40)), rnd.IntN(2) == 0, 60) {
			decided++
		}
	}
	t.Logf("%d of %d programs have a diagram", decided, programs)
	if decided < programs/2 {
		t.Error("too few to mean anything")
	}
}

func ins(op uint16, k uint32) xbpf.RawInstruction { return xbpf.RawInstruction{Op: op, K: k} }

func jmp(test uint16, k uint32, jt, jf uint8) xbpf.RawInstruction {
	return xbpf.RawInstruction{Op: bpf.ClassJump | test, K: k, Jt: jt, Jf: jf}
}

func TestExecuteScratch(t *testing.T) {
	prog := []xbpf.RawInstruction{
		ins(bpf.LdAbs, 0), ins(bpf.St, 3), ins(bpf.LdAbs, 16), ins(bpf.Tax, 0), ins(bpf.Stx, 4), ins(bpf.LdMem, 3),
		jmp(bpf.TestEq, 7, 0, 3), ins(bpf.LdxMem, 4), ins(bpf.Txa, 0), jmp(bpf.TestEq, 9, 1, 0), ins(bpf.RetK, 1), ins(bpf.RetK, 2),
	}
	agree(t, rand.New(rand.NewPCG(1, 1)), prog, false, 500)
	g := bdd.New(1 << 16)
	n, err := Execute(g, prog, false, same)
	want := g.ITE(g.And(g.Equal(VarNr, 32, 7), g.Equal(VarArg(0)+32, 32, 9)), g.Terminal(2), g.Terminal(1))
	if err != nil || n != want {
		t.Fatalf("got node %d, want %d, %v", n, want, err)
	}
}

func TestExecuteGivesUp(t *testing.T) {
	for _, c := range []struct {
		name string
		prog []xbpf.RawInstruction
		pc   int
		want error
	}{
		{"product", []xbpf.RawInstruction{ins(bpf.LdAbs, 0), ins(bpf.ClassALU|bpf.OpMul, 3), jmp(bpf.TestEq, 9, 0, 0), ins(bpf.RetK, 0)}, 1, bdd.ErrUndecided},
		{"quotient", []xbpf.RawInstruction{ins(bpf.LdAbs, 0), ins(bpf.Tax, 0), ins(bpf.ClassALU|bpf.OpDiv|bpf.SrcX, 0), ins(bpf.RetA, 0)}, 2, bdd.ErrUndecided},
		{"wide shift", []xbpf.RawInstruction{ins(bpf.LdxImm, 32), ins(bpf.ClassALU|bpf.OpLsh|bpf.SrcX, 0), ins(bpf.RetA, 0)}, 1, bdd.ErrUndecided},
		{"returned word", []xbpf.RawInstruction{ins(bpf.LdAbs, 0), ins(bpf.RetA, 0)}, 1, bdd.ErrUndecided},
	} {
		_, err := Execute(bdd.New(1<<16), c.prog, false, same)
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) || e.PC != c.pc {
			t.Errorf("%s: got %v, want %v at %d", c.name, err, c.want, c.pc)
		}
	}
	// Two unknown words compared in this order of variables.
	prog := []xbpf.RawInstruction{ins(bpf.LdAbs, 16), ins(bpf.Tax, 0), ins(bpf.LdAbs, 24),
		{Op: bpf.ClassJump | bpf.TestEq | bpf.SrcX, Jf: 1}, ins(bpf.RetK, 1), ins(bpf.RetK, 2)}
	var le *bdd.LimitError
	if _, err := Execute(bdd.New(1<<16), prog, false, same); !errors.As(err, &le) {
		t.Errorf("comparison of unknown words: %v", err)
	}
	if _, err := Execute(bdd.New(1<<16), prog[:3], false, same); err == nil {
		t.Error("a program without return was executed")
	}
}

// TestExecuteManyPaths: each bit of the number adds something else to a scratch word, which makes 2^32 values of it.
func TestExecuteManyPaths(t *testing.T) {
	prog := []xbpf.RawInstruction{ins(bpf.LdImm, 0), ins(bpf.St, 0)}
	for bit := range 32 {
		prog = append(prog, ins(bpf.LdAbs, 0), jmp(bpf.TestSet, 1<<bit, 0, 3),
			ins(bpf.LdMem, 0), ins(bpf.ClassALU|bpf.OpAdd, 3<<bit), ins(bpf.St, 0))
	}
	prog = append(prog, ins(bpf.LdMem, 0), jmp(bpf.TestEq, 12345, 0, 1), ins(bpf.RetK, 1), ins(bpf.RetK, 2))
	if _, err := Execute(bdd.New(1<<20), prog, false, same); !errors.Is(err, ErrSteps) {
		t.Errorf("got %v", err)
	}
}

func FuzzExecute(f *testing.F) {
	f.Add(uint64(1), uint8(20), true)
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, bigEndian bool) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		agree(t, rnd, randomProgram(rnd, 1+int(n)), bigEndian, 50)
	})
}

// BenchmarkLinear executes the worst ordinary shape: a list of calls with argument tests, each falling through to the next.
func BenchmarkLinear(b *testing.B) {
	var prog []xbpf.RawInstruction
	for nr := uint32(0); len(prog)+10 < bpf.MaxInstructions; nr++ {
		prog = append(prog, ins(bpf.LdAbs, 0), jmp(bpf.TestEq, nr, 0, 5),
			ins(bpf.LdAbs, 16), jmp(bpf.TestEq, 3*nr, 0, 3), ins(bpf.LdAbs, 24), jmp(bpf.TestGt, 7*nr, 0, 1), ins(bpf.RetK, 1))
	}
	prog = append(prog, ins(bpf.RetK, 0))
	b.ReportMetric(float64(len(prog)), "insns")
	for b.Loop() {
		if _, err := Execute(bdd.New(1<<22), prog, false, same); err != nil {
			b.Fatal(err)
		}
	}
}
