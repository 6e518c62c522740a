package bdd

import "errors"

// ErrUndecided says that an operation on words is outside what a Graph represents. It is the answer for products and quotients of words that are
// not known: their diagrams are exponentially large.
var ErrUndecided = errors.New("product or quotient of unknown words")

// Word is a 32-bit word that depends on the input: one condition per bit, most significant first. Words are comparable, and equal ones are the
// same function.
type Word [32]Node

// Input returns the word made of the variables first to first+31.
func (g *Graph) Input(first int) Word {
	var w Word
	for i := range w {
		w[i] = g.Var(first + i)
	}
	return w
}

// Constant returns the word k.
func Constant(k uint32) Word {
	var w Word
	for i := range w {
		w[i] = Node(k >> (31 - i) & 1)
	}
	return w
}

// Constant returns the value of a word that does not depend on the input, and false for any other.
func (w *Word) Constant() (k uint32, ok bool) {
	for _, b := range w {
		if b > True {
			return 0, false
		}
		k = k<<1 | uint32(b)
	}
	return k, true
}

// AndWord, OrWord and XorWord combine words bit by bit.
func (g *Graph) AndWord(a, b Word) Word { return zip(a, b, g.And) }
func (g *Graph) OrWord(a, b Word) Word  { return zip(a, b, g.Or) }
func (g *Graph) XorWord(a, b Word) Word { return zip(a, b, g.Xor) }

func zip(a, b Word, op func(a, b Node) Node) Word {
	for i := range a {
		a[i] = op(a[i], b[i])
	}
	return a
}

// Add returns a + b modulo 2^32.
func (g *Graph) Add(a, b Word) Word { return g.addCarry(a, b, False) }

// Sub returns a - b modulo 2^32.
func (g *Graph) Sub(a, b Word) Word {
	for i := range b {
		b[i] = g.Not(b[i])
	}
	return g.addCarry(a, b, True)
}

func (g *Graph) addCarry(a, b Word, carry Node) Word {
	for i := len(a) - 1; i >= 0; i-- {
		half := g.Xor(a[i], b[i])
		next := g.ITE(half, carry, a[i])
		a[i] = g.Xor(half, carry)
		carry = next
	}
	return a
}

// Lsh and Rsh shift by a constant below 32.
func (g *Graph) Lsh(a Word, n uint) Word {
	var w Word
	copy(w[:], a[n:])
	return w
}

func (g *Graph) Rsh(a Word, n uint) Word {
	var w Word
	copy(w[n:], a[:])
	return w
}

// Mul returns a * b modulo 2^32, or ErrUndecided unless one is a power of two or both are constant.
func (g *Graph) Mul(a, b Word) (Word, error) {
	ka, constA := a.Constant()
	kb, constB := b.Constant()
	switch {
	case constA && constB:
		return Constant(ka * kb), nil
	case constA:
		return g.Mul(b, a)
	case constB && kb == 0:
		return Word{}, nil
	case constB && kb&(kb-1) == 0:
		return g.Lsh(a, log2(kb)), nil
	}
	return Word{}, ErrUndecided
}

// Div returns a / k for a nonzero k, or ErrUndecided unless k is a power of two or a is constant.
func (g *Graph) Div(a Word, k uint32) (Word, error) {
	if ka, ok := a.Constant(); ok {
		return Constant(ka / k), nil
	}
	if k&(k-1) == 0 {
		return g.Rsh(a, log2(k)), nil
	}
	return Word{}, ErrUndecided
}

func log2(k uint32) uint {
	n := uint(0)
	for ; k > 1; k >>= 1 {
		n++
	}
	return n
}

// EqualWords returns the condition a == b.
func (g *Graph) EqualWords(a, b Word) Node {
	n := True
	for i := len(a) - 1; i >= 0; i-- {
		n = g.And(g.Not(g.Xor(a[i], b[i])), n)
	}
	return n
}

// Greater returns the condition a > b, unsigned.
func (g *Graph) Greater(a, b Word) Node { return g.compare(a, b, False) }

// GreaterEqual returns the condition a >= b, unsigned.
func (g *Graph) GreaterEqual(a, b Word) Node { return g.compare(a, b, True) }

func (g *Graph) compare(a, b Word, ifEqual Node) Node {
	n := ifEqual
	for i := len(a) - 1; i >= 0; i-- {
		n = g.ITE(a[i], g.ITE(b[i], n, True), g.ITE(b[i], False, n))
	}
	return n
}

// Intersects returns the condition a & b != 0.
func (g *Graph) Intersects(a, b Word) Node {
	n := False
	for i := len(a) - 1; i >= 0; i-- {
		n = g.Or(g.And(a[i], b[i]), n)
	}
	return n
}
