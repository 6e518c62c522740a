package bpf

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// RunError says that a program did something the kernel would have refused to load.
type RunError struct {
	PC     int    // index of the instruction
	Reason string // what is wrong with it
}

func (e *RunError) Error() string { return fmt.Sprintf("instruction %d: %s", e.PC, e.Reason) }

// Run executes a program on one call with the kernel's meaning and returns the 32-bit return value and the number of instructions executed,
// the last one included. A malformed program is a *RunError when the malformed instruction is reached; Run always ends, because jumps only
// go forward.
//
// Where C would leave the result open Run follows net/core/filter.c (bpf_convert_filter): A and X start as 0, dividing by a zero X returns 0
// (kill the thread) at once, and a shift by X uses its low five bits.
func Run(prog []bpf.RawInstruction, in *Input) (ret uint32, executed int, err error) {
	m := machine{prog: prog, in: in}
	for {
		executed++
		done, err := m.step()
		if err != nil {
			return 0, executed, err
		}
		if done {
			return m.ret, executed, nil
		}
	}
}

// Trace is Run that also returns the index of every instruction executed, in order.
func Trace(prog []bpf.RawInstruction, in *Input) (ret uint32, path []int, err error) {
	m := machine{prog: prog, in: in}
	for {
		path = append(path, m.pc)
		done, err := m.step()
		if err != nil {
			return 0, path, err
		}
		if done {
			return m.ret, path, nil
		}
	}
}

type machine struct {
	prog    []bpf.RawInstruction
	in      *Input
	pc      int
	a, x    uint32
	mem     [MemWords]uint32
	written uint16 // which words of mem hold a value
	ret     uint32
}

func (m *machine) fail(reason string) error { return &RunError{PC: m.pc, Reason: reason} }

// step executes one instruction and says whether it returned.
func (m *machine) step() (done bool, err error) {
	if m.pc >= len(m.prog) {
		return false, m.fail("execution runs past the end of the program")
	}
	ins := m.prog[m.pc]
	switch ins.Op {
	case RetK:
		m.ret = ins.K
		return true, nil
	case RetA:
		m.ret = m.a
		return true, nil
	case Ja:
		return false, m.jump(ins.K)
	}
	switch ins.Op & ClassMask {
	case ClassJump:
		taken, ok := test(ins.Op, m.a, m.operand(ins))
		if !ok {
			return false, m.fail(unknown(ins.Op))
		}
		if taken {
			return false, m.jump(uint32(ins.Jt))
		}
		return false, m.jump(uint32(ins.Jf))
	case ClassALU:
		if ins.Op == OpDiv|ClassALU|SrcX && m.x == 0 {
			m.ret = 0
			return true, nil
		}
		err = m.alu(ins)
	default:
		err = m.move(ins)
	}
	m.pc++
	return false, err
}

func (m *machine) jump(off uint32) error {
	if uint64(off) >= uint64(len(m.prog)-m.pc-1) {
		return m.fail("jump past the end of the program")
	}
	m.pc += 1 + int(off)
	return nil
}

func (m *machine) operand(ins bpf.RawInstruction) uint32 {
	if ins.Op&SrcX != 0 {
		return m.x
	}
	return ins.K
}

func test(op uint16, a, b uint32) (taken, ok bool) {
	switch op &^ SrcX {
	case ClassJump | TestEq:
		return a == b, true
	case ClassJump | TestGt:
		return a > b, true
	case ClassJump | TestGe:
		return a >= b, true
	case ClassJump | TestSet:
		return a&b != 0, true
	}
	return false, false
}

func (m *machine) alu(ins bpf.RawInstruction) error {
	b := m.operand(ins)
	switch ins.Op &^ SrcX {
	case ClassALU | OpAdd:
		m.a += b
	case ClassALU | OpSub:
		m.a -= b
	case ClassALU | OpMul:
		m.a *= b
	case ClassALU | OpDiv:
		if b == 0 {
			return m.fail("division by the constant 0")
		}
		m.a /= b
	case ClassALU | OpOr:
		m.a |= b
	case ClassALU | OpAnd:
		m.a &= b
	case ClassALU | OpXor:
		m.a ^= b
	case ClassALU | OpLsh, ClassALU | OpRsh:
		return m.shift(ins, b)
	default:
		if ins.Op != Neg {
			return m.fail(unknown(ins.Op))
		}
		m.a = -m.a
	}
	return nil
}

func (m *machine) shift(ins bpf.RawInstruction, n uint32) error {
	if n >= 32 && ins.Op&SrcX == 0 {
		return m.fail("shift by a constant over 31")
	}
	if ins.Op&OpMask == OpLsh {
		m.a <<= n & 31
	} else {
		m.a >>= n & 31
	}
	return nil
}

// move executes loads, stores and register copies.
func (m *machine) move(ins bpf.RawInstruction) error {
	switch ins.Op {
	case LdAbs:
		if ins.K >= DataSize || ins.K&3 != 0 {
			return m.fail(fmt.Sprintf("load from offset %d, which is not an aligned word of struct seccomp_data", ins.K))
		}
		m.a = m.in[ins.K/4]
	case LdLen:
		m.a = DataSize
	case LdxLen:
		m.x = DataSize
	case LdImm:
		m.a = ins.K
	case LdxImm:
		m.x = ins.K
	case Tax:
		m.x = m.a
	case Txa:
		m.a = m.x
	case LdMem, LdxMem, St, Stx:
		return m.scratch(ins)
	default:
		return m.fail(unknown(ins.Op))
	}
	return nil
}

func (m *machine) scratch(ins bpf.RawInstruction) error {
	if ins.K >= MemWords {
		return m.fail(fmt.Sprintf("scratch word %d does not exist", ins.K))
	}
	load := ins.Op == LdMem || ins.Op == LdxMem
	if load && m.written&(1<<ins.K) == 0 {
		return m.fail(fmt.Sprintf("scratch word %d is read before it is written", ins.K))
	}
	switch ins.Op {
	case LdMem:
		m.a = m.mem[ins.K]
	case LdxMem:
		m.x = m.mem[ins.K]
	case St:
		m.mem[ins.K] = m.a
	case Stx:
		m.mem[ins.K] = m.x
	}
	m.written |= 1 << ins.K
	return nil
}

func unknown(op uint16) string {
	return fmt.Sprintf("code %#04x is not allowed in a seccomp filter", op)
}
