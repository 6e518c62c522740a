package syscalls

// An ABI is one system call ABI of Linux: a table of numbers with the audit architecture and register width that a
// seccomp filter sees. The zero value is no ABI; every function answers "unknown" for it.
type ABI uint8

// Every ABI that libseccomp knows. Names follow GOARCH where Go has the port.
const (
	AMD64       ABI = 1 + iota // x86-64
	I386                       // 32-bit x86, native or under a 64-bit kernel
	X32                        // 32-bit pointers on x86-64; shares AMD64's audit architecture
	ARM64                      // AArch64
	ARM                        // 32-bit ARM, EABI
	RISCV64                    // 64-bit RISC-V
	LOONG64                    // 64-bit LoongArch
	S390X                      // 64-bit z/Architecture
	S390                       // 31-bit s390
	PPC64LE                    // 64-bit POWER, little-endian
	PPC64                      // 64-bit POWER, big-endian
	PPC                        // 32-bit POWER, big-endian
	MIPS                       // MIPS o32, big-endian
	MIPSEL                     // MIPS o32, little-endian
	MIPS64                     // MIPS n64, big-endian
	MIPSEL64                   // MIPS n64, little-endian
	MIPS64N32                  // MIPS n32, big-endian
	MIPSEL64N32                // MIPS n32, little-endian
	M68K                       // Motorola 68000
	PARISC                     // 32-bit PA-RISC
	PARISC64                   // 64-bit PA-RISC
	SH                         // SuperH, little-endian
	SHEB                       // SuperH, big-endian
	numABI
)

// X32Bit is set in every x32 system call number (__X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h).
const X32Bit = 0x40000000

// Flags of AUDIT_ARCH values (include/uapi/linux/audit.h).
const (
	audit64  = 0x80000000 // __AUDIT_ARCH_64BIT
	auditLE  = 0x40000000 // __AUDIT_ARCH_LE
	auditN32 = 0x20000000 // __AUDIT_ARCH_CONVENTION_MIPS64_N32
)

// abiInfo is what the generated tables do not say about an ABI.
type abiInfo struct {
	name    string
	scmp    string // after "SCMP_ARCH_"
	audit   uint32 // ELF machine (include/uapi/linux/elf-em.h) and the flags above
	table   uint8  // number table
	errno   uint8  // error number table
	base    uint32 // added to the table's numbers
	bits    uint8
	primary ABI
}

var abis = [numABI]abiInfo{
	AMD64:       {"amd64", "X86_64", audit64 | auditLE | 62, tableAMD64, errnoGeneric, 0, 64, AMD64},
	I386:        {"386", "X86", auditLE | 3, table386, errnoGeneric, 0, 32, AMD64},
	X32:         {"x32", "X32", audit64 | auditLE | 62, tableX32, errnoGeneric, X32Bit, 64, AMD64},
	ARM64:       {"arm64", "AARCH64", audit64 | auditLE | 183, tableARM64, errnoGeneric, 0, 64, ARM64},
	ARM:         {"arm", "ARM", auditLE | 40, tableARM, errnoGeneric, 0, 32, ARM64},
	RISCV64:     {"riscv64", "RISCV64", audit64 | auditLE | 243, tableRISCV64, errnoGeneric, 0, 64, RISCV64},
	LOONG64:     {"loong64", "LOONGARCH64", audit64 | auditLE | 258, tableLOONG64, errnoGeneric, 0, 64, LOONG64},
	S390X:       {"s390x", "S390X", audit64 | 22, tableS390X, errnoGeneric, 0, 64, S390X},
	S390:        {"s390", "S390", 22, tableS390, errnoGeneric, 0, 32, S390X},
	PPC64LE:     {"ppc64le", "PPC64LE", audit64 | auditLE | 21, tablePPC64, errnoPpc, 0, 64, PPC64LE},
	PPC64:       {"ppc64", "PPC64", audit64 | 21, tablePPC64, errnoPpc, 0, 64, PPC64},
	PPC:         {"ppc", "PPC", 20, tablePPC, errnoPpc, 0, 32, PPC64},
	MIPS:        {"mips", "MIPS", 8, tableMIPS, errnoMips, 4000, 32, MIPS64},
	MIPSEL:      {"mipsle", "MIPSEL", auditLE | 8, tableMIPS, errnoMips, 4000, 32, MIPSEL64},
	MIPS64:      {"mips64", "MIPS64", audit64 | 8, tableMIPS64, errnoMips, 5000, 64, MIPS64},
	MIPSEL64:    {"mips64le", "MIPSEL64", audit64 | auditLE | 8, tableMIPS64, errnoMips, 5000, 64, MIPSEL64},
	MIPS64N32:   {"mips64n32", "MIPS64N32", audit64 | auditN32 | 8, tableMIPS64N32, errnoMips, 6000, 64, MIPS64},
	MIPSEL64N32: {"mips64len32", "MIPSEL64N32", audit64 | auditLE | auditN32 | 8, tableMIPS64N32, errnoMips, 6000, 64, MIPSEL64},
	M68K:        {"m68k", "M68K", 4, tableM68K, errnoGeneric, 0, 32, M68K},
	PARISC:      {"parisc", "PARISC", 15, tablePARISC, errnoParisc, 0, 32, PARISC64},
	PARISC64:    {"parisc64", "PARISC64", audit64 | 15, tablePARISC64, errnoParisc, 0, 64, PARISC64},
	SH:          {"sh", "SH", auditLE | 42, tableSH, errnoGeneric, 0, 32, SH},
	SHEB:        {"sheb", "SHEB", 42, tableSH, errnoGeneric, 0, 32, SHEB},
}

