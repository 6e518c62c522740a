package bpf

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"
)

func ins(op uint16, k uint32) bpf.RawInstruction { return bpf.RawInstruction{Op: op, K: k} }

func jmp(op uint16, k uint32, jt, jf uint8) bpf.RawInstruction {
	return bpf.RawInstruction{Op: op, K: k, Jt: jt, Jf: jf}
}

var call = NewInput(7, 0xc000003e, 0x1122334455667788, [6]uint64{0xaaaaaaaabbbbbbbb, 1, 2, 3, 4, 0xfeedface12345678}, false)

func TestRunValues(t *testing.T) {
	retA := ins(RetA, 0)
	alu := func(a uint32, op uint16, k uint32) []bpf.RawInstruction {
		return []bpf.RawInstruction{ins(LdImm, a), ins(ClassALU|op, k), retA}
	}
	aluX := func(a uint32, op uint16, x uint32) []bpf.RawInstruction {
		return []bpf.RawInstruction{ins(LdImm, a), ins(LdxImm, x), ins(ClassALU|op|SrcX, 0), retA}
	}
	for _, c := range []struct {
		name string
		prog []bpf.RawInstruction
		want uint32
	}{
		{"accumulator starts as zero", []bpf.RawInstruction{retA}, 0},
		{"index register starts as zero", []bpf.RawInstruction{ins(LdImm, 9), ins(Txa, 0), retA}, 0},
		{"number", []bpf.RawInstruction{ins(LdAbs, 0), retA}, 7},
		{"architecture", []bpf.RawInstruction{ins(LdAbs, 4), retA}, 0xc000003e},
		{"instruction pointer, low half", []bpf.RawInstruction{ins(LdAbs, 8), retA}, 0x55667788},
		{"first argument, high half", []bpf.RawInstruction{ins(LdAbs, 20), retA}, 0xaaaaaaaa},
		{"last argument, high half", []bpf.RawInstruction{ins(LdAbs, 60), retA}, 0xfeedface},
		{"length", []bpf.RawInstruction{ins(LdLen, 0), retA}, 64},
		{"length in X", []bpf.RawInstruction{ins(LdxLen, 0), ins(Txa, 0), retA}, 64},
		{"copies", []bpf.RawInstruction{ins(LdImm, 5), ins(Tax, 0), ins(LdImm, 6), ins(Txa, 0), retA}, 5},
		{"scratch", []bpf.RawInstruction{ins(LdImm, 5), ins(St, 15), ins(LdxMem, 15), ins(Stx, 3), ins(LdImm, 1), ins(LdMem, 3), retA}, 5},
		{"add wraps", alu(0xffffffff, OpAdd, 2), 1},
		{"sub wraps", alu(1, OpSub, 2), 0xffffffff},
		{"mul wraps", alu(0x80000001, OpMul, 2), 2},
		{"div is unsigned", alu(0xfffffffe, OpDiv, 2), 0x7fffffff},
		{"or", alu(5, OpOr, 2), 7},
		{"and", alu(7, OpAnd, 5), 5},
		{"xor", alu(7, OpXor, 5), 2},
		{"left shift", alu(3, OpLsh, 31), 0x80000000},
		{"right shift", alu(0x80000000, OpRsh, 31), 1},
		{"neg", []bpf.RawInstruction{ins(LdImm, 1), ins(Neg, 0), retA}, 0xffffffff},
		{"div by X", aluX(9, OpDiv, 2), 4},
		{"div by zero X returns kill at once", []bpf.RawInstruction{ins(LdImm, 9), ins(ClassALU|OpDiv|SrcX, 0), ins(RetK, 0x7fff0000)}, 0},
		{"shift by X uses five bits", aluX(1, OpLsh, 33), 2},
		{"right shift by X uses five bits", aluX(4, OpRsh, 33), 2},
	} {
		got, _, err := Run(c.prog, &call)
		if err != nil || got != c.want {
			t.Errorf("%s: got %#x, %v; want %#x", c.name, got, err, c.want)
		}
	}
}

func TestRunJumps(t *testing.T) {
	const yes, no = 1, 2
	for _, c := range []struct {
		name string
		a    uint32
		test uint16
		b    uint32
		want uint32
	}{
		{"eq", 5, TestEq, 5, yes}, {"eq not", 5, TestEq, 6, no},
		{"gt", 6, TestGt, 5, yes}, {"gt equal", 5, TestGt, 5, no}, {"gt is unsigned", 0x80000000, TestGt, 1, yes},
		{"ge equal", 5, TestGe, 5, yes}, {"ge below", 4, TestGe, 5, no}, {"ge is unsigned", 1, TestGe, 0xffffffff, no},
		{"set any bit", 6, TestSet, 3, yes}, {"set none", 4, TestSet, 3, no},
	} {
		for _, src := range []uint16{0, SrcX} {
			k := c.b
			if src != 0 {
				k = 0xdeadbeef // must be ignored
			}
			prog := []bpf.RawInstruction{
				ins(LdImm, c.a), ins(LdxImm, c.b), jmp(ClassJump|c.test|src, k, 2, 1),
				ins(RetK, 99), ins(RetK, no), ins(Ja, 1), ins(RetK, 98), ins(RetK, yes),
			}
			got, n, err := Run(prog, &call)
			wantN := 4
			if c.want == yes {
				wantN = 5
			}
			if err != nil || got != c.want || n != wantN {
				t.Errorf("%s (source %#x): got %d after %d instructions, %v; want %d after %d", c.name, src, got, n, err, c.want, wantN)
			}
		}
	}
}

