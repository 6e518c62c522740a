package seccomp

import (
	"runtime"

	"github.com/gostockade/stockade/internal/syscalls"
)

// Arch is a system call ABI of Linux: a table of numbers and the AUDIT_ARCH_* value that seccomp_data.arch has for its
// calls. The zero value is no ABI. Several ABIs can reach one kernel: an amd64 kernel also serves 386 and x32 programs.
type Arch uint8

// The ABIs, in the order of internal tables. String gives the name Go's GOARCH has for it where there is one.
const (
	AMD64       = Arch(syscalls.AMD64)       // x86-64, AUDIT_ARCH_X86_64
	I386        = Arch(syscalls.I386)        // 32-bit x86, AUDIT_ARCH_I386
	X32         = Arch(syscalls.X32)         // x86-64 with 32-bit pointers: AUDIT_ARCH_X86_64, numbers from 0x40000000
	ARM64       = Arch(syscalls.ARM64)       // AUDIT_ARCH_AARCH64
	ARM         = Arch(syscalls.ARM)         // 32-bit EABI, AUDIT_ARCH_ARM
	RISCV64     = Arch(syscalls.RISCV64)     // AUDIT_ARCH_RISCV64
	LOONG64     = Arch(syscalls.LOONG64)     // AUDIT_ARCH_LOONGARCH64
	S390X       = Arch(syscalls.S390X)       // AUDIT_ARCH_S390X, big-endian
	S390        = Arch(syscalls.S390)        // 31-bit, AUDIT_ARCH_S390, big-endian
	PPC64LE     = Arch(syscalls.PPC64LE)     // AUDIT_ARCH_PPC64LE
	PPC64       = Arch(syscalls.PPC64)       // AUDIT_ARCH_PPC64, big-endian
	PPC         = Arch(syscalls.PPC)         // AUDIT_ARCH_PPC, big-endian
	MIPS        = Arch(syscalls.MIPS)        // o32, AUDIT_ARCH_MIPS, big-endian
	MIPSLE      = Arch(syscalls.MIPSEL)      // o32, AUDIT_ARCH_MIPSEL
	MIPS64      = Arch(syscalls.MIPS64)      // n64, AUDIT_ARCH_MIPS64, big-endian
	MIPS64LE    = Arch(syscalls.MIPSEL64)    // n64, AUDIT_ARCH_MIPSEL64
	MIPS64N32   = Arch(syscalls.MIPS64N32)   // n32, AUDIT_ARCH_MIPS64N32, big-endian
	MIPS64LEN32 = Arch(syscalls.MIPSEL64N32) // n32, AUDIT_ARCH_MIPSEL64N32
	M68K        = Arch(syscalls.M68K)        // AUDIT_ARCH_M68K, big-endian
	PARISC      = Arch(syscalls.PARISC)      // AUDIT_ARCH_PARISC, big-endian
	PARISC64    = Arch(syscalls.PARISC64)    // AUDIT_ARCH_PARISC64, big-endian
	SH          = Arch(syscalls.SH)          // AUDIT_ARCH_SHEL, little-endian
	SHEB        = Arch(syscalls.SHEB)        // AUDIT_ARCH_SH, big-endian
)

// NativeArch returns the ABI of the running binary, or the zero Arch where Linux has none for this GOARCH.
func NativeArch() Arch {
	abi, _ := syscalls.FromGOARCH(runtime.GOARCH)
	return Arch(abi)
}

// ParseArch reads an ABI's name: what String writes, an OCI token such as SCMP_ARCH_X86_64, or a common alias (x86_64,
// aarch64, i386).
func ParseArch(s string) (Arch, bool) {
	abi, ok := syscalls.ParseABI(s)
	return Arch(abi), ok
}

// Valid reports whether a is one of the ABIs above.
func (a Arch) Valid() bool { return a.abi().Valid() }

// String returns the ABI's name: GOARCH's where Go has one ("amd64", "386", "mips64le"), else "x32", "s390" and so on.
func (a Arch) String() string { return a.abi().String() }

// SCMP returns the ABI's token in OCI profiles, such as "SCMP_ARCH_X86_64".
func (a Arch) SCMP() string { return a.abi().SCMP() }

// AuditArch returns the value of seccomp_data.arch for the ABI's calls (include/uapi/linux/audit.h). X32 has AMD64's.
func (a Arch) AuditArch() uint32 { return a.abi().AuditArch() }

// BigEndian reports the byte order of the ABI's data, on which the place of an argument's halves depends.
func (a Arch) BigEndian() bool { return a.abi().BigEndian() }

// Bits returns how many bits of an argument the kernel takes: 64, or 32 where it ignores the upper half. A filter may still see
// one: int 0x80 from 64-bit code makes a 386 call and passes its whole registers.
func (a Arch) Bits() int { return a.abi().Bits() }

// Primary returns the native ABI of the kernel that serves a's programs: AMD64 for I386 and X32. A primary ABI is its own.
func (a Arch) Primary() Arch { return Arch(a.abi().Primary()) }

// Siblings returns every ABI that the kernel serving a's programs can serve, the primary one first.
func (a Arch) Siblings() []Arch {
	abis := a.abi().Siblings()
	out := make([]Arch, len(abis))
	for i, abi := range abis {
		out[i] = Arch(abi)
	}
	return out
}

// Number returns the number of the named call in this ABI. X32's numbers include 0x40000000.
func (a Arch) Number(name string) (uint32, bool) { return syscalls.Number(a.abi(), name) }

// CallName returns the name of a call number in this ABI.
func (a Arch) CallName(nr uint32) (string, bool) { return syscalls.Name(a.abi(), nr) }

// ErrnoNumber returns the number of an error such as "ENOSYS" in this ABI.
func (a Arch) ErrnoNumber(name string) (uint16, bool) { return syscalls.Errno(a.abi(), name) }

// ErrnoName returns the name of an error number in this ABI.
func (a Arch) ErrnoName(n uint16) (string, bool) { return syscalls.ErrnoName(a.abi(), n) }

func (a Arch) abi() syscalls.ABI { return syscalls.ABI(a) }
