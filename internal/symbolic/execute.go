package symbolic

import (
	"errors"
	"fmt"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/bpf"
	xbpf "golang.org/x/net/bpf"
)

// Error says at which instruction the execution had to give up. It wraps bdd.ErrUndecided where the program computes what diagrams cannot
// represent, ErrSteps, or a *bdd.LimitError. It never hides a wrong answer.
type Error struct {
	PC  int
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("instruction %d: %v", e.PC, e.Err) }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// ErrSteps says that a program has more distinguishable paths than Execute follows.
var ErrSteps = errors.New("too many different paths")

// Limits of the time and memory that a program can make Execute spend, next to the Graph's own.
const (
	MaxSteps  = 1 << 24 // instructions run, all paths together
	MaxStates = 1 << 18 // different states of the machine before tests
	MaxWords  = 1 << 16 // different values of its registers and scratch words
)

// maxReturnBits is how many unknown bits a returned accumulator may have.
const maxReturnBits = 12

// Execute returns the program's return value, after normalise, as a function of the variables of this package. The program must be one that
// bpf.Check accepts.
//
// It follows both ways of every test that the input decides, backwards through ITE, and remembers the result for each state of the machine at
// each test. On the way where the number or the architecture equals a constant, it is that constant from there on: so a filter that lists
// calls one after the other is not multiplied by itself.
func Execute(g *bdd.Graph, prog []xbpf.RawInstruction, bigEndian bool, normalise func(ret uint32) uint32) (bdd.Node, error) {
	if err := bpf.Check(prog); err != nil {
		return bdd.False, err
	}
	e := &executor{
		g: g, prog: prog, normalise: normalise, live: live(prog), memo: map[state]bdd.Node{},
		words: []wordInfo{{first: -1}}, ids: map[bdd.Word]word{}, constants: map[uint32]word{},
		mems: []scratch{{}}, memIDs: map[scratch]uint32{{}: 0},
	}
	for i := range e.inputs {
		first := wordVar(i, bigEndian)
		e.inputs[i] = e.intern(g.Input(first))
		e.words[e.inputs[i]].first = first
	}
	zero := e.constant(0)
	n := e.run(state{a: zero, x: zero})
	if e.err == nil {
		e.fail(0, g.Err())
	}
	return n, e.err
}

type executor struct {
	g         *bdd.Graph
	prog      []xbpf.RawInstruction
	normalise func(uint32) uint32
	live      []places
	memo      map[state]bdd.Node
	words     []wordInfo
	ids       map[bdd.Word]word
	constants map[uint32]word
	inputs    [bpf.DataSize / 4]word // the words of struct seccomp_data
	mems      []scratch
	memIDs    map[scratch]uint32
	steps     int
	err       error
}

func (e *executor) fail(pc int, err error) bdd.Node {
	if e.err == nil && err != nil {
		e.err = &Error{PC: pc, Err: err}
	}
	return bdd.False
}

// run executes from a state on and returns what the program returns.
func (e *executor) run(s state) bdd.Node {
	for {
		e.steps++
		if e.steps > MaxSteps || len(e.memo) > MaxStates || len(e.words) > MaxWords || len(e.mems) > MaxWords {
			return e.fail(s.pc, ErrSteps)
		}
		if e.err != nil {
			return bdd.False
		}
		ins := e.prog[s.pc]
		switch {
		case ins.Op == bpf.RetK:
			return e.g.Terminal(e.normalise(ins.K))
		case ins.Op == bpf.RetA:
			return e.returnWord(s.pc, e.words[s.a].bits)
		case ins.Op == bpf.Ja:
			s.pc += int(ins.K)
		case ins.Op&bpf.ClassMask == bpf.ClassJump:
			c := e.test(ins, &s)
			if c.node > bdd.True {
				return e.fork(ins, s, c)
			}
			s.pc += offset(ins, c.node == bdd.True)
		case ins.Op&bpf.ClassMask == bpf.ClassALU:
			if stop := e.alu(ins, &s); stop {
				return e.g.Terminal(e.normalise(0))
			}
		default:
			e.move(ins, &s)
		}
		s.pc++
	}
}

func offset(ins xbpf.RawInstruction, taken bool) int {
	if taken {
		return int(ins.Jt)
	}
	return int(ins.Jf)
}

// fork follows both ways of a test.
func (e *executor) fork(ins xbpf.RawInstruction, s state, c condition) bdd.Node {
	key := e.forget(s)
	if n, ok := e.memo[key]; ok {
		return n
	}
	taken, not := s, s
	taken.pc += 1 + int(ins.Jt)
	not.pc += 1 + int(ins.Jf)
	if ins.Op&^bpf.SrcX == bpf.ClassJump|bpf.TestEq {
		e.learn(ins, &taken)
	}
	n := c.choose(e.g, e.run(taken), e.run(not))
	if err := e.g.Err(); err != nil {
		return e.fail(s.pc, err)
	}
	e.memo[key] = n
	return n
}

func (e *executor) operand(ins xbpf.RawInstruction, s *state) word {
	if ins.Op&bpf.SrcX != 0 {
		return s.x
	}
	return e.constant(ins.K)
}

// returnWord is the result of returning a computed value.
func (e *executor) returnWord(pc int, w bdd.Word) bdd.Node {
	unknown := 0
	for _, b := range w {
		if b > bdd.True {
			unknown++
		}
	}
	if unknown > maxReturnBits {
		return e.fail(pc, fmt.Errorf("%w: the returned value has %d unknown bits", bdd.ErrUndecided, unknown))
	}
	return e.returnBits(w, 0, 0)
}

func (e *executor) returnBits(w bdd.Word, i int, prefix uint32) bdd.Node {
	if i == len(w) {
		return e.g.Terminal(e.normalise(prefix))
	}
	if w[i] <= bdd.True {
		return e.returnBits(w, i+1, prefix<<1|uint32(w[i]))
	}
	return e.g.ITE(w[i], e.returnBits(w, i+1, prefix<<1|1), e.returnBits(w, i+1, prefix<<1))
}
