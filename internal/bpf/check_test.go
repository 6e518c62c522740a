package bpf

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"
)

func TestCheck(t *testing.T) {
	ret := ins(RetK, 0)
	for _, c := range []struct {
		name string
		prog []bpf.RawInstruction
		pc   int
		want string // part of the reason, "" for a good program
	}{
		{"empty", nil, -1, "empty"},
		{"longest", slices.Repeat([]bpf.RawInstruction{ret}, MaxInstructions), 0, ""},
		{"too long", slices.Repeat([]bpf.RawInstruction{ret}, MaxInstructions+1), -1, "4097 instructions"},
		{"no return at the end", []bpf.RawInstruction{ret, ins(LdImm, 0)}, 1, "not a return"},
		{"return of A", []bpf.RawInstruction{ins(RetA, 0)}, 0, ""},
		{"return of X", []bpf.RawInstruction{ins(0x0e, 0)}, 0, "0x000e is not allowed"},
		{"byte load", []bpf.RawInstruction{ins(0x30, 0), ret}, 0, "0x0030 is not allowed"},
		{"remainder", []bpf.RawInstruction{ins(ClassALU|0x90, 1), ret}, 0, "not allowed"},
		{"unaligned load", []bpf.RawInstruction{ins(LdAbs, 2), ret}, 0, "offset 2"},
		{"load past the end", []bpf.RawInstruction{ins(LdAbs, 64), ret}, 0, "offset 64"},
		{"last word", []bpf.RawInstruction{ins(LdAbs, 60), ret}, 0, ""},
		{"division by zero", []bpf.RawInstruction{ins(ClassALU|OpDiv, 0), ret}, 0, "division"},
		{"shift by 31", []bpf.RawInstruction{ins(ClassALU|OpLsh, 31), ret}, 0, ""},
		{"shift by 32", []bpf.RawInstruction{ins(ClassALU|OpRsh, 32), ret}, 0, "shift"},
		{"jump to the end", []bpf.RawInstruction{ins(Ja, 1), ret, ret}, 0, ""},
		{"jump past the end", []bpf.RawInstruction{ins(Ja, 2), ret, ret}, 0, "past the end"},
		{"jump that wraps", []bpf.RawInstruction{ins(Ja, 0xffffffff), ret, ret}, 0, "past the end"},
		{"true branch past the end", []bpf.RawInstruction{jmp(ClassJump|TestEq, 0, 1, 0), ret}, 0, "past the end"},
		{"false branch past the end", []bpf.RawInstruction{jmp(ClassJump|TestSet|SrcX, 0, 0, 1), ret}, 0, "past the end"},
		{"scratch word 15", []bpf.RawInstruction{ins(St, 15), ins(LdMem, 15), ret}, 0, ""},
		{"scratch word 16", []bpf.RawInstruction{ins(Stx, 16), ret}, 0, "scratch word 16"},
		{"unwritten scratch word", []bpf.RawInstruction{ins(LdxMem, 3), ret}, 0, "read before"},
		{"written on one path only", []bpf.RawInstruction{jmp(ClassJump|TestEq, 0, 1, 0), ins(St, 0), ins(LdMem, 0), ret}, 2, "read before"},
		{"written on both paths", []bpf.RawInstruction{
			jmp(ClassJump|TestEq, 0, 2, 0), ins(St, 0), ins(Ja, 1), ins(Stx, 0), ins(LdMem, 0), ret}, 0, ""},
	} {
		err := Check(c.prog)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var e *CheckError
		if !errors.As(err, &e) || e.PC != c.pc || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want instruction %d and %q", c.name, err, c.pc, c.want)
		}
	}
}

