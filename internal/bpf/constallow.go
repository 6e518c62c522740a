package bpf

import "golang.org/x/net/bpf"

// retAllow is SECCOMP_RET_ALLOW of include/uapi/linux/seccomp.h.
const retAllow = 0x7fff0000

// ConstAllow reports whether the kernel finds, when the filter is attached, that it always allows system call nr under arch, so that
// later calls are answered from a bitmap and the filter does not run. It follows seccomp_is_const_allow (kernel/seccomp.c, Linux 5.11):
// loads of the number and of the arch value, AND with a constant, unconditional jumps and jumps on a comparison with a constant are
// followed; anything else on the path gives up, and so does a return of a value that is not exactly SECCOMP_RET_ALLOW.
//
// The kernel asks only for numbers inside its table, so x32 numbers never get there, and only on architectures that define
// SECCOMP_ARCH_NATIVE. Newer kernels let uretprobe and uprobe through on x86-64 whatever the filter says; this does not know of them.
func ConstAllow(prog []bpf.RawInstruction, nr, arch uint32) bool {
	_, _, constant, ret := Follow(prog, nr, arch)
	return constant && ret == retAllow
}

// Follow executes the program on what the kernel's bitmap emulator knows, a number and an arch value, as far as it understands the
// instructions. constant says that this led to a return, of ret, after executing steps instructions, the return included; otherwise pc
// is the first instruction not understood and steps counts those before it. The program must have passed Check.
func Follow(prog []bpf.RawInstruction, nr, arch uint32) (pc, steps int, constant bool, ret uint32) {
	a := uint32(0)
	for ; pc < len(prog); pc++ {
		ins := prog[pc]
		switch ins.Op {
		case LdAbs:
			switch ins.K {
			case OffsetNr:
				a = nr
			case OffsetArch:
				a = arch
			default:
				return pc, steps, false, 0
			}
		case RetK:
			return pc, steps + 1, true, ins.K
		case Ja:
			pc += int(ins.K)
		case ClassJump | TestEq, ClassJump | TestGe, ClassJump | TestGt, ClassJump | TestSet:
			if taken, _ := test(ins.Op, a, ins.K); taken {
				pc += int(ins.Jt)
			} else {
				pc += int(ins.Jf)
			}
		case ClassALU | OpAnd:
			a &= ins.K
		default:
			return pc, steps, false, 0
		}
		steps++
	}
	return pc, steps, false, 0
}

// Successors returns the instructions that can follow the one at pc, twice the same where there is one. ok is false for returns. The
// program must have passed Check.
func Successors(prog []bpf.RawInstruction, pc int) (yes, no int, ok bool) {
	switch ins := prog[pc]; {
	case ins.Op == RetK || ins.Op == RetA:
		return 0, 0, false
	case ins.Op == Ja:
		to := pc + 1 + int(ins.K)
		return to, to, true
	case conditional(ins.Op):
		return pc + 1 + int(ins.Jt), pc + 1 + int(ins.Jf), true
	}
	return pc + 1, pc + 1, true
}
