package bdd

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// eval follows one input: bit v of x, counted from the most significant of 64, is variable v.
func eval(g *Graph, n Node, x uint64) uint32 {
	for {
		nd := g.nodes[n]
		if nd.level == terminal {
			return uint32(nd.lo)
		}
		if x>>(63-nd.level)&1 != 0 {
			n = nd.hi
		} else {
			n = nd.lo
		}
	}
}

// table is the truth table of a function of the first eight variables: the naive form of a Node.
type table [256]uint32

func input(i int) uint64 { return uint64(i) << 56 }

func check(t *testing.T, g *Graph, n Node, want table, what string) {
	t.Helper()
	for i, w := range want {
		if got := eval(g, n, input(i)); got != w {
			t.Fatalf("%s: input %08b gives %d, want %d", what, i, got, w)
		}
	}
}

// TestOperations builds random functions together with their truth tables and expects every operation to agree, and equal tables to be equal
// nodes.
func TestOperations(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	g := New(1 << 20)
	type fn struct {
		n Node
		t table
	}
	var conds, values []fn
	for v := range 8 {
		f := fn{n: g.Var(v)}
		for i := range f.t {
			f.t[i] = uint32(i >> (7 - v) & 1)
		}
		conds = append(conds, f)
	}
	for v := range uint32(4) {
		f := fn{n: g.Terminal(v * 1000)}
		for i := range f.t {
			f.t[i] = v * 1000
		}
		values = append(values, f)
	}
	byTable := map[table]Node{}
	for range 3000 {
		c, d, e := conds[rnd.IntN(len(conds))], conds[rnd.IntN(len(conds))], conds[rnd.IntN(len(conds))]
		v, w := values[rnd.IntN(len(values))], values[rnd.IntN(len(values))]
		pick := func(f func(i int) uint32) (tb table) {
			for i := range tb {
				tb[i] = f(i)
			}
			return tb
		}
		b2u := func(b bool) uint32 {
			if b {
				return 1
			}
			return 0
		}
		newConds := []fn{
			{g.ITE(c.n, d.n, e.n), pick(func(i int) uint32 {
				if c.t[i] != 0 {
					return d.t[i]
				}
				return e.t[i]
			})},
			{g.Not(c.n), pick(func(i int) uint32 { return 1 - c.t[i] })},
			{g.And(c.n, d.n), pick(func(i int) uint32 { return c.t[i] & d.t[i] })},
			{g.Or(c.n, d.n), pick(func(i int) uint32 { return c.t[i] | d.t[i] })},
			{g.Xor(c.n, d.n), pick(func(i int) uint32 { return c.t[i] ^ d.t[i] })},
			{g.Apply(func(a, b uint32) uint32 { return b2u(a < b) }, v.n, w.n), pick(func(i int) uint32 { return b2u(v.t[i] < w.t[i]) })},
		}
		newValues := []fn{
			{g.ITE(c.n, v.n, w.n), pick(func(i int) uint32 {
				if c.t[i] != 0 {
					return v.t[i]
				}
				return w.t[i]
			})},
			{g.Map(func(v uint32) uint32 { return v/2 + 1 }, v.n), pick(func(i int) uint32 { return v.t[i]/2 + 1 })},
		}
		for _, f := range append(newConds, newValues...) {
			check(t, g, f.n, f.t, "operation")
			if n, ok := byTable[f.t]; ok && n != f.n {
				t.Fatal("equal functions are different nodes")
			}
			byTable[f.t] = f.n
		}
		conds = append(conds, newConds[rnd.IntN(len(newConds))])
		values = append(values, newValues[rnd.IntN(len(newValues))])
	}
	if g.Err() != nil {
		t.Fatal(g.Err())
	}
}

