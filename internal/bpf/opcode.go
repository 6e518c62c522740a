package bpf

// Instruction codes a seccomp filter may contain: the list of seccomp_check_filter in the kernel's kernel/seccomp.c, with the numbers of
// include/uapi/linux/bpf_common.h. Everything else (byte and half-word loads, indirect loads, MOD) is refused by the kernel.
const (
	LdAbs  = 0x20 // A = the word of struct seccomp_data at offset k
	LdLen  = 0x80 // A = 64, the size of struct seccomp_data
	LdImm  = 0x00 // A = k
	LdMem  = 0x60 // A = M[k]
	LdxLen = 0x81 // X = 64
	LdxImm = 0x01 // X = k
	LdxMem = 0x61 // X = M[k]
	St     = 0x02 // M[k] = A
	Stx    = 0x03 // M[k] = X
	Tax    = 0x07 // X = A
	Txa    = 0x87 // A = X
	RetK   = 0x06 // return k
	RetA   = 0x16 // return A
	Ja     = 0x05 // pc += k
	Neg    = 0x84 // A = -A
)

// An arithmetic instruction is ClassALU | operation | SrcX or 0 (the operand is X or k); a conditional jump is ClassJump | test | SrcX or 0.
const (
	ClassMask = 0x07
	ClassALU  = 0x04
	ClassJump = 0x05
	SrcX      = 0x08
	OpMask    = 0xf0
	OpAdd     = 0x00
	OpSub     = 0x10
	OpMul     = 0x20
	OpDiv     = 0x30
	OpOr      = 0x40
	OpAnd     = 0x50
	OpLsh     = 0x60
	OpRsh     = 0x70
	OpXor     = 0xa0
	TestEq    = 0x10
	TestGt    = 0x20
	TestGe    = 0x30
	TestSet   = 0x40
)

// Sizes of the machine: BPF_MEMWORDS of include/uapi/linux/filter.h, and struct seccomp_data of include/uapi/linux/seccomp.h.
const (
	MemWords = 16
	DataSize = 64
)