func TestConstAllow(t *testing.T) {
	const allow, errno, arch = 0x7fff0000, 0x00050001, 0xc000003e
	ret := ins(RetK, allow)
	for _, c := range []struct {
		name string
		prog []bpf.RawInstruction
		want bool
	}{
		{"allow", []bpf.RawInstruction{ret}, true},
		{"allow with data", []bpf.RawInstruction{ins(RetK, allow+1)}, false},
		{"errno", []bpf.RawInstruction{ins(RetK, errno)}, false},
		{"number", []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestEq, 7, 0, 1), ret, ins(RetK, errno)}, true},
		{"other number", []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestEq, 8, 0, 1), ret, ins(RetK, errno)}, false},
		{"arch", []bpf.RawInstruction{ins(LdAbs, 4), jmp(ClassJump|TestGe, arch, 0, 1), ret, ins(RetK, errno)}, true},
		{"greater", []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestGt, 6, 0, 1), ret, ins(RetK, errno)}, true},
		{"not greater", []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestGt, 7, 0, 1), ret, ins(RetK, errno)}, false},
		{"bits", []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestSet, 4, 0, 1), ret, ins(RetK, errno)}, true},
		{"mask", []bpf.RawInstruction{ins(LdAbs, 0), ins(ClassALU|OpAnd, 3), jmp(ClassJump|TestEq, 3, 0, 1), ret, ins(RetK, errno)}, true},
		{"A starts as zero", []bpf.RawInstruction{jmp(ClassJump|TestEq, 0, 0, 1), ret, ins(RetK, errno)}, true},
		{"jump", []bpf.RawInstruction{ins(Ja, 1), ins(RetK, errno), ret}, true},
		{"argument on the way", []bpf.RawInstruction{ins(LdAbs, 16), ret}, false},
		{"argument beside the way", []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestEq, 7, 1, 0), ins(LdAbs, 16), ret}, true},
		{"other arithmetic", []bpf.RawInstruction{ins(ClassALU|OpOr, 0), ret}, false},
		{"comparison with X", []bpf.RawInstruction{jmp(ClassJump|TestEq|SrcX, 0, 0, 0), ret}, false},
		{"X", []bpf.RawInstruction{ins(Tax, 0), ret}, false},
		{"scratch", []bpf.RawInstruction{ins(St, 0), ret}, false},
		{"return of A", []bpf.RawInstruction{ins(LdImm, allow), ins(RetA, 0)}, false},
	} {
		if got := ConstAllow(c.prog, 7, arch); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// numbers names things by their values.
type numbers struct{}

func (numbers) Arch(v uint32) string {
	if v == 0xc000003e {
		return "amd64"
	}
	return ""
}
func (numbers) Call(arch, nr uint32) string { return numbers{}.Arch(arch) + " call" }
func (numbers) Return(v uint32) string      { return "action" }

func TestDisassemble(t *testing.T) {
	prog := []bpf.RawInstruction{
		ins(LdAbs, 4),
		jmp(ClassJump|TestEq, 0xc000003e, 1, 0),
		ins(RetK, 0x80000000),
		ins(LdAbs, 0),
		jmp(ClassJump|TestGe, 7, 0, 4),
		jmp(ClassJump|TestSet, 1, 0, 3),
		ins(LdAbs, 20),
		ins(ClassALU|OpAnd, 0xff),
		jmp(ClassJump|TestGt, 7, 0, 0),
		ins(Ja, 1),
		ins(RetA, 0),
		jmp(ClassJump|TestGe|SrcX, 0, 1, 2),
		ins(0x30, 5),
		ins(St, 1),
		ins(RetK, 0x7fff0000),
	}
	const want = `   0       ld   arch
   1       jeq  #0xc000003e, L1             ; amd64
   2       ret  #0x80000000                 ; action
   3 L1:   ld   nr
   4       jlt  #0x7, L2                    ; amd64 call
   5       jset #0x1, next, L2
   6       ld   args[0].hi
   7       and  #0xff
   8       jgt  #0x7, next
   9 L2:   ja   L3
  10       ret  a
  11 L3:   jge  x, L4, L5
  12       .insn 0x0030, 0, 0, 0x5
  13 L4:   st   M[1]
  14 L5:   ret  #0x7fff0000                 ; action
`
	if got := Disassemble(prog, false, numbers{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Lines(prog, true, nil)[6].Text; got != "ld   args[0].lo" {
		t.Errorf("big-endian: %q", got)
	}
}

// FuzzCheck feeds arbitrary instructions to everything that reads programs. A program that Check passes must run to its end.
func FuzzCheck(f *testing.F) {
	f.Add([]byte{0x20, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0xff, 0x7f}, uint64(1))
	f.Add([]byte{5, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, uint64(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var prog []bpf.RawInstruction
		for ; len(data) >= 8; data = data[8:] {
			prog = append(prog, bpf.RawInstruction{Op: uint16(data[0]) | uint16(data[1])<<8, Jt: data[2], Jf: data[3],
				K: uint32(data[4]) | uint32(data[5])<<8 | uint32(data[6])<<16 | uint32(data[7])<<24})
		}
		text := Disassemble(prog, seed&1 == 0, numbers{})
		if n := strings.Count(text, "\n"); n != len(prog) {
			t.Fatalf("%d lines for %d instructions", n, len(prog))
		}
		if Check(prog) != nil {
			return
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		in := NewInput(rnd.Uint32(), rnd.Uint32(), 0, [6]uint64{rnd.Uint64(), rnd.Uint64()}, false)
		ret, _, err := Run(prog, &in)
		if err != nil {
			t.Fatalf("Check passed what Run refuses: %v\n%s", err, text)
		}
		if _, _, constant, value := Follow(prog, in[0], in[1]); constant && value != ret {
			t.Fatalf("Follow returns %#x, Run %#x\n%s", value, ret, text)
		}
	})
}
