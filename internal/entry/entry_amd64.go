package entry

// Syscall makes the call nr with the instruction SYSCALL and returns the kernel's answer, a negative error number on failure,
// and the instruction pointer that filters see. Numbers from 0x40000000 are x32's.
func Syscall(nr uint32, args *[6]uint64) (ret int64, ip uintptr)

// Int80 makes the call nr of the 386 ABI with the instruction INT 0x80 and returns like Syscall. The lower halves of the
// arguments count. On a kernel without IA32_EMULATION the process gets SIGSEGV.
func Int80(nr uint32, args *[6]uint64) (ret int64, ip uintptr) {
	r, ip := int80(nr, args)
	return int64(r), ip
}

func int80(nr uint32, args *[6]uint64) (ret int32, ip uintptr)
