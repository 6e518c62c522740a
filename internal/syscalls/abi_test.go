package syscalls

import (
	"slices"
	"testing"
)

func TestABINames(t *testing.T) {
	all := ABIs()
	if len(all) != 23 || all[0] != AMD64 || all[22] != SHEB {
		t.Fatalf("ABIs() = %v", all)
	}
	seen := map[string]bool{}
	for _, a := range all {
		if !a.Valid() || seen[a.String()] || seen[a.SCMP()] {
			t.Errorf("ABI %d: valid %v, %q %q", a, a.Valid(), a, a.SCMP())
		}
		seen[a.String()], seen[a.SCMP()] = true, true
		for _, s := range []string{a.String(), a.SCMP()} {
			if got, ok := ParseABI(s); !ok || got != a {
				t.Errorf("ParseABI(%q) = %v, %v", s, got, ok)
			}
		}
	}
	for _, s := range []string{"", "AMD64", "invalid", "SCMP_ARCH_", "SCMP_ARCH_NATIVE", "SCMP_ARCH_amd64", "x86_64 ", "riscv32"} {
		if a, ok := ParseABI(s); ok || a != 0 {
			t.Errorf("ParseABI(%q) = %v", s, a)
		}
	}
	for _, a := range []ABI{0, numABI, 255} {
		if a.Valid() || a.String() != "invalid" || a.SCMP() != "" || a.AuditArch() != 0 || a.Bits() != 0 || a.BigEndian() || a.Primary() != 0 || a.Siblings() != nil {
			t.Errorf("ABI %d answers", a)
		}
	}
}

func TestAliases(t *testing.T) {
	for _, tt := range []struct {
		alias string
		want  ABI
	}{
		{"x86_64", AMD64}, {"x86-64", AMD64}, {"i386", I386}, {"i686", I386}, {"x86", I386}, {"aarch64", ARM64}, {"armhf", ARM}, {"loongarch64", LOONG64},
		{"mipsel", MIPSEL}, {"mipsel64", MIPSEL64}, {"mips64el", MIPSEL64}, {"mipsel64n32", MIPSEL64N32}, {"ppc64el", PPC64LE}, {"hppa", PARISC}, {"sh4", SH},
	} {
		if got, ok := ParseABI(tt.alias); !ok || got != tt.want {
			t.Errorf("ParseABI(%q) = %v, %v, want %v", tt.alias, got, ok, tt.want)
		}
	}
}

func TestFromGOARCH(t *testing.T) {
	for _, goarch := range []string{"amd64", "386", "arm64", "arm", "riscv64", "loong64", "s390x", "ppc64le", "ppc64", "mips", "mipsle", "mips64", "mips64le"} {
		if a, ok := FromGOARCH(goarch); !ok || a.String() != goarch {
			t.Errorf("FromGOARCH(%q) = %v, %v", goarch, a, ok)
		}
	}
	for _, goarch := range []string{"", "x32", "ppc", "wasm", "sparc64", "x86_64"} {
		if a, ok := FromGOARCH(goarch); ok {
			t.Errorf("FromGOARCH(%q) = %v", goarch, a)
		}
	}
}

// The values of include/uapi/linux/audit.h, written out.
func TestAuditArch(t *testing.T) {
	want := map[ABI]uint32{
		AMD64: 0xc000003e, I386: 0x40000003, X32: 0xc000003e, ARM64: 0xc00000b7, ARM: 0x40000028, RISCV64: 0xc00000f3, LOONG64: 0xc0000102,
		S390X: 0x80000016, S390: 0x16, PPC64LE: 0xc0000015, PPC64: 0x80000015, PPC: 0x14, MIPS: 0x8, MIPSEL: 0x40000008, MIPS64: 0x80000008,
		MIPSEL64: 0xc0000008, MIPS64N32: 0xa0000008, MIPSEL64N32: 0xe0000008, M68K: 0x4, PARISC: 0xf, PARISC64: 0x8000000f, SH: 0x4000002a, SHEB: 0x2a,
	}
	bigEndian := []ABI{S390X, S390, PPC64, PPC, MIPS, MIPS64, MIPS64N32, M68K, PARISC, PARISC64, SHEB}
	narrow := []ABI{I386, ARM, S390, PPC, MIPS, MIPSEL, M68K, PARISC, SH, SHEB}
	for _, a := range ABIs() {
		if a.AuditArch() != want[a] {
			t.Errorf("%v: audit architecture %#x, want %#x", a, a.AuditArch(), want[a])
		}
		if a.BigEndian() != slices.Contains(bigEndian, a) {
			t.Errorf("%v: big-endian %v", a, a.BigEndian())
		}
		bits := 64
		if slices.Contains(narrow, a) {
			bits = 32
		}
		if a.Bits() != bits {
			t.Errorf("%v: %d bits", a, a.Bits())
		}
	}
}

func TestSiblings(t *testing.T) {
	for _, tt := range []struct {
		abis []ABI // one kernel's, the primary first
	}{
		{[]ABI{AMD64, I386, X32}}, {[]ABI{ARM64, ARM}}, {[]ABI{RISCV64}}, {[]ABI{LOONG64}}, {[]ABI{S390X, S390}}, {[]ABI{PPC64LE}},
		{[]ABI{PPC64, PPC}}, {[]ABI{MIPS64, MIPS, MIPS64N32}}, {[]ABI{MIPSEL64, MIPSEL, MIPSEL64N32}}, {[]ABI{M68K}}, {[]ABI{PARISC64, PARISC}},
		{[]ABI{SH}}, {[]ABI{SHEB}},
	} {
		for _, a := range tt.abis {
			if a.Primary() != tt.abis[0] || !slices.Equal(a.Siblings(), tt.abis) {
				t.Errorf("%v: primary %v, siblings %v, want %v", a, a.Primary(), a.Siblings(), tt.abis)
			}
			if a.BigEndian() != tt.abis[0].BigEndian() {
				t.Errorf("%v and %v differ in byte order", a, tt.abis[0])
			}
		}
	}
}