// ABIs returns every ABI in the order of the constants.
func ABIs() []ABI {
	all := make([]ABI, 0, numABI-1)
	for a := AMD64; a < numABI; a++ {
		all = append(all, a)
	}
	return all
}

// Valid reports whether a is one of the constants.
func (a ABI) Valid() bool { return a > 0 && a < numABI }

// AuditArch returns the AUDIT_ARCH_* value in seccomp_data.arch (include/uapi/linux/audit.h), 0 for no ABI. X32's is
// AMD64's: the two differ only in X32Bit of the number.
func (a ABI) AuditArch() uint32 {
	if !a.Valid() {
		return 0
	}
	return abis[a].audit
}

// BigEndian reports whether the machine stores the high half of a 64-bit argument in seccomp_data first.
func (a ABI) BigEndian() bool { return a.Valid() && abis[a].audit&auditLE == 0 }

// Bits returns how much of seccomp_data.args means something, 64 or 32; 0 for no ABI.
//
// 64 includes x32 and MIPS n32. Their pointers have 32 bits, but a caller chooses all 64 bits of each argument register
// and the kernel hands them to the filter unchanged: mips_get_syscall_arg in arch/mips/include/asm/syscall.h reads whole registers.
//
// For 32 the upper word means nothing to the call, but it need not be 0, so that a filter must look at the lower word alone: under a 64-bit
// kernel MIPS o32's registers hold the sign extension of the lower word, and on x86 64-bit code that makes an i386 call with int 0x80
// passes whatever its registers' upper halves hold (seen on Linux 6.18).
func (a ABI) Bits() int {
	if !a.Valid() {
		return 0
	}
	return int(abis[a].bits)
}

// Primary returns the native 64-bit (or only) ABI of the kernels that run a; 0 for no ABI.
func (a ABI) Primary() ABI {
	if !a.Valid() {
		return 0
	}
	return abis[a].primary
}

// Siblings returns every ABI that a kernel of a's primary ABI can run, the primary first: AMD64, I386 and X32 for each
// of the three. A filter that leaves one of them out decides for it with its foreign action. Nil for no ABI.
func (a ABI) Siblings() []ABI {
	if !a.Valid() {
		return nil
	}
	p := a.Primary()
	all := []ABI{p}
	for b := AMD64; b < numABI; b++ {
		if b != p && abis[b].primary == p {
			all = append(all, b)
		}
	}
	return all
}