func TestIntervals(t *testing.T) {
	g := New(1 << 20)
	for lo := uint64(0); lo < 64; lo += 3 {
		for hi := uint64(0); hi < 64; hi += 3 {
			in, masked := g.Interval(1, 6, lo, hi), g.Masked(1, 6, lo, hi&lo)
			never := g.Masked(1, 6, lo, hi)
			low := g.Interval(4, 4, 3, 9) // overlaps the word and goes beyond it
			if g.IfEqual(1, 6, lo, low, g.Var(2)) != g.ITE(g.Equal(1, 6, lo), low, g.Var(2)) ||
				g.IfAtMost(1, 6, hi, low, g.Var(2)) != g.ITE(g.AtMost(1, 6, hi), low, g.Var(2)) ||
				g.IfAtMost(1, 6, hi, g.Var(0), low) != g.ITE(g.AtMost(1, 6, hi), g.Var(0), low) {
				t.Fatalf("choosing by %d and %d", lo, hi)
			}
			for i := range 256 {
				w := uint64(i) >> 1 & 63
				if got, want := eval(g, in, input(i)) != 0, lo <= w && w <= hi; got != want {
					t.Fatalf("%d in [%d,%d]: got %v", w, lo, hi, got)
				}
				if got, want := eval(g, masked, input(i)) != 0, w&lo == hi&lo; got != want {
					t.Fatalf("%d & %d == %d: got %v", w, lo, hi&lo, got)
				}
				if got, want := eval(g, never, input(i)) != 0, w&lo == hi; got != want {
					t.Fatalf("%d & %d == %d: got %v", w, lo, hi, got)
				}
			}
		}
	}
	if g.Interval(0, 64, 0, ^uint64(0)) != True || g.Interval(0, 64, 5, 4) != False || g.Equal(0, 64, 1<<63) != g.Interval(0, 64, 1<<63, 1<<63) {
		t.Error("64-bit intervals")
	}
}

func TestWords(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	g := New(1 << 22)
	corner := func() uint32 {
		return []uint32{0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, rnd.Uint32(), rnd.Uint32() & 0xff}[rnd.IntN(10)]
	}
	x := g.Input(32)
	word := func(w Word, in uint64) (v uint32) {
		for _, b := range w {
			v = v<<1 | eval(g, b, in)
		}
		return v
	}
	bit := map[bool]uint32{true: 1}
	for range 2000 {
		k, n, v := corner(), uint(rnd.IntN(32)), corner()
		kw := Constant(k)
		y := []Word{x, g.Add(x, kw), g.AndWord(x, Constant(corner())), g.Rsh(x, n)}[rnd.IntN(4)]
		in := uint64(v)
		yv := word(y, in)
		for _, c := range []struct {
			what      string
			got, want uint32
		}{
			{"input", word(x, in), v}, {"add", word(g.Add(y, kw), in), yv + k}, {"sub", word(g.Sub(y, kw), in), yv - k},
			{"rsub", word(g.Sub(kw, y), in), k - yv}, {"and", word(g.AndWord(y, kw), in), yv & k},
			{"or", word(g.OrWord(y, kw), in), yv | k}, {"xor", word(g.XorWord(y, kw), in), yv ^ k},
			{"lsh", word(g.Lsh(y, n), in), yv << n}, {"rsh", word(g.Rsh(y, n), in), yv >> n},
			{"eq", eval(g, g.EqualWords(y, kw), in), bit[yv == k]}, {"gt", eval(g, g.Greater(y, kw), in), bit[yv > k]},
			{"ge", eval(g, g.GreaterEqual(y, kw), in), bit[yv >= k]}, {"set", eval(g, g.Intersects(y, kw), in), bit[yv&k != 0]},
			{"self", eval(g, g.EqualWords(y, y), in), 1},
		} {
			if c.got != c.want {
				t.Fatalf("%s of x=%#x y=%#x k=%#x n=%d: got %#x, want %#x", c.what, v, yv, k, n, c.got, c.want)
			}
		}
		if p, err := g.Mul(y, Constant(1<<n)); err != nil || word(p, in) != yv<<n {
			t.Fatalf("mul by 1<<%d: %v", n, err)
		}
		if q, err := g.Div(y, 1<<n); err != nil || word(q, in) != yv>>n {
			t.Fatalf("div by 1<<%d: %v", n, err)
		}
	}
	if _, err := g.Mul(x, Constant(3)); !errors.Is(err, ErrUndecided) {
		t.Errorf("unknown * 3: %v", err)
	}
	if _, err := g.Div(x, 3); !errors.Is(err, ErrUndecided) {
		t.Errorf("unknown / 3: %v", err)
	}
	if p, err := g.Mul(Constant(0x80000001), Constant(6)); err != nil || p != Constant(6) {
		t.Errorf("constants: %v", err)
	}
	if g.Err() != nil {
		t.Fatal(g.Err())
	}
}

func TestWitness(t *testing.T) {
	g := New(1 << 16)
	a := g.ITE(g.Interval(0, 64, 100, 200), g.Terminal(7), g.Terminal(8))
	b := g.ITE(g.Interval(0, 64, 100, 201), g.Terminal(7), g.Terminal(8))
	w, differ := g.Witness(a, b)
	if !differ || w.Word(0, 64) != 201 {
		t.Errorf("got %d, %v; the functions differ at 201 only", w.Word(0, 64), differ)
	}
	if _, differ := g.Witness(a, a); differ {
		t.Error("a function differs from itself")
	}
}

