package symbolic

import (
	"github.com/gostockade/stockade/internal/bpf"
	xbpf "golang.org/x/net/bpf"
)

// A place set says which parts of the machine's state an instruction or what follows it may still read: A, X, the scratch words.
type places uint32

const (
	placeA places = 1 << iota
	placeX
	placeM // of scratch word 0; the others follow

	placeNr   = places(1) << 30 // the input's number and arch value, of which the state may know that they are constant
	placeArch = places(1) << 31
)

// live returns for each instruction the places that must be known before it. Programs only jump forward, so that one pass from the end
// is enough.
func live(prog []xbpf.RawInstruction) []places {
	out := make([]places, len(prog))
	for pc := len(prog) - 1; pc >= 0; pc-- {
		ins := prog[pc]
		after := places(0)
		for _, next := range successors(prog, pc) {
			if next < len(prog) {
				after |= out[next]
			}
		}
		reads, writes := effects(ins)
		out[pc] = after&^writes | reads
	}
	return out
}

// successors returns where execution may go from pc.
func successors(prog []xbpf.RawInstruction, pc int) []int {
	ins := prog[pc]
	switch {
	case ins.Op == bpf.RetK, ins.Op == bpf.RetA:
		return nil
	case ins.Op == bpf.Ja:
		return []int{pc + 1 + int(ins.K)}
	case ins.Op&bpf.ClassMask == bpf.ClassJump:
		return []int{pc + 1 + int(ins.Jt), pc + 1 + int(ins.Jf)}
	}
	return []int{pc + 1}
}

// effects returns the places an instruction reads and overwrites.
func effects(ins xbpf.RawInstruction) (reads, writes places) {
	scratch := placeM << (ins.K % bpf.MemWords)
	switch ins.Op {
	case bpf.LdAbs:
		switch ins.K {
		case bpf.OffsetNr:
			return placeNr, placeA
		case bpf.OffsetArch:
			return placeArch, placeA
		}
		return 0, placeA
	case bpf.LdLen, bpf.LdImm:
		return 0, placeA
	case bpf.LdxLen, bpf.LdxImm:
		return 0, placeX
	case bpf.LdMem:
		return scratch, placeA
	case bpf.LdxMem:
		return scratch, placeX
	case bpf.St:
		return placeA, scratch
	case bpf.Stx:
		return placeX, scratch
	case bpf.Tax:
		return placeA, placeX
	case bpf.Txa:
		return placeX, placeA
	case bpf.RetA:
		return placeA, 0
	case bpf.RetK, bpf.Ja:
		return 0, 0
	}
	reads = placeA // arithmetic and conditional jumps
	if ins.Op&bpf.SrcX != 0 {
		reads |= placeX
	}
	return reads, 0
}
