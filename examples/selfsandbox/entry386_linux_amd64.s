#include "textflag.h"

// func getpid386() int32
//
// getpid is call 20 of the 386 ABI, which INT 0x80 reaches on amd64 too.
TEXT ·getpid386(SB), NOSPLIT, $0-4
	MOVL $20, AX
	BYTE $0xCD; BYTE $0x80
	MOVL AX, ret+0(FP)
	RET
