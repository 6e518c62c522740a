package seccomp

import "fmt"

// MaxArgs is the number of arguments a system call can have.
const MaxArgs = 6

// Op compares an argument with a value. All comparisons are unsigned, as in the kernel's filter machine.
type Op uint8

// The comparisons; EQ is the zero value.
const (
	EQ       Op = iota // argument == Value
	NE                 // argument != Value
	LT                 // argument < Value
	LE                 // argument <= Value
	GT                 // argument > Value
	GE                 // argument >= Value
	MaskedEQ           // argument & Mask == Value
	numOps
)

var opNames = [numOps]string{"==", "!=", "<", "<=", ">", ">=", "&=="}

// Valid reports whether o is one of the comparisons above.
func (o Op) Valid() bool { return o < numOps }

// String returns the comparison's sign: "==", "!=", "<", "<=", ">", ">=" or "&==".
func (o Op) String() string {
	if !o.Valid() {
		return fmt.Sprintf("op(%d)", uint8(o))
	}
	return opNames[o]
}

// Width says how much of an argument's register a comparison looks at.
type Width uint8

const (
	// Width64 compares the whole register, for arguments that the kernel takes as long or pointer. On 32-bit ABIs the
	// kernel takes the low half only, so only that is compared, and a value of 2^32 or more is never equal.
	Width64 Width = iota
	// Width32 compares the low half only, for arguments that the kernel takes as int: there it ignores the upper half, which
	// the caller controls, so that a 64-bit comparison in a deny rule can be evaded by setting it.
	Width32
)

// Valid reports whether w is Width64 or Width32.
func (w Width) Valid() bool { return w <= Width32 }

// Arg is a condition on one argument of a system call. The zero value is: argument 0 equals 0.
type Arg struct {
	Index uint   // which argument, 0 to 5
	Op    Op     // the comparison
	Width Width  // 64 bits, or the low 32
	Value uint64 // what the argument is compared with; below 2^32 under Width32
	Mask  uint64 // MaskedEQ only: the bits that count. Value must not have bits outside it.
}

// Match reports whether the condition holds for the given arguments. One on an argument that no call has, an Index beyond 5, never
// holds, whatever the comparison.
func (a Arg) Match(args *[MaxArgs]uint64) bool {
	if a.Index >= MaxArgs {
		return false
	}
	v := args[a.Index]
	if a.Width == Width32 {
		v &= 0xffff_ffff
	}
	switch a.Op {
	case EQ:
		return v == a.Value
	case NE:
		return v != a.Value
	case LT:
		return v < a.Value
	case LE:
		return v <= a.Value
	case GT:
		return v > a.Value
	case GE:
		return v >= a.Value
	case MaskedEQ:
		return v&a.Mask == a.Value
	}
	return false
}

// String returns the condition in words close to C: "arg0 == 2", "int arg1 & 0xf == 0x1".
func (a Arg) String() string {
	prefix := ""
	if a.Width == Width32 {
		prefix = "int "
	}
	if a.Op == MaskedEQ {
		return fmt.Sprintf("%sarg%d & %#x == %#x", prefix, a.Index, a.Mask, a.Value)
	}
	return fmt.Sprintf("%sarg%d %s %s", prefix, a.Index, a.Op, number(a.Value))
}

// number prints small values in decimal and large ones, mostly flags, in hexadecimal.
func number(v uint64) string {
	if v < 4096 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%#x", v)
}
