package seccomp

import (
	"fmt"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

const unusedNumber = 5000 // of no system call on the machines Go runs on, MIPS apart

// kernelCases are computations on X = argument 2 and A = argument 1, lower halves.
func kernelCases() (cases [][]bpf.RawInstruction) {
	add := func(code ...bpf.RawInstruction) { cases = append(cases, code) }
	for _, op := range []uint16{bpfx.OpAdd, bpfx.OpSub, bpfx.OpMul, bpfx.OpOr, bpfx.OpAnd, bpfx.OpLsh, bpfx.OpRsh, bpfx.OpXor} {
		add(ins(bpfx.ClassALU|op|bpfx.SrcX, 0))
		add(ins(bpfx.ClassALU|op, 13))
		add(ins(bpfx.ClassALU|op, 31))
	}
	add(ins(bpfx.ClassALU|bpfx.OpMul, 0x80000001))
	add(ins(bpfx.ClassALU|bpfx.OpDiv, 0x80000001))
	add(ins(bpfx.ClassALU|bpfx.OpDiv, 3))
	// Not by zero, which would kill the thread.
	add(ins(bpfx.St, 2), ins(bpfx.Txa, 0), ins(bpfx.ClassALU|bpfx.OpOr, 1), ins(bpfx.Tax, 0), ins(bpfx.LdMem, 2), ins(bpfx.ClassALU|bpfx.OpDiv|bpfx.SrcX, 0))
	add(ins(bpfx.Neg, 0))
	add(ins(bpfx.LdLen, 0))
	add(ins(bpfx.LdxLen, 0), ins(bpfx.ClassALU|bpfx.OpAdd|bpfx.SrcX, 0))
	add(ins(bpfx.Stx, 15), ins(bpfx.St, 0), ins(bpfx.LdxMem, 0), ins(bpfx.LdMem, 15), ins(bpfx.ClassALU|bpfx.OpSub|bpfx.SrcX, 0))
	add(ins(bpfx.LdxImm, 7), ins(bpfx.ClassALU|bpfx.OpMul|bpfx.SrcX, 0))
	for _, test := range []uint16{bpfx.TestEq, bpfx.TestGt, bpfx.TestGe, bpfx.TestSet} {
		add(jump(test|bpfx.SrcX, 0, 0, 2), ins(bpfx.LdImm, 11), ins(bpfx.Ja, 1), ins(bpfx.LdImm, 22))
		add(jump(test, 0x80000000, 0, 2), ins(bpfx.LdImm, 11), ins(bpfx.Ja, 1), ins(bpfx.LdImm, 22))
		add(jump(test, 5, 1, 0), ins(bpfx.LdImm, 33))
	}
	return cases
}

// kernelProgram computes case argument 0, shifts the result right by argument 3 and returns its low eleven bits as an errno.
func kernelProgram() *Program {
	lo := func(arg uint32) uint32 {
		if NativeArch().BigEndian() {
			return bpfx.OffsetArgs + 8*arg + 4
		}
		return bpfx.OffsetArgs + 8*arg
	}
	code := []bpf.RawInstruction{ins(bpfx.LdAbs, bpfx.OffsetNr), jump(bpfx.TestEq, unusedNumber, 1, 0), ins(bpfx.RetK, retAllow)}
	for i, c := range kernelCases() {
		block := []bpf.RawInstruction{ins(bpfx.LdAbs, lo(2)), ins(bpfx.Tax, 0), ins(bpfx.LdAbs, lo(1))}
		block = append(block, c...)
		block = append(block, ins(bpfx.St, 9), ins(bpfx.LdAbs, lo(3)), ins(bpfx.Tax, 0), ins(bpfx.LdMem, 9),
			ins(bpfx.ClassALU|bpfx.OpRsh|bpfx.SrcX, 0), ins(bpfx.ClassALU|bpfx.OpAnd, 0x7ff), ins(bpfx.ClassALU|bpfx.OpOr, 0x00050000), ins(bpfx.RetA, 0))
		code = append(code, ins(bpfx.LdAbs, lo(0)), jump(bpfx.TestEq, uint32(i), 0, uint8(len(block))))
		code = append(code, block...)
	}
	prog, err := NewProgram(append(code, ins(bpfx.RetK, retKill)), NativeArch())
	if err != nil {
		panic(err)
	}
	return prog
}

// TestRunAgreesWithKernel computes with every instruction, in the kernel and in our machine.
func TestRunAgreesWithKernel(t *testing.T) {
	child(t, func() error {
		prog := kernelProgram()
		if _, err := Load(prog, nil); err != nil {
			return err
		}
		values := []uint64{0, 1, 2, 5, 13, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xdeadbeef, 0xffffffff_00000005}
		n := 0
		for i := range kernelCases() {
			for _, a := range values {
				for _, x := range values {
					for _, shift := range []uint64{0, 11, 22} {
						call := Call{Arch: NativeArch(), Nr: unusedNumber, Args: [6]uint64{uint64(i), a, x, shift}}
						want, err := prog.Run(call)
						if err != nil {
							return err
						}
						_, _, errno := syscall.RawSyscall6(unusedNumber, uintptr(i), uintptr(a), uintptr(x), uintptr(shift), 0, 0)
						if want != Errno(uint16(errno)) {
							return fmt.Errorf("case %d, A %#x, X %#x, shift %d: the kernel's result is %#x, ours %v", i, a, x, shift, int(errno), want)
						}
						n++
					}
				}
			}
		}
		if n != len(kernelCases())*len(values)*len(values)*3 {
			return fmt.Errorf("only %d computations", n)
		}
		return nil
	}).mustSucceed(t)
}

// TestRunCasesReachEveryInstruction keeps the test above complete.
func TestRunCasesReachEveryInstruction(t *testing.T) {
	var ops []uint16
	for _, i := range kernelProgram().code {
		ops = append(ops, i.Op)
	}
	for op := range uint16(0x100) {
		if bpfx.Allowed(op) && !slices.Contains(ops, op) {
			t.Errorf("code %#04x is not in the program", op)
		}
	}
}
