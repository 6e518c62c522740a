package symbolic

import (
	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/bpf"
	xbpf "golang.org/x/net/bpf"
)

// A word names a 32-bit function of the input; 0 is a place whose value no longer matters.
type word uint32

// wordInfo is what is known about a word.
type wordInfo struct {
	bits     bdd.Word
	constant bool
	value    uint32 // of a constant
	first    int    // first variable of a word of the input, else -1
}

// scratch is the content of M.
type scratch [bpf.MemWords]word

// state is the machine's state before an instruction.
type state struct {
	pc    int
	a, x  word
	mem   uint32 // index in executor.mems
	facts uint8  // which of the following are known
	nr    uint32
	arch  uint32
}

const (
	knowNr = 1 << iota
	knowArch
)

func (e *executor) intern(w bdd.Word) word {
	if id, ok := e.ids[w]; ok {
		return id
	}
	id := word(len(e.words))
	k, constant := w.Constant()
	e.words = append(e.words, wordInfo{w, constant, k, -1})
	e.ids[w] = id
	return id
}

func (e *executor) constant(k uint32) word {
	id, ok := e.constants[k]
	if !ok {
		id = e.intern(bdd.Constant(k))
		e.constants[k] = id
	}
	return id
}

// forget clears what nothing after the state reads, so that states that differ only there are one.
func (e *executor) forget(s state) state {
	live := e.live[s.pc]
	if live&placeA == 0 {
		s.a = 0
	}
	if live&placeX == 0 {
		s.x = 0
	}
	if live&placeNr == 0 {
		s.facts, s.nr = s.facts&^knowNr, 0
	}
	if live&placeArch == 0 {
		s.facts, s.arch = s.facts&^knowArch, 0
	}
	if s.mem != 0 {
		m := e.mems[s.mem]
		for i := range m {
			if live&(placeM<<i) == 0 {
				m[i] = 0
			}
		}
		s.mem = e.internMem(m)
	}
	return s
}

func (e *executor) internMem(m scratch) uint32 {
	id, ok := e.memIDs[m]
	if !ok {
		id = uint32(len(e.mems))
		e.mems = append(e.mems, m)
		e.memIDs[m] = id
	}
	return id
}

// learn notes, on the way where A equals the operand, the number or architecture that A holds.
func (e *executor) learn(ins xbpf.RawInstruction, s *state) {
	operand := e.operand(ins, s)
	b := &e.words[operand]
	if !b.constant {
		return
	}
	switch s.a {
	case e.inputs[0]:
		s.facts, s.nr = s.facts|knowNr, b.value
	case e.inputs[1]:
		s.facts, s.arch = s.facts|knowArch, b.value
	default:
		return
	}
	if s.x == s.a {
		s.x = operand
	}
	s.a = operand
}
