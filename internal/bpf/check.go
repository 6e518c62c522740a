package bpf

import (
	"fmt"
	"slices"

	"golang.org/x/net/bpf"
)

// MaxInstructions is the longest program the kernel loads: BPF_MAXINSNS of include/uapi/linux/bpf_common.h.
const MaxInstructions = 4096

// Field offsets in struct seccomp_data (include/uapi/linux/seccomp.h).
const (
	OffsetNr   = 0
	OffsetArch = 4
	OffsetIP   = 8
	OffsetArgs = 16
)

// CheckError says why the kernel would refuse a program with EINVAL.
type CheckError struct {
	PC     int    // index of the instruction at fault, -1 if the fault is the program's length
	Reason string // what is wrong
}

// Error returns "instruction 7: jump past the end of the program".
func (e *CheckError) Error() string {
	if e.PC < 0 {
		return e.Reason
	}
	return fmt.Sprintf("instruction %d: %s", e.PC, e.Reason)
}

// Check reports whether the kernel would load the program as a seccomp filter: the rules of bpf_check_classic and check_load_and_stores
// (net/core/filter.c) and of seccomp_check_filter (kernel/seccomp.c), and no others. The error is a *CheckError.
func Check(prog []bpf.RawInstruction) error {
	switch n := len(prog); {
	case n == 0:
		return &CheckError{-1, "the program is empty"}
	case n > MaxInstructions:
		return &CheckError{-1, fmt.Sprintf("the program has %d instructions, the kernel loads at most %d", n, MaxInstructions)}
	}
	for pc, ins := range prog {
		if reason := checkInstruction(ins, len(prog)-pc-1); reason != "" {
			return &CheckError{pc, reason}
		}
	}
	if last := len(prog) - 1; prog[last].Op != RetK && prog[last].Op != RetA {
		return &CheckError{last, "the last instruction is not a return"}
	}
	return checkScratch(prog)
}

// checkInstruction checks one instruction with rest instructions behind it; "" means it is good.
func checkInstruction(ins bpf.RawInstruction, rest int) string {
	if !Allowed(ins.Op) {
		return unknown(ins.Op)
	}
	switch ins.Op {
	case ClassALU | OpDiv:
		if ins.K == 0 {
			return "division by the constant 0"
		}
	case ClassALU | OpLsh, ClassALU | OpRsh:
		if ins.K >= 32 {
			return "shift by a constant over 31"
		}
	case LdMem, LdxMem, St, Stx:
		if ins.K >= MemWords {
			return fmt.Sprintf("scratch word %d does not exist", ins.K)
		}
	case LdAbs:
		if ins.K >= DataSize || ins.K&3 != 0 {
			return fmt.Sprintf("load from offset %d, which is not an aligned word of struct seccomp_data", ins.K)
		}
	case Ja:
		if uint64(ins.K) >= uint64(rest) {
			return "jump past the end of the program"
		}
	default:
		if conditional(ins.Op) && (int(ins.Jt) >= rest || int(ins.Jf) >= rest) {
			return "jump past the end of the program"
		}
	}
	return ""
}

// Allowed reports whether seccomp_check_filter lets an instruction code into a filter.
func Allowed(op uint16) bool {
	switch op {
	case LdAbs, LdLen, LdImm, LdMem, LdxLen, LdxImm, LdxMem, St, Stx, Tax, Txa, RetK, RetA, Ja, Neg:
		return true
	}
	if op&ClassMask == ClassALU {
		switch op &^ SrcX {
		case ClassALU | OpAdd, ClassALU | OpSub, ClassALU | OpMul, ClassALU | OpDiv, ClassALU | OpOr,
			ClassALU | OpAnd, ClassALU | OpLsh, ClassALU | OpRsh, ClassALU | OpXor:
			return true
		}
	}
	return conditional(op)
}

// conditional reports whether op is a conditional jump.
func conditional(op uint16) bool {
	switch op &^ SrcX {
	case ClassJump | TestEq, ClassJump | TestGt, ClassJump | TestGe, ClassJump | TestSet:
		return true
	}
	return false
}

// checkScratch refuses a load of a scratch word that some path to it has not written (check_load_and_stores).
func checkScratch(prog []bpf.RawInstruction) error {
	if !slices.ContainsFunc(prog, func(ins bpf.RawInstruction) bool { return ins.Op == LdMem || ins.Op == LdxMem }) {
		return nil
	}
	missing := make([]uint16, len(prog)) // words that a jump to the instruction leaves unwritten
	valid := uint16(0)                   // words written when control falls through to the instruction
	for pc, ins := range prog {
		valid &^= missing[pc]
		switch {
		case ins.Op == St || ins.Op == Stx:
			valid |= 1 << ins.K
		case ins.Op == LdMem || ins.Op == LdxMem:
			if valid&(1<<ins.K) == 0 {
				return &CheckError{pc, fmt.Sprintf("scratch word %d is read before it is written", ins.K)}
			}
		case ins.Op == Ja:
			missing[pc+1+int(ins.K)] |= ^valid
			valid = 0xffff
		case conditional(ins.Op):
			missing[pc+1+int(ins.Jt)] |= ^valid
			missing[pc+1+int(ins.Jf)] |= ^valid
			valid = 0xffff
		}
	}
	return nil
}
