package seccomp

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

// MaxInstructions is the longest program the kernel loads (BPF_MAXINSNS, include/uapi/linux/bpf_common.h).
const MaxInstructions = bpfx.MaxInstructions

// Program is a seccomp filter in the kernel's classic BPF, for one kind of kernel. It does not change once made, and the
// kernel would load it. Compile makes programs from profiles, NewProgram from anybody's instructions; the zero value is no
// program, and whatever takes one refuses it.
type Program struct {
	code   []bpf.RawInstruction
	target Arch
	arches []Arch
}

// NewProgram returns a program of these instructions for the kernel that serves target's programs. The error says which
// instruction the kernel would refuse and why. The instructions are copied.
func NewProgram(code []bpf.RawInstruction, target Arch) (*Program, error) {
	if !target.Valid() {
		return nil, fmt.Errorf("seccomp: program: %w", invalid("target ABI %d", uint8(target)))
	}
	if err := bpfx.Check(code); err != nil {
		return nil, fmt.Errorf("seccomp: program: %w: %w", ErrInvalid, err)
	}
	return &Program{slices.Clone(code), target.Primary(), target.Siblings()}, nil
}

// ParseProgram reads what Bytes writes: the kernel's struct sock_filter, eight bytes an instruction in the target's byte order.
func ParseProgram(wire []byte, target Arch) (*Program, error) {
	if len(wire)%8 != 0 || len(wire) > 8*MaxInstructions {
		return nil, fmt.Errorf("seccomp: program: %w", invalid("%d bytes are not 1 to %d instructions of 8 bytes", len(wire), MaxInstructions))
	}
	order := byteOrder(target)
	code := make([]bpf.RawInstruction, 0, len(wire)/8)
	for ; len(wire) > 0; wire = wire[8:] {
		code = append(code, bpf.RawInstruction{Op: order.Uint16(wire), Jt: wire[2], Jf: wire[3], K: order.Uint32(wire[4:])})
	}
	return NewProgram(code, target)
}

// Target returns the primary ABI of the kernel the program is for.
func (p *Program) Target() Arch { return p.target }

// Arches returns the ABIs that the program was compiled for, or, of a program made by NewProgram, all those it can meet.
func (p *Program) Arches() []Arch { return slices.Clone(p.arches) }

// Len returns the number of instructions.
func (p *Program) Len() int { return len(p.code) }

// Instructions returns a copy of the program.
func (p *Program) Instructions() []bpf.RawInstruction { return slices.Clone(p.code) }

// Bytes returns the program as the kernel reads it: an array of struct sock_filter (include/uapi/linux/filter.h) in the
// target's byte order.
func (p *Program) Bytes() []byte {
	order := byteOrder(p.target)
	wire := make([]byte, 8*len(p.code))
	for i, ins := range p.code {
		at := wire[8*i:]
		order.PutUint16(at, ins.Op)
		at[2], at[3] = ins.Jt, ins.Jf
		order.PutUint32(at[4:], ins.K)
	}
	return wire
}

func byteOrder(a Arch) binary.ByteOrder {
	if a.BigEndian() {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// String returns the program in text, an instruction a line, with labels and with names next to numbers.
func (p *Program) String() string {
	return bpfx.Disassemble(p.code, p.target.BigEndian(), programNames{p.target})
}

// programNames finds the names of a kernel's numbers.
type programNames struct{ target Arch }

// Arch returns the ABI that has an arch value.
func (n programNames) Arch(value uint32) string {
	for _, a := range n.target.Siblings() {
		if a.AuditArch() == value {
			return a.String()
		}
	}
	return ""
}

// Call returns the name of a number under an arch value.
func (n programNames) Call(arch, nr uint32) string {
	for _, a := range n.target.Siblings() {
		if a.AuditArch() != arch {
			continue
		}
		if name, ok := a.CallName(nr); ok {
			if a == X32 {
				return "x32 " + name
			}
			return name
		}
	}
	return ""
}

// Return returns the action of a return value.
func (n programNames) Return(value uint32) string { return ActionFromRet(value).String() }
