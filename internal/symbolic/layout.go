// Package symbolic runs a seccomp filter on all inputs at once: it turns a program into the function, as a decision diagram, from the bits of
// struct seccomp_data to the return value.
package symbolic

// Variables of the diagrams: each field of struct seccomp_data, most significant bit first. The order is that in which filters decide.
const (
	VarArch = 0
	VarNr   = 32
	varArgs = 64
	VarIP   = varArgs + 6*64
)

// VarArg returns the first variable of an argument: its upper half, which the lower half follows after 32 variables.
func VarArg(index int) int { return varArgs + 64*index }

// wordVar returns the first variable of the word at index i of struct seccomp_data.
func wordVar(i int, bigEndian bool) int {
	switch {
	case i == 0:
		return VarNr
	case i == 1:
		return VarArch
	}
	field := VarIP
	if i >= 4 {
		field = VarArg((i - 4) / 2)
	}
	if upper := i%2 == 0 == bigEndian; upper {
		return field
	}
	return field + 32
}
