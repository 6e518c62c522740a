package seccomptest

import (
	"slices"
	"strings"

	"github.com/gostockade/stockade/seccomp"
)

// A constant has one value on every architecture.
type constant struct {
	name  string
	value uint64
}

// An archConstant has a value for each column of archColumns whose bit is set in has.
type archConstant struct {
	name   string
	has    uint32
	values [len(archColumns)]uint64
}

// personality values are not among x/sys's constants; they are the same everywhere (include/uapi/linux/personality.h).
var personality = [...]constant{{"ADDR_NO_RANDOMIZE", 0x0040000}, {"PER_LINUX", 0}, {"PER_LINUX32", 0x0008}, {"UNAME26", 0x0020000}}

// lookup returns a constant's value in an ABI, and whether the name is known at all.
func lookup(arch seccomp.Arch, name string) (v uint64, ok, known bool) {
	for _, table := range [][]constant{everywhere[:], personality[:]} {
		if i, found := slices.BinarySearchFunc(table, name, func(c constant, name string) int { return strings.Compare(c.name, name) }); found {
			return table[i].value, true, true
		}
	}
	i, found := slices.BinarySearchFunc(varying[:], name, func(c archConstant, name string) int { return strings.Compare(c.name, name) })
	if !found {
		return 0, false, false
	}
	c := &varying[i]
	column := slices.Index(archColumns[:], columnOf(arch))
	if column < 0 || c.has&(1<<column) == 0 {
		return 0, false, true
	}
	return c.values[column], true, true
}

// columnOf returns the architecture whose headers an ABI's programs are compiled with: x32 and n32 have those of their 64-bit
// sibling.
func columnOf(arch seccomp.Arch) string {
	switch arch {
	case seccomp.X32:
		return seccomp.AMD64.String()
	case seccomp.MIPS64N32:
		return seccomp.MIPS64.String()
	case seccomp.MIPS64LEN32:
		return seccomp.MIPS64LE.String()
	}
	return arch.String()
}
