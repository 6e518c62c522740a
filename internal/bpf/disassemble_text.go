package bpf

import (
	"fmt"

	"golang.org/x/net/bpf"
)

var aluNames = [16]string{
	OpAdd >> 4: "add", OpSub >> 4: "sub", OpMul >> 4: "mul", OpDiv >> 4: "div", OpOr >> 4: "or",
	OpAnd >> 4: "and", OpLsh >> 4: "lsh", OpRsh >> 4: "rsh", OpXor >> 4: "xor",
}

// jumpNames are the conditional jumps, and their opposites, which bpf_asm writes when the true branch is the next instruction.
var jumpNames = [16]struct{ name, inverse string }{
	TestEq >> 4: {"jeq", "jne"}, TestGt >> 4: {"jgt", "jle"}, TestGe >> 4: {"jge", "jlt"}, TestSet >> 4: {"jset", ""},
}

// text returns the instruction in bpf_asm's syntax.
func (d *disassembler) text(pc int, ins bpf.RawInstruction) string {
	switch {
	case conditional(ins.Op):
		return d.jump(pc, ins)
	case ins.Op != Neg && ins.Op&ClassMask == ClassALU && Allowed(ins.Op):
		return fmt.Sprintf("%-4s %s", aluNames[ins.Op&OpMask>>4], operand(ins))
	}
	switch ins.Op {
	case LdAbs:
		return "ld   " + d.field(int64(ins.K))
	case LdLen:
		return "ld   len"
	case LdImm:
		return fmt.Sprintf("ld   #%#x", ins.K)
	case LdMem:
		return fmt.Sprintf("ld   M[%d]", ins.K)
	case LdxLen:
		return "ldx  len"
	case LdxImm:
		return fmt.Sprintf("ldx  #%#x", ins.K)
	case LdxMem:
		return fmt.Sprintf("ldx  M[%d]", ins.K)
	case St:
		return fmt.Sprintf("st   M[%d]", ins.K)
	case Stx:
		return fmt.Sprintf("stx  M[%d]", ins.K)
	case Tax:
		return "tax"
	case Txa:
		return "txa"
	case Neg:
		return "neg"
	case RetK:
		return fmt.Sprintf("ret  #%#x", ins.K)
	case RetA:
		return "ret  a"
	case Ja:
		return "ja   " + d.target(pc, ins.K)
	}
	return fmt.Sprintf(".insn %#04x, %d, %d, %#x", ins.Op, ins.Jt, ins.Jf, ins.K)
}

func (d *disassembler) jump(pc int, ins bpf.RawInstruction) string {
	n := jumpNames[ins.Op&OpMask>>4]
	yes, no := d.target(pc, uint32(ins.Jt)), d.target(pc, uint32(ins.Jf))
	switch {
	case no == "next":
		return fmt.Sprintf("%-4s %s, %s", n.name, operand(ins), yes)
	case yes == "next" && n.inverse != "":
		return fmt.Sprintf("%-4s %s, %s", n.inverse, operand(ins), no)
	}
	return fmt.Sprintf("%-4s %s, %s, %s", n.name, operand(ins), yes, no)
}

func operand(ins bpf.RawInstruction) string {
	if ins.Op&SrcX != 0 {
		return "x"
	}
	return fmt.Sprintf("#%#x", ins.K)
}

// field names the word of struct seccomp_data at an offset: nr, arch, ip.lo, args[2].hi.
func (d *disassembler) field(off int64) string {
	half := "lo"
	if (off&4 != 0) != d.bigEndian {
		half = "hi"
	}
	switch {
	case off == OffsetNr:
		return "nr"
	case off == OffsetArch:
		return "arch"
	case off >= DataSize || off&3 != 0:
		return fmt.Sprintf("[%d]", off)
	case off < OffsetArgs:
		return "ip." + half
	}
	return fmt.Sprintf("args[%d].%s", (off-OffsetArgs)/8, half)
}

// comment says what the instruction's constant stands for, given what is known of A.
func (d *disassembler) comment(pc int, ins bpf.RawInstruction) string {
	if d.names == nil {
		return ""
	}
	s := d.state[pc]
	switch {
	case ins.Op == RetK:
		return d.names.Return(ins.K)
	case !conditional(ins.Op) || ins.Op&SrcX != 0 || !s.reached:
	case s.field == OffsetArch:
		return d.names.Arch(ins.K)
	case s.field == OffsetNr && s.isArch && ins.Op != ClassJump|TestSet:
		return d.names.Call(s.arch, ins.K)
	}
	return ""
}
