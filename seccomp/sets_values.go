package seccomp

// Flags of clone(2), include/uapi/linux/sched.h. The kernel looks at the low 32 bits of the register.
const (
	cloneVM            = 0x0000_0100
	cloneFS            = 0x0000_0200
	cloneFiles         = 0x0000_0400
	cloneSighand       = 0x0000_0800
	clonePtrace        = 0x0000_2000
	cloneThread        = 0x0001_0000
	cloneSysVSem       = 0x0004_0000
	cloneSetTLS        = 0x0008_0000
	cloneParentSetTID  = 0x0010_0000
	cloneChildClearTID = 0x0020_0000
	cloneDetached      = 0x0040_0000
	cloneUntraced      = 0x0080_0000
	cloneNamespaces    = 0x7e02_0000 // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET

	// What runtime.newosproc passes, and what C libraries may add to it.
	cloneThreadFlags = cloneVM | cloneFS | cloneFiles | cloneSighand | cloneSysVSem | cloneThread
	cloneLibcFlags   = cloneSetTLS | cloneParentSetTID | cloneChildClearTID | cloneDetached
)

const (
	all64          = 1<<64 - 1
	prSetVMA       = 0x5356_4d41 // PR_SET_VMA, include/uapi/linux/prctl.h, Linux 5.17
	prSetPDeathSig = 1           // PR_SET_PDEATHSIG
	fSetFL         = 4           // F_DUPFD, F_GETFD, F_SETFD, F_GETFL and F_SETFL are 0 to 4 on every ABI
	fDupFDCloexec  = 1030        // F_DUPFD_CLOEXEC, include/uapi/linux/fcntl.h
	protExec       = 4           // PROT_EXEC
	shmExec        = 0o100000    // SHM_EXEC, include/uapi/linux/shm.h
	sigQuit        = 3           // SIGQUIT
	afUnix         = 1
	afINET         = 2
	afINET6        = 10
	sockTypeMask   = 0xf // SOCK_TYPE_MASK, include/linux/net.h; SOCK_CLOEXEC and SOCK_NONBLOCK lie above it
)

// The bits of open's flags that make it more than opening for reading: O_ACCMODE, O_CREAT, O_TRUNC. O_TMPFILE needs an
// access mode that writes.
const (
	openChangesGeneric = 0x3 | 0x40 | 0x200  // include/uapi/asm-generic/fcntl.h
	openChangesMIPS    = 0x3 | 0x100 | 0x200 // arch/mips/include/uapi/asm/fcntl.h
	openChangesPARISC  = 0x3 | 0x100 | 0x400 // arch/parisc/include/uapi/asm/fcntl.h, and O_TRUNC's 02000 there
)

// Lists of ABIs that share the value or place of something a condition looks at.
var (
	// clone(2) takes its flags second (arch/s390/Kconfig, CLONE_BACKWARDS2).
	s390Arches    = []Arch{S390X, S390}
	notS390Arches = []Arch{AMD64, I386, X32, ARM64, ARM, RISCV64, LOONG64, PPC64LE, PPC64, PPC, MIPS, MIPSLE, MIPS64, MIPS64LE, MIPS64N32,
		MIPS64LEN32, M68K, PARISC, PARISC64, SH, SHEB}
	// SOCK_STREAM is 2 and SOCK_DGRAM 1, elsewhere the other way round (arch/mips/include/asm/socket.h).
	mipsArches    = []Arch{MIPS, MIPSLE, MIPS64, MIPS64LE, MIPS64N32, MIPS64LEN32}
	notMIPSArches = []Arch{AMD64, I386, X32, ARM64, ARM, RISCV64, LOONG64, S390X, S390, PPC64LE, PPC64, PPC, M68K, PARISC, PARISC64, SH, SHEB}

	// mmap(2) takes its arguments in registers; on the other ABIs behind a pointer (sys_old_mmap).
	registerMmapArches = []Arch{AMD64, X32, ARM64, ARM, RISCV64, LOONG64, PPC64LE, PPC64, PPC, MIPS, MIPSLE, MIPS64, MIPS64LE, MIPS64N32,
		MIPS64LEN32, PARISC, PARISC64, SH, SHEB}

	pariscArches      = []Arch{PARISC, PARISC64}
	genericOpenArches = []Arch{AMD64, I386, X32, ARM64, ARM, RISCV64, LOONG64, S390X, S390, PPC64LE, PPC64, PPC, M68K, SH, SHEB}
)
