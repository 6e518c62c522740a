#include "textflag.h"

// func Syscall(nr uint32, args *[6]uint64) (ret int64, ip uintptr)
//
// The instruction SYSCALL leaves the address of the next instruction in CX, which is what a filter sees as instruction_pointer.
TEXT ·Syscall(SB), NOSPLIT, $0-32
	MOVQ args+8(FP), R11
	MOVQ 0(R11), DI
	MOVQ 8(R11), SI
	MOVQ 16(R11), DX
	MOVQ 24(R11), R10
	MOVQ 32(R11), R8
	MOVQ 40(R11), R9
	MOVL nr+0(FP), AX
	SYSCALL
	MOVQ AX, ret+16(FP)
	MOVQ CX, ip+24(FP)
	RET

// func int80(nr uint32, args *[6]uint64) (ret int32, ip uintptr)
//
// The sixth argument goes into BP, which is kept in R12 meanwhile: the kernel saves it. The bytes after the trap are
// LEA CX, [RIP-7], seven bytes long, so CX becomes the address of the instruction after the trap.
TEXT ·int80(SB), NOSPLIT, $0-32
	MOVQ args+8(FP), AX
	MOVL nr+0(FP), R13
	MOVQ BP, R12
	MOVL 0(AX), BX
	MOVL 8(AX), CX
	MOVL 16(AX), DX
	MOVL 24(AX), SI
	MOVL 32(AX), DI
	MOVL 40(AX), BP
	MOVL R13, AX
	BYTE $0xCD; BYTE $0x80
	BYTE $0x48; BYTE $0x8D; BYTE $0x0D; BYTE $0xF9; BYTE $0xFF; BYTE $0xFF; BYTE $0xFF
	MOVQ R12, BP
	MOVL AX, ret+16(FP)
	MOVQ CX, ip+24(FP)
	RET
