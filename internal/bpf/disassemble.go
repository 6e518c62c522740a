package bpf

import (
	"fmt"
	"strings"

	"golang.org/x/net/bpf"
)

// Names supplies the words that a disassembly puts next to numbers. Each method returns "" for what it does not know.
type Names interface {
	Arch(value uint32) string    // an AUDIT_ARCH value
	Call(arch, nr uint32) string // a system call number under an AUDIT_ARCH value
	Return(value uint32) string  // a return value
}

// Line is one instruction in text.
type Line struct {
	PC      int
	Label   string // "L3" if a jump other than to the next instruction ends here, else ""
	Text    string // "jeq #0x3b, L3, L7", in the syntax of the kernel's bpf_asm with fields by name
	Comment string // what the number stands for, or ""
}

// String returns the line as Disassemble prints it, without a newline.
func (l Line) String() string {
	label := l.Label
	if label != "" {
		label += ":"
	}
	s := fmt.Sprintf("%4d %-6s%s", l.PC, label, l.Text)
	if l.Comment != "" {
		s = fmt.Sprintf("%-44s; %s", s, l.Comment)
	}
	return s
}

// Disassemble returns the program in text, one instruction a line. It accepts any instructions, also those Check refuses. names may be
// nil. bigEndian is the byte order of the machine the program is for, on which the names of argument halves depend.
func Disassemble(prog []bpf.RawInstruction, bigEndian bool, names Names) string {
	var b strings.Builder
	for _, l := range Lines(prog, bigEndian, names) {
		b.WriteString(l.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Lines is Disassemble line by line.
func Lines(prog []bpf.RawInstruction, bigEndian bool, names Names) []Line {
	d := disassembler{prog: prog, bigEndian: bigEndian, names: names}
	d.label()
	d.state = make([]knowledge, len(prog)+1)
	if len(prog) > 0 {
		d.state[0] = knowledge{reached: true, field: noField}
	}
	lines := make([]Line, len(prog))
	for pc, ins := range prog {
		lines[pc] = Line{PC: pc, Label: d.labels[pc], Text: d.text(pc, ins), Comment: d.comment(pc, ins)}
		d.flow(pc, ins)
	}
	return lines
}

type disassembler struct {
	prog      []bpf.RawInstruction
	bigEndian bool
	names     Names
	labels    []string
	state     []knowledge
}

// knowledge is what holds on every path to an instruction: the field of struct seccomp_data in A, and the arch value compared equal.
type knowledge struct {
	reached bool
	field   int // offset, or noField
	arch    uint32
	isArch  bool
}

const noField = -1

// label numbers the targets of jumps that skip something, in order.
func (d *disassembler) label() {
	target := make([]bool, len(d.prog))
	mark := func(pc int, off uint32) {
		if to := uint64(pc) + 1 + uint64(off); off > 0 && to < uint64(len(d.prog)) {
			target[to] = true
		}
	}
	for pc, ins := range d.prog {
		switch {
		case ins.Op == Ja:
			mark(pc, ins.K)
		case conditional(ins.Op):
			mark(pc, uint32(ins.Jt))
			mark(pc, uint32(ins.Jf))
		}
	}
	d.labels = make([]string, len(d.prog))
	n := 0
	for pc, is := range target {
		if is {
			n++
			d.labels[pc] = fmt.Sprintf("L%d", n)
		}
	}
}

// target names where a jump goes.
func (d *disassembler) target(pc int, off uint32) string {
	to := uint64(pc) + 1 + uint64(off)
	switch {
	case to >= uint64(len(d.prog)):
		return fmt.Sprintf("+%d", off)
	case off == 0:
		return "next"
	}
	return d.labels[to]
}

// flow carries what is known after the instruction to its successors.
func (d *disassembler) flow(pc int, ins bpf.RawInstruction) {
	out := d.state[pc]
	switch {
	case !out.reached || ins.Op == RetK || ins.Op == RetA:
	case ins.Op == Ja:
		d.join(pc, ins.K, out)
	case conditional(ins.Op):
		d.join(pc, uint32(ins.Jf), out)
		if ins.Op == ClassJump|TestEq && out.field == OffsetArch {
			out.arch, out.isArch = ins.K, true
		}
		d.join(pc, uint32(ins.Jt), out)
	default:
		switch ins.Op & ClassMask {
		case ClassALU, LdImm & ClassMask:
			out.field = noField
			if ins.Op == LdAbs && ins.K <= DataSize {
				out.field = int(ins.K)
			}
		}
		if ins.Op == Txa {
			out.field = noField
		}
		d.join(pc, 0, out)
	}
}

func (d *disassembler) join(pc int, off uint32, in knowledge) {
	to := uint64(pc) + 1 + uint64(off)
	if to >= uint64(len(d.state)) {
		return
	}
	s := &d.state[to]
	if !s.reached {
		*s = in
		return
	}
	if s.field != in.field {
		s.field = noField
	}
	if s.arch != in.arch || !in.isArch {
		s.isArch = false
	}
}