func TestTrace(t *testing.T) {
	prog := []bpf.RawInstruction{ins(LdAbs, 0), jmp(ClassJump|TestEq, 7, 1, 0), ins(RetK, 1), ins(Ja, 1), ins(RetK, 2), ins(RetK, 3)}
	ret, path, err := Trace(prog, &call)
	if err != nil || ret != 3 || !slices.Equal(path, []int{0, 1, 3, 5}) {
		t.Fatalf("got %d over %v, %v", ret, path, err)
	}
}

func TestRunRefuses(t *testing.T) {
	ret := ins(RetK, 0)
	for _, c := range []struct {
		name string
		prog []bpf.RawInstruction
		pc   int
		want string
	}{
		{"empty", nil, 0, "past the end"},
		{"no return", []bpf.RawInstruction{ins(LdImm, 1)}, 1, "past the end"},
		{"JA to the end", []bpf.RawInstruction{ins(Ja, 1), ret}, 0, "jump past"},
		{"JA that wraps", []bpf.RawInstruction{ins(Ja, 0xffffffff), ret}, 0, "jump past"},
		{"branch past the end", []bpf.RawInstruction{jmp(ClassJump|TestEq, 0, 255, 0), ret}, 0, "jump past"},
		{"unaligned", []bpf.RawInstruction{ins(LdAbs, 2), ret}, 0, "aligned"},
		{"past the call", []bpf.RawInstruction{ins(LdAbs, 64), ret}, 0, "aligned"},
		{"ancillary load", []bpf.RawInstruction{ins(LdAbs, 0xfffff000), ret}, 0, "aligned"},
		{"byte load", []bpf.RawInstruction{ins(0x30, 0), ret}, 0, "0x0030"},
		{"modulo", []bpf.RawInstruction{ins(0x94, 3), ret}, 0, "0x0094"},
		{"negation with X", []bpf.RawInstruction{ins(Neg|SrcX, 0), ret}, 0, "0x008c"},
		{"unknown jump", []bpf.RawInstruction{ins(0x55, 0), ret}, 0, "0x0055"},
		{"high code bits", []bpf.RawInstruction{ins(0x100|RetK, 0)}, 0, "0x0106"},
		{"return X", []bpf.RawInstruction{ins(0x0e, 0)}, 0, "0x000e"},
		{"division by constant zero", []bpf.RawInstruction{ins(ClassALU|OpDiv, 0), ret}, 0, "division"},
		{"wide shift", []bpf.RawInstruction{ins(ClassALU|OpLsh, 32), ret}, 0, "shift"},
		{"scratch index", []bpf.RawInstruction{ins(St, 16), ret}, 0, "does not exist"},
		{"unwritten scratch", []bpf.RawInstruction{ins(St, 1), ins(LdMem, 2), ret}, 1, "before it is written"},
	} {
		_, _, err := Run(c.prog, &call)
		var re *RunError
		if !errors.As(err, &re) || re.PC != c.pc || !strings.Contains(re.Reason, c.want) {
			t.Errorf("%s: got %v, want instruction %d: ...%s...", c.name, err, c.pc, c.want)
		}
	}
}

func TestInputByteOrder(t *testing.T) {
	args := [6]uint64{0x0102030405060708}
	le, be := NewInput(1, 2, 3, args, false), NewInput(1, 2, 3, args, true)
	if le[4] != 0x05060708 || le[5] != 0x01020304 || le[2] != 3 {
		t.Errorf("little-endian: %x", le)
	}
	if be[4] != 0x01020304 || be[5] != 0x05060708 || be[3] != 3 {
		t.Errorf("big-endian: %x", be)
	}
	if be[0] != 1 || be[1] != 2 {
		t.Errorf("number and architecture moved: %x", be)
	}
}

// rawProgram reads a program in the wire form of struct sock_filter, little-endian.
func rawProgram(b []byte) []bpf.RawInstruction {
	var prog []bpf.RawInstruction
	for ; len(b) >= 8; b = b[8:] {
		prog = append(prog, bpf.RawInstruction{Op: binary.LittleEndian.Uint16(b), Jt: b[2], Jf: b[3], K: binary.LittleEndian.Uint32(b[4:])})
	}
	return prog
}

func FuzzVM(f *testing.F) {
	f.Add([]byte{0x20, 0, 0, 0, 0, 0, 0, 0, 0x15, 0, 0, 1, 7, 0, 0, 0, 0x06, 0, 0, 0, 0, 0, 0xff, 0x7f, 0x16, 0, 0, 0, 0, 0, 0, 0}, uint64(1))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		prog := rawProgram(b)
		in := NewInput(uint32(seed), uint32(seed>>32), seed, [6]uint64{seed, ^seed, seed * 3}, seed&1 == 0)
		ret, n, err := Run(prog, &in)
		if n > len(prog)+1 {
			t.Fatalf("%d instructions executed of %d", n, len(prog))
		}
		ret2, path, err2 := Trace(prog, &in)
		if ret != ret2 || n != len(path) || (err == nil) != (err2 == nil) {
			t.Fatalf("Run %d %d %v, Trace %d %v %v", ret, n, err, ret2, path, err2)
		}
		if !slices.IsSorted(path) {
			t.Fatalf("the program jumped back: %v", path)
		}
	})
}
