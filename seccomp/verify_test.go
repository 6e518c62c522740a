package seccomp

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

func ins(op uint16, k uint32) bpf.RawInstruction { return bpf.RawInstruction{Op: op, K: k} }

func jump(test uint16, k uint32, jt, jf uint8) bpf.RawInstruction {
	return bpf.RawInstruction{Op: bpfx.ClassJump | test, K: k, Jt: jt, Jf: jf}
}

// Return values and offsets of the hand-written programs, for little-endian machines.
const (
	retAllow  = 0x7fff0000
	retKill   = 0x80000000
	retEPERM  = 0x00050001
	offNr     = bpfx.OffsetNr
	offArch   = bpfx.OffsetArch
	offArg0Lo = bpfx.OffsetArgs
	offArg0Hi = bpfx.OffsetArgs + 4
	offArg1Lo = bpfx.OffsetArgs + 8
	offArg1Hi = bpfx.OffsetArgs + 12
)

func newProgram(t *testing.T, code []bpf.RawInstruction, target Arch) *Program {
	t.Helper()
	prog, err := NewProgram(code, target)
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// checkMismatch expects a mismatch, and the mismatch to be true: the program and the profile do what it says.
func checkMismatch(t *testing.T, prog *Program, p *Profile) *Mismatch {
	t.Helper()
	var m *Mismatch
	if err := Verify(prog, p); !errors.As(err, &m) {
		t.Fatalf("got %v, want a mismatch", err)
	}
	in := bpfx.NewInput(m.Call.Nr, m.AuditArch, m.Call.IP, m.Call.Args, prog.target.BigEndian())
	ret, path, err := bpfx.Trace(prog.code, &in)
	if err != nil || ActionFromRet(ret) != m.Got || !slices.Equal(path, m.Path) {
		t.Errorf("%v: the program's action is %v over %v (%v)", m, ActionFromRet(ret), path, err)
	}
	if want := newOracle(p, prog.profileTarget(p)).action(m.AuditArch, m.Call.Nr, m.Call.Args); want != m.Want {
		t.Errorf("%v: the oracle says %v", m, want)
	}
	if m.Got == m.Want {
		t.Errorf("%v: no difference", m)
	}
	return m
}

// TestVerifyStaleAccumulator is the bug of go-seccomp-bpf: when a condition on an argument fails, the comparisons with the numbers of the next
// calls go on with the argument in the accumulator, so that kill(1, 60) is taken for exit.
func TestVerifyStaleAccumulator(t *testing.T) {
	p := &Profile{Default: Errno(1), Rules: []Rule{
		{Names: []string{"kill"}, Action: Allow, Args: []Arg{{Index: 1}}}, {Names: []string{"exit", "write"}, Action: Allow},
	}}
	program := func(onMismatch uint8) *Program {
		return newProgram(t, []bpf.RawInstruction{
			ins(bpfx.LdAbs, offArch), jump(bpfx.TestEq, AMD64.AuditArch(), 1, 0), ins(bpfx.RetK, retKill),
			ins(bpfx.LdAbs, offNr), jump(bpfx.TestGe, 0x40000000, 0, 2), jump(bpfx.TestEq, 0xffffffff, 10, 0), ins(bpfx.RetK, retKill),
			jump(bpfx.TestEq, 62, 0, 5), // kill
			ins(bpfx.LdAbs, offArg1Hi), jump(bpfx.TestEq, 0, 0, onMismatch),
			ins(bpfx.LdAbs, offArg1Lo), jump(bpfx.TestEq, 0, 3, onMismatch-2),
			ins(bpfx.RetK, retKill),     // never reached
			jump(bpfx.TestEq, 60, 1, 0), // exit
			jump(bpfx.TestEq, 1, 0, 1),  // write
			ins(bpfx.RetK, retAllow), ins(bpfx.RetK, retEPERM),
		}, AMD64)
	}
	m := checkMismatch(t, program(3), p)
	if name, _ := m.Call.Name(); name != "kill" || m.Got != Allow || m.Want != Errno(1) {
		t.Errorf("got %v", m)
	}
	if err := Verify(program(6), p); err != nil {
		t.Errorf("the repaired program: %v", err)
	}
}

// TestVerifyClobberedHalf is the bug of libseccomp 2.6.1: two ranges of one argument share a chain, and on one edge the second one compares the
// lower half where it means the upper.
func TestVerifyClobberedHalf(t *testing.T) {
	p := &Profile{Rules: []Rule{
		{Names: []string{"brk"}, Action: Allow, Args: []Arg{{Op: GE, Value: 0x200000000}}},
		{Names: []string{"brk"}, Action: Allow, Args: []Arg{{Op: LE, Value: 0x100000001}}},
	}}
	program := func(reload bool) *Program {
		tail := []bpf.RawInstruction{jump(bpfx.TestGt, 2, 3, 0), jump(bpfx.TestEq, 2, 0, 1), ins(bpfx.Ja, 1), ins(bpfx.RetK, retKill), ins(bpfx.RetK, retAllow)}
		code := []bpf.RawInstruction{
			ins(bpfx.LdAbs, offArch), jump(bpfx.TestEq, AMD64.AuditArch(), 0, 2), ins(bpfx.LdAbs, offNr), jump(bpfx.TestEq, 12, 1, 0),
			ins(bpfx.RetK, retKill),
			ins(bpfx.LdAbs, offArg0Hi), jump(bpfx.TestGt, 1, 4, 0), jump(bpfx.TestEq, 1, 0, 7), // upper half below 1: allowed
			ins(bpfx.LdAbs, offArg0Lo), jump(bpfx.TestGt, 1, 1, 0), ins(bpfx.Ja, 4),
		}
		if reload {
			code[6].Jt, code[7].Jf, code[10].K = 4, 8, 5
			tail = append([]bpf.RawInstruction{ins(bpfx.LdAbs, offArg0Hi)}, tail...)
		}
		return newProgram(t, append(code, tail...), AMD64)
	}
	m := checkMismatch(t, program(false), p)
	if a := m.Call.Args[0]; m.Got != Allow || m.Want != KillProcess || a < 0x100000002 || a > 0x1ffffffff {
		t.Errorf("got %v", m)
	}
	if err := Verify(program(true), p); err != nil {
		t.Errorf("the repaired program: %v", err)
	}
	known := Call{Arch: AMD64, Nr: 12, Args: [6]uint64{0x1ffffffff}}
	if a, err := program(false).Run(known); a != Allow || err != nil {
		t.Errorf("the published counterexample gives %v, %v", a, err)
	}
}

func TestVerifyFindsOtherSpaces(t *testing.T) {
	allow := &Profile{Default: Allow}
	for _, c := range []struct {
		name string
		code []bpf.RawInstruction
		p    *Profile
		want func(m *Mismatch) bool
	}{
		{"no look at the architecture", []bpf.RawInstruction{ins(bpfx.RetK, retAllow)}, allow,
			func(m *Mismatch) bool { return m.Got == Allow && m.Want == KillProcess && m.Call.abi() != AMD64 }},
		{"x32 is let in", []bpf.RawInstruction{ins(bpfx.LdAbs, offArch), jump(bpfx.TestEq, AMD64.AuditArch(), 1, 0), ins(bpfx.RetK, retKill), ins(bpfx.RetK, retAllow)}, allow,
			func(m *Mismatch) bool { return m.Call.Arch == X32 && m.Call.abi() == X32 }},
		{"one unknown architecture", []bpf.RawInstruction{ins(bpfx.LdAbs, offArch), jump(bpfx.TestEq, 0x12345678, 0, 1), ins(bpfx.RetK, retKill), ins(bpfx.RetK, retAllow)},
			&Profile{Default: Allow, Foreign: Allow}, func(m *Mismatch) bool { return m.AuditArch == 0x12345678 && m.Call.Arch == 0 }},
		{"instruction pointer", []bpf.RawInstruction{ins(bpfx.LdAbs, bpfx.OffsetIP+4), jump(bpfx.TestEq, 7, 0, 1), ins(bpfx.RetK, retKill), ins(bpfx.RetK, retAllow)},
			&Profile{Default: Allow, Foreign: Allow}, func(m *Mismatch) bool { return m.Call.IP>>32 == 7 }},
		{"upper half on 386", []bpf.RawInstruction{ins(bpfx.LdAbs, offArg0Hi), jump(bpfx.TestEq, 0, 1, 0), ins(bpfx.RetK, retKill), ins(bpfx.RetK, retAllow)},
			&Profile{Default: Allow, Foreign: Allow, Arches: []Arch{I386}}, func(m *Mismatch) bool { return m.Call.Args[0]>>32 != 0 }},
	} {
		if m := checkMismatch(t, newProgram(t, c.code, AMD64), c.p); !c.want(m) {
			t.Errorf("%s: got %v", c.name, m)
		}
	}
}

func TestVerifyComparesActions(t *testing.T) {
	ret := func(k uint32) *Program { return newProgram(t, []bpf.RawInstruction{ins(bpfx.RetK, k)}, AMD64) }
	for _, c := range []struct {
		k     uint32
		a     Action
		equal bool
	}{
		{retAllow, Allow, true}, {retAllow | 5, Allow, true}, {0x7ffc0001, Log, true}, {0x00051000, Errno(4095), true},
		{0x12340000, KillProcess, true}, {0x00000001, KillThread, true}, {0x00030001, TrapWith(1), true},
		{0x00050001, Errno(2), false}, {0x7ff00001, TraceWith(2), false}, {0, KillProcess, false},
	} {
		err := Verify(ret(c.k), &Profile{Default: c.a, Foreign: c.a})
		if (err == nil) != c.equal {
			t.Errorf("return %#x against %v: %v", c.k, c.a, err)
		}
	}
}

func TestVerifyPrograms(t *testing.T) {
	p := &Profile{Default: Errno(1), Rules: []Rule{{Names: []string{"read", "write"}, Action: Allow}}}
	q := &Profile{Default: Errno(1), Rules: []Rule{{Names: []string{"read", "write"}, Action: Allow}, {Names: []string{"dup"}, Action: Log}}}
	compile := func(p *Profile, target Arch) *Program {
		prog, err := Compile(p, &CompileOptions{Target: target})
		if err != nil {
			t.Fatal(err)
		}
		return prog
	}
	a, b := compile(p, AMD64), compile(q, AMD64)
	if err := VerifyPrograms(a, a); err != nil {
		t.Error(err)
	}
	var m *Mismatch
	if err := VerifyPrograms(b, a); !errors.As(err, &m) || m.Got != Log || m.Want != Errno(1) {
		t.Errorf("got %v", err)
	}
	if err := VerifyPrograms(a, compile(p, ARM64)); !errors.Is(err, ErrInvalid) {
		t.Errorf("programs of two kernels: %v", err)
	}
}

func TestVerifyErrors(t *testing.T) {
	p := &Profile{Default: Allow, Foreign: Allow}
	if err := Verify(nil, p); !errors.Is(err, ErrInvalid) {
		t.Errorf("no program: %v", err)
	}
	product := newProgram(t, []bpf.RawInstruction{ins(bpfx.LdAbs, offNr), ins(bpfx.ClassALU|bpfx.OpMul, 3), jump(bpfx.TestEq, 9, 0, 0), ins(bpfx.RetK, retAllow)}, AMD64)
	if err := Verify(product, p); !errors.Is(err, ErrUndecided) {
		t.Errorf("product: %v", err)
	}
	if err := Verify(product, &Profile{Rules: []Rule{{Names: []string{"nothing"}}}}); !errors.Is(err, ErrUnknownSyscall) {
		t.Errorf("invalid profile: %v", err)
	}
	if err := Verify(product, &Profile{Arches: []Arch{ARM}}); !errors.Is(err, ErrNoArch) {
		t.Errorf("other machine: %v", err)
	}
}

func TestMismatchTextIsShort(t *testing.T) {
	m := &Mismatch{Call: Call{Arch: AMD64}, Got: Allow, Want: Errno(1)}
	for i := range 1000 {
		m.Path = append(m.Path, i)
	}
	want := "seccomp: amd64 read(0, 0, 0, 0, 0, 0): the program's action is allow, want errno 1 (instructions 0 1 2 3 4 5, 988 others, 994 995 996 997 998 999)"
	if got := m.Error(); got != want {
		t.Errorf("got %s", got)
	}
}

// TestVerifyGivesUp: a program that compares two unknown words has no small diagram; the proof must end, and say so.
func TestVerifyGivesUp(t *testing.T) {
	prog := newProgram(t, []bpf.RawInstruction{ins(bpfx.LdAbs, offArg0Lo), ins(bpfx.Tax, 0), ins(bpfx.LdAbs, offArg1Lo),
		jump(bpfx.TestEq|bpfx.SrcX, 0, 0, 1), ins(bpfx.RetK, retAllow), ins(bpfx.RetK, retKill)}, AMD64)
	if err := Verify(prog, &Profile{}); !errors.Is(err, ErrUndecided) {
		t.Errorf("got %v", err)
	}
}