func TestRangesAndCofactor(t *testing.T) {
	g := New(1 << 16)
	inner := g.ITE(g.Equal(32, 32, 5), g.Terminal(9), g.Terminal(3))
	f := g.ITE(g.Interval(0, 32, 10, 19), inner, g.ITE(g.Equal(0, 32, 20), g.Terminal(9), g.Terminal(3)))
	type r struct {
		lo, hi uint64
		n      Node
	}
	var got []r
	g.Ranges(f, 0, 32, func(lo, hi uint64, n Node) bool { got = append(got, r{lo, hi, n}); return true })
	want := []r{{0, 9, g.Terminal(3)}, {10, 19, inner}, {20, 20, g.Terminal(9)}, {21, 1<<32 - 1, g.Terminal(3)}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("range %d: got %v, want %v", i, got[i], want[i])
		}
		if n := g.Cofactor(f, 0, 32, want[i].hi); n != want[i].n {
			t.Errorf("cofactor at %d: %v, want %v", want[i].hi, n, want[i].n)
		}
	}
	count := 0
	g.Ranges(g.Var(63), 0, 64, func(lo, hi uint64, _ Node) bool { count++; return count < 10 })
	if count != 10 {
		t.Errorf("stopped after %d of 10 ranges", count)
	}
}

func TestSlices(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 9))
	g := New(1 << 20)
	for range 200 {
		n := g.Terminal(rnd.Uint32N(3))
		for range 1 + rnd.IntN(5) {
			n = g.ITE(g.Masked(rnd.IntN(4), 5, rnd.Uint64N(32), 0), n, g.ITE(g.Var(rnd.IntN(8)), g.Terminal(rnd.Uint32N(3)), n))
		}
		union, got, subs := False, False, map[Node]bool{}
		g.Slices(n, 0, 4, func(set, sub Node) bool {
			if first, ok := g.First(sub); sub == False || ok && first < 4 || subs[sub] || g.And(union, set) != False {
				t.Fatalf("slice %d: function %d", set, sub)
			}
			subs[sub] = true
			union, got = g.Or(union, set), g.ITE(set, sub, got)
			return true
		})
		if got != n {
			t.Fatal("the slices do not make the function")
		}
		values := map[uint32]bool{}
		for _, v := range g.Values(n) {
			if values[v] {
				t.Fatalf("value %d comes twice", v)
			}
			values[v] = true
		}
		for i := range 256 {
			if v := eval(g, n, input(i)); !values[v] {
				t.Fatalf("value %d is missing", v)
			}
		}
	}
	calls := 0
	g.Slices(g.ITE(g.Var(0), g.Terminal(5), g.Terminal(6)), 0, 1, func(_, _ Node) bool { calls++; return false })
	if calls != 1 {
		t.Errorf("%d slices after the first was refused", calls-1)
	}
}

func TestCover(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	g := New(1 << 20)
	for range 300 {
		must, may := False, False
		for range 1 + rnd.IntN(4) {
			lo := rnd.Uint64N(256)
			must = g.Or(must, g.Interval(0, 8, lo, lo+rnd.Uint64N(64)))
		}
		may = g.Or(must, g.Masked(0, 8, rnd.Uint64N(256), 0))
		cubes, ok := g.Cover(must, may, 0, 8, 100)
		if !ok {
			t.Fatal("no cover")
		}
		for i := range 256 {
			in := false
			for _, c := range cubes {
				in = in || uint64(i)&c.Mask == c.Value
			}
			if !in && eval(g, must, input(i)) != 0 || in && eval(g, may, input(i)) == 0 {
				t.Fatalf("%d: covered %v, must %d, may %d", i, in, eval(g, must, input(i)), eval(g, may, input(i)))
			}
		}
	}
	if _, ok := g.Cover(g.Interval(0, 64, 1, 1<<63), g.Interval(0, 64, 1, 1<<63), 0, 64, 5); ok {
		t.Error("an interval that needs more than five cubes was covered with five")
	}
}

func TestLimit(t *testing.T) {
	g := New(5000)
	// Equality of two unknown words has no small diagram in this order of variables.
	g.EqualWords(g.Input(0), g.Input(32))
	var le *LimitError
	if !errors.As(g.Err(), &le) || le.Nodes != 5000 {
		t.Fatalf("got %v", g.Err())
	}
	if g.Len() > 5000 {
		t.Errorf("%d nodes", g.Len())
	}
}

func BenchmarkComparisons(b *testing.B) {
	for b.Loop() {
		g := New(1 << 20)
		w := g.Input(0)
		n := g.Terminal(1)
		for k := range uint32(300) {
			n = g.ITE(g.EqualWords(w, Constant(3*k)), g.Terminal(k&1+5), n)
		}
	}
}
