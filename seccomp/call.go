package seccomp

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/internal/syscalls"
)

// CallByName returns the call of the named system call through an ABI, with up to six arguments; the others are 0. The error
// wraps ErrUnknownSyscall where the ABI has no such call, and ErrInvalid for an invalid ABI or too many arguments.
func CallByName(arch Arch, name string, args ...uint64) (Call, error) {
	switch {
	case !arch.Valid():
		return Call{}, fmt.Errorf("seccomp: %w", invalid("ABI %d", uint8(arch)))
	case len(args) > MaxArgs:
		return Call{}, fmt.Errorf("seccomp: %w", invalid("%d arguments of %s, a call has at most %d", len(args), name, MaxArgs))
	}
	nr, ok := arch.Number(name)
	if !ok {
		return Call{}, fmt.Errorf("seccomp: %w: %v has no %q", ErrUnknownSyscall, arch, name)
	}
	c := Call{Arch: arch, Nr: nr}
	copy(c.Args[:], args)
	return c, nil
}

// abi returns the ABI whose number the call has: AMD64 and X32 share an arch value, so that the number alone tells them apart.
func (c Call) abi() Arch {
	if c.Arch == AMD64 || c.Arch == X32 {
		return amd64Family(c.Nr)
	}
	return c.Arch
}

// amd64Family returns the ABI of a number under AUDIT_ARCH_X86_64.
func amd64Family(nr uint32) Arch {
	if nr >= syscalls.X32Bit && nr <= lastX32 {
		return X32
	}
	return AMD64
}

// Name returns the name of the call in its ABI, and false for a number that has none.
func (c Call) Name() (string, bool) { return c.abi().CallName(c.Nr) }

// String returns the call as "amd64 kill(1, 9, 0, 0, 0, 0)", with the number in place of a name it does not have.
func (c Call) String() string {
	name, ok := c.Name()
	if !ok {
		name = fmt.Sprintf("%#x", c.Nr)
	}
	args := make([]string, MaxArgs)
	for i, a := range c.Args {
		args[i] = number(a)
	}
	text := fmt.Sprintf("%v %s(%s)", c.abi(), name, strings.Join(args, ", "))
	if c.IP != 0 {
		text += fmt.Sprintf(" at %#x", c.IP)
	}
	return text
}
