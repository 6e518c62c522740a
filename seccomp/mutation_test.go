package seccomp

import (
	"errors"
	"testing"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

// mutate changes one instruction into another that the kernel accepts; false if it cannot.
func (g generator) mutate(code []bpf.RawInstruction) ([]bpf.RawInstruction, bool) {
	for range 50 {
		out := append([]bpf.RawInstruction(nil), code...)
		at := &out[g.IntN(len(out))]
		switch g.IntN(7) {
		case 0:
			at.K += oneOf[uint32](g, 1, ^uint32(0), 4, ^uint32(3))
		case 1:
			at.K ^= 1 << g.IntN(32)
		case 2:
			at.K = code[g.IntN(len(code))].K
		case 3:
			at.Jt, at.Jf = at.Jf, at.Jt
		case 4:
			at.Jt += oneOf[uint8](g, 1, 255)
		case 5:
			at.Jf += oneOf[uint8](g, 1, 255)
		case 6:
			at.Op = oneOf[uint16](g, bpfx.ClassJump|bpfx.TestEq, bpfx.ClassJump|bpfx.TestGt, bpfx.ClassJump|bpfx.TestGe,
				bpfx.ClassJump|bpfx.TestSet, bpfx.LdAbs, bpfx.LdImm, bpfx.ClassALU|bpfx.OpAnd, bpfx.ClassALU|bpfx.OpOr, bpfx.RetA, bpfx.Tax,
				bpfx.ClassJump|bpfx.TestEq|bpfx.SrcX)
		}
		changed := false
		for i := range out {
			changed = changed || out[i] != code[i]
		}
		if changed && bpfx.Check(out) == nil {
			return out, true
		}
	}
	return nil, false
}

// tells runs both programs on n inputs made of the constants of both and of random words, and reports whether they differ on one.
func (g generator) tells(a, b *Program, n int) bool {
	words := []uint32{0, 1, 0xffffffff}
	var bounds []uint32
	for i := range a.code {
		for _, k := range []uint32{a.code[i].K, b.code[i].K} {
			bounds = append(bounds, k, k-1, k+1)
		}
	}
	audits := []uint32{0}
	for _, arch := range a.target.Siblings() {
		audits = append(audits, arch.AuditArch())
	}
	for range n {
		var in bpfx.Input
		for i := range in {
			switch g.IntN(8) {
			case 0:
				in[i] = oneOf(g, words...)
			case 1:
				in[i] = g.Uint32()
			default:
				in[i] = oneOf(g, bounds...)
			}
		}
		if g.IntN(10) > 0 {
			in[1] = oneOf(g, audits...)
		}
		ra, _, errA := bpfx.Run(a.code, &in)
		rb, _, errB := bpfx.Run(b.code, &in)
		if errA != nil || errB != nil {
			panic("a program that Check accepts does not run")
		}
		if ActionFromRet(ra) != ActionFromRet(rb) {
			return true
		}
	}
	return false
}

// TestMutations changes single instructions of compiled programs. Every change that the machine can tell from the original on corner values must
// be refused, every refusal must come with a call that proves it, and what Verify calls equal must stay so on many more inputs.
func TestMutations(t *testing.T) {
	var semantic, killed, undecided, equal, mutants int
	profiles := []*Profile{readOCI(t, dockerDefault)}
	targets := []Arch{AMD64}
	for seed := range uint64(40) {
		p, target := newGenerator(1000 + seed).profile()
		profiles, targets = append(profiles, p), append(targets, target)
	}
	for i, p := range profiles {
		g := newGenerator(uint64(i))
		prog, err := Compile(p, &CompileOptions{Target: targets[i]})
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			code, ok := g.mutate(prog.code)
			if !ok {
				continue
			}
			mutants++
			mutant := &Program{code, prog.target, prog.arches}
			tells := g.tells(prog, mutant, 2000)
			if tells {
				semantic++
			}
			var m *Mismatch
			switch err := Verify(mutant, p); {
			case errors.As(err, &m):
				in := bpfx.NewInput(m.Call.Nr, m.AuditArch, m.Call.IP, m.Call.Args, prog.target.BigEndian())
				was, _, _ := bpfx.Run(prog.code, &in)
				now, _, _ := bpfx.Run(code, &in)
				if ActionFromRet(was) != m.Want || ActionFromRet(now) != m.Got || m.Got == m.Want {
					t.Fatalf("%v, but the programs answer %#x and %#x", m, was, now)
				}
				if tells {
					killed++
				}
			case errors.Is(err, ErrUndecided):
				undecided++
				if tells {
					killed++
				}
			case err != nil:
				t.Fatal(err)
			default:
				equal++
				if tells || g.tells(prog, mutant, 20000) {
					t.Fatalf("Verify calls a mutant equal that answers otherwise\n%v\n%v", prog, mutant)
				}
			}
		}
	}
	t.Logf("%d mutants: %d told apart by the machine, of these %d refused (%.1f%%); %d proved equal, %d undecided",
		mutants, semantic, killed, 100*float64(killed)/float64(semantic), equal, undecided)
	if killed != semantic || semantic < mutants/2 {
		t.Errorf("%d of %d semantic mutants refused, of %d mutants", killed, semantic, mutants)
	}
}
