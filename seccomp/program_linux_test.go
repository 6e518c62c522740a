package seccomp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/sys"
)

// TestCheckAgainstKernel compares the kernel's opinion of programs with Check's: every instruction code there is, and random
// programs. Nothing is installed but a filter that allows everything and has a listener: the kernel refuses a second listener
// with EBUSY, but only after it has checked the program.
func TestCheckAgainstKernel(t *testing.T) {
	unprivileged(t, func() error {
		runtime.LockOSThread()
		var k sys.Kernel
		if err := k.SetNoNewPrivs(); err != nil {
			return err
		}
		const newListener = 1 << 3 // SECCOMP_FILTER_FLAG_NEW_LISTENER, Linux 5.0
		if _, err := k.SetFilter(newListener, []sys.SockFilter{{Code: bpfx.RetK, K: Allow.Ret()}}); err != nil {
			return fmt.Errorf("a filter that allows everything: %w", err)
		}
		accepted := 0
		compare := func(code []bpf.RawInstruction) error {
			_, err := k.SetFilter(newListener, sockFilters(code))
			if !errors.Is(err, syscall.EBUSY) && !errors.Is(err, syscall.EINVAL) {
				return fmt.Errorf("unexpected answer %v to %v", err, code)
			}
			check := bpfx.Check(code)
			if (check == nil) != errors.Is(err, syscall.EBUSY) {
				return fmt.Errorf("kernel: %v, Check: %v\n%s", err, check, bpfx.Disassemble(code, false, nil))
			}
			if check == nil {
				accepted++
			}
			return nil
		}
		ret := bpf.RawInstruction{Op: bpfx.RetK}
		for op := range 1 << 16 {
			operands := []uint32{0, 1, 4, 31, 32, 60, 64}
			if op > 0xff {
				operands = operands[:1] // no such code is allowed
			}
			for _, operand := range operands {
				code := []bpf.RawInstruction{{Op: uint16(op), K: operand}, ret, ret, ret}
				if err := compare(code); err != nil {
					return err
				}
			}
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 20000 {
			if err := compare(randomCode(rnd, 1+rnd.IntN(12))); err != nil {
				return err
			}
		}
		for _, n := range []int{MaxInstructions - 1, MaxInstructions} {
			code := make([]bpf.RawInstruction, n)
			for i := range code {
				code[i] = ret
			}
			if err := compare(code); err != nil {
				return err
			}
		}
		if accepted < 1000 {
			return fmt.Errorf("only %d programs were good: too few to mean anything", accepted)
		}
		return nil
	}).mustSucceed(t)
}

func sockFilters(code []bpf.RawInstruction) []sys.SockFilter {
	out := make([]sys.SockFilter, len(code))
	for i, ins := range code {
		out[i] = sys.SockFilter{Code: ins.Op, JT: ins.Jt, JF: ins.Jf, K: ins.K}
	}
	return out
}

// randomCode draws a program of mostly sensible instructions.
func randomCode(rnd *rand.Rand, n int) []bpf.RawInstruction {
	ops := []uint16{bpfx.LdAbs, bpfx.LdImm, bpfx.LdMem, bpfx.LdxImm, bpfx.LdxMem, bpfx.St, bpfx.Stx, bpfx.Tax, bpfx.Txa, bpfx.RetK,
		bpfx.RetA, bpfx.Ja, bpfx.Neg, bpfx.LdLen, bpfx.LdxLen}
	code := make([]bpf.RawInstruction, n)
	for i := range code {
		switch rnd.IntN(4) {
		case 0:
			code[i].Op = bpfx.ClassJump | uint16(rnd.IntN(5))<<4 | uint16(rnd.IntN(2))*bpfx.SrcX
		case 1:
			code[i].Op = bpfx.ClassALU | uint16(rnd.IntN(16))<<4 | uint16(rnd.IntN(2))*bpfx.SrcX
		default:
			code[i].Op = pick(rnd, ops)
		}
		code[i].K = pick(rnd, []uint32{0, 1, 2, 3, 4, 8, 15, 16, 31, 32, 60, 64, 0xffffffff, uint32(rnd.IntN(4)), uint32(rnd.IntN(4))})
		code[i].Jt, code[i].Jf = uint8(rnd.IntN(n)), uint8(rnd.IntN(4))
	}
	if rnd.IntN(8) > 0 {
		code[n-1] = bpf.RawInstruction{Op: bpfx.RetK, K: 0x7fff0000}
	}
	return code
}

// TestKernelLoadsLargest attaches programs near the kernel's limit, with every return made to allow so that the child lives on.
func TestKernelLoadsLargest(t *testing.T) {
	many, err := compile(manyConditions(400, 1), []Arch{AMD64}, newWeigher(&CompileOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	programs := [][]bpf.RawInstruction{
		many,
		mustCompile(t, everyCall(1), &CompileOptions{Target: AMD64}).Instructions(),
		mustCompile(t, readOCI(t, dockerDefault), &CompileOptions{Target: AMD64}).Instructions(),
	}
	unprivileged(t, func() error {
		runtime.LockOSThread()
		var k sys.Kernel
		if err := k.SetNoNewPrivs(); err != nil {
			return err
		}
		for _, code := range programs {
			for i := range code {
				if code[i].Op == bpfx.RetK {
					code[i].K = Allow.Ret()
				}
			}
			if _, err := k.SetFilter(0, sockFilters(code)); err != nil {
				return fmt.Errorf("%d instructions: %w", len(code), err)
			}
		}
		return nil
	}).mustSucceed(t)
}
