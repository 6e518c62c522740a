package symbolic

import (
	"fmt"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/bpf"
	xbpf "golang.org/x/net/bpf"
)

// alu executes an arithmetic instruction; stop says that it divided by zero, which ends the program with 0.
func (e *executor) alu(ins xbpf.RawInstruction, s *state) (stop bool) {
	if ins.Op == bpf.Neg {
		s.a = e.intern(e.g.Sub(bdd.Constant(0), e.words[s.a].bits))
		return false
	}
	a, b := e.words[s.a].bits, e.words[e.operand(ins, s)].bits
	var w bdd.Word
	var err error
	switch ins.Op &^ bpf.SrcX {
	case bpf.ClassALU | bpf.OpAdd:
		w = e.g.Add(a, b)
	case bpf.ClassALU | bpf.OpSub:
		w = e.g.Sub(a, b)
	case bpf.ClassALU | bpf.OpAnd:
		w = e.g.AndWord(a, b)
	case bpf.ClassALU | bpf.OpOr:
		w = e.g.OrWord(a, b)
	case bpf.ClassALU | bpf.OpXor:
		w = e.g.XorWord(a, b)
	case bpf.ClassALU | bpf.OpMul:
		w, err = e.g.Mul(a, b)
	case bpf.ClassALU | bpf.OpDiv:
		w, stop, err = e.divide(a, b)
	default:
		w, err = e.shift(ins, a, b)
	}
	if err != nil {
		e.fail(s.pc, err)
		return false
	}
	s.a = e.intern(w)
	return stop
}

func (e *executor) divide(a, b bdd.Word) (w bdd.Word, stop bool, err error) {
	k, ok := b.Constant()
	switch {
	case !ok:
		return w, false, fmt.Errorf("%w: the divisor is not known", bdd.ErrUndecided)
	case k == 0:
		return w, true, nil
	}
	w, err = e.g.Div(a, k)
	return w, false, err
}

func (e *executor) shift(ins xbpf.RawInstruction, a, b bdd.Word) (bdd.Word, error) {
	n, ok := b.Constant()
	switch {
	case !ok:
		return a, fmt.Errorf("%w: the shift is not known", bdd.ErrUndecided)
	case n >= 32: // only by X: machines differ in what they do then
		return a, fmt.Errorf("%w: shift by %d", bdd.ErrUndecided, n)
	case ins.Op&bpf.OpMask == bpf.OpLsh:
		return e.g.Lsh(a, uint(n)), nil
	}
	return e.g.Rsh(a, uint(n)), nil
}

// move executes loads, stores and register copies.
func (e *executor) move(ins xbpf.RawInstruction, s *state) {
	switch ins.Op {
	case bpf.LdAbs:
		s.a = e.load(ins.K/4, s)
	case bpf.LdLen:
		s.a = e.constant(bpf.DataSize)
	case bpf.LdxLen:
		s.x = e.constant(bpf.DataSize)
	case bpf.LdImm:
		s.a = e.constant(ins.K)
	case bpf.LdxImm:
		s.x = e.constant(ins.K)
	case bpf.Tax:
		s.x = s.a
	case bpf.Txa:
		s.a = s.x
	case bpf.LdMem:
		s.a = e.mems[s.mem][ins.K]
	case bpf.LdxMem:
		s.x = e.mems[s.mem][ins.K]
	case bpf.St, bpf.Stx:
		m := e.mems[s.mem]
		m[ins.K] = s.a
		if ins.Op == bpf.Stx {
			m[ins.K] = s.x
		}
		s.mem = e.internMem(m)
	}
}

// load returns a word of the input, or what the path so far says it is.
func (e *executor) load(i uint32, s *state) word {
	switch {
	case i == 0 && s.facts&knowNr != 0:
		return e.constant(s.nr)
	case i == 1 && s.facts&knowArch != 0:
		return e.constant(s.arch)
	}
	return e.inputs[i]
}
