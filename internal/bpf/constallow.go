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
// SECCOMP_ARCH_NATIVE. From 6.14 on it also lets uretprobe, and from 6.18 on uprobe, through on x86-64 whatever the filter says.
func ConstAllow(prog []bpf.RawInstruction, nr, arch uint32) bool {
	a := uint32(0)
	for pc := 0; pc < len(prog); pc++ {
		ins := prog[pc]
		switch ins.Op {
		case LdAbs:
			switch ins.K {
			case OffsetNr:
				a = nr
			case OffsetArch:
				a = arch
			default:
				return false
			}
		case RetK:
			return ins.K == retAllow
		case Ja:
			if uint64(ins.K) >= uint64(len(prog)) {
				return false
			}
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
			return false
		}
	}
	return false
}
