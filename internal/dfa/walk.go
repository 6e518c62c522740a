package dfa

// MaxPairs bounds the product of two automata.
const MaxPairs = 1 << 23

// Pair is a state of the product of two automata, with the way it was reached.
type Pair struct {
	A, B State
	w    *walk
	id   int32
}

// Path returns a shortest input that leads to the pair, in readable bytes where there is a choice.
func (p Pair) Path() []byte {
	n := 0
	for i := p.id; p.w.from[i] >= 0; i = p.w.from[i] {
		n++
	}
	out := make([]byte, n)
	for i := p.id; n > 0; i = p.w.from[i] {
		n--
		out[n] = p.w.by[i]
	}
	return out
}

type walk struct {
	seen  map[uint64]struct{}
	a, b  []State
	from  []int32
	by    []byte
	bytes []byte // one byte for each joint class
}

// Walk visits every reachable pair of states of a and b once, starting at sa and sb, shortest inputs first. It stops
// when visit returns false. Pairs that are dead on both sides are not visited.
//
// Everything that is asked about two automata (equal? contained? what differs?) is a walk with a question.
func Walk(a *DFA, sa State, b *DFA, sb State, visit func(p Pair) bool) error {
	w := &walk{seen: make(map[uint64]struct{}, 1024), bytes: jointClasses(a, b)}
	w.push(sa, sb, -1, 0)
	for i := 0; i < len(w.a); i++ {
		x, y := w.a[i], w.b[i]
		if !visit(Pair{x, y, w, int32(i)}) {
			return nil
		}
		for _, c := range w.bytes {
			w.push(a.Step(x, c), b.Step(y, c), int32(i), c)
		}
		if len(w.a) > MaxPairs {
			return &LimitError{What: "pairs", Limit: MaxPairs}
		}
	}
	return nil
}

func (w *walk) push(x, y State, from int32, c byte) {
	if x == Dead && y == Dead {
		return
	}
	key := uint64(uint32(x))<<32 | uint64(uint32(y))
	if _, ok := w.seen[key]; ok {
		return
	}
	w.seen[key] = struct{}{}
	w.a = append(w.a, x)
	w.b = append(w.b, y)
	w.from = append(w.from, from)
	w.by = append(w.by, c)
}

// jointClasses returns one byte for each class that neither automaton splits, readable ones first.
func jointClasses(a, b *DFA) []byte {
	var out []byte
	seen := map[[2]uint8]bool{}
	for _, c := range readable() {
		k := [2]uint8{a.class[c], b.class[c]}
		if !seen[k] {
			seen[k] = true
			out = append(out, c)
		}
	}
	return out
}

// Shortest returns a shortest input from s whose state's label satisfies want, and false if there is none.
func Shortest(d *DFA, s State, want func(label int32) bool) ([]byte, bool) {
	var path []byte
	found := false
	err := Walk(d, s, d, s, func(p Pair) bool {
		if want(d.Label(p.A)) {
			path, found = p.Path(), true
		}
		return !found
	})
	return path, found && err == nil
}
