package syscalls

import "strings"

const scmpPrefix = "SCMP_ARCH_"

// String returns the ABI's name: GOARCH's spelling where Go has the port ("386", "mipsle", "mips64le"), otherwise the
// kernel's. "invalid" for no ABI.
func (a ABI) String() string {
	if !a.Valid() {
		return "invalid"
	}
	return abis[a].name
}

// SCMP returns the token that OCI runtime configurations and libseccomp use, such as "SCMP_ARCH_X86_64"; empty for no ABI.
func (a ABI) SCMP() string {
	if !a.Valid() {
		return ""
	}
	return scmpPrefix + abis[a].scmp
}

// FromGOARCH returns the ABI of programs built by Go for linux/goarch.
func FromGOARCH(goarch string) (ABI, bool) {
	switch goarch {
	case "amd64", "386", "arm64", "arm", "riscv64", "loong64", "s390x", "ppc64le", "ppc64", "mips", "mipsle", "mips64", "mips64le":
		return byName(goarch)
	}
	return 0, false
}

// ParseABI returns the ABI of a name as String writes it, of an SCMP_ARCH_* token, or of one of the names that uname(1),
// Debian, systemd and libseccomp use for it. Case matters.
func ParseABI(s string) (ABI, bool) {
	if token, ok := strings.CutPrefix(s, scmpPrefix); ok {
		for a := AMD64; a < numABI; a++ {
			if abis[a].scmp == token {
				return a, true
			}
		}
		return 0, false
	}
	if a, ok := byName(s); ok {
		return a, true
	}
	return byAlias(s)
}

func byName(s string) (ABI, bool) {
	for a := AMD64; a < numABI; a++ {
		if abis[a].name == s {
			return a, true
		}
	}
	return 0, false
}

func byAlias(s string) (ABI, bool) {
	switch s {
	case "x86_64", "x86-64":
		return AMD64, true
	case "x86", "i386", "i486", "i586", "i686":
		return I386, true
	case "aarch64":
		return ARM64, true
	case "armhf", "armel", "armv6l", "armv7l":
		return ARM, true
	case "loongarch64":
		return LOONG64, true
	case "ppc64el", "ppc64-le", "powerpc64le":
		return PPC64LE, true
	case "powerpc64":
		return PPC64, true
	case "powerpc":
		return PPC, true
	case "mipsel", "mips-le":
		return MIPSEL, true
	case "mipsel64", "mips64el", "mips64-le":
		return MIPSEL64, true
	case "mips64-n32":
		return MIPS64N32, true
	case "mipsel64n32", "mips64-le-n32":
		return MIPSEL64N32, true
	case "hppa":
		return PARISC, true
	case "hppa64":
		return PARISC64, true
	case "sh4":
		return SH, true
	case "sh4eb":
		return SHEB, true
	}
	return 0, false
}
