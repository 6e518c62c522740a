package dfa

// MaxPairs bounds the product of automata.
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

type triple [3]State

type walk struct {
	in    *DFA // inputs considered; nil for all
	seen  map[triple]struct{}
	queue []triple
	from  []int32
	by    []byte
	bytes []byte // one byte for each joint class
}

// Walk visits every reachable pair of states of a and b once, starting at sa and sb, shortest inputs first. It stops
// when visit returns false. Pairs that are dead on both sides are not visited.
//
// Everything that is asked about two automata (equal? contained? what differs?) is a walk with a question.
func Walk(a *DFA, sa State, b *DFA, sb State, visit func(p Pair) bool) error {
	return WalkIn(nil, a, sa, b, sb, visit)
}

// WalkIn is Walk restricted to the inputs that in, from its start state, has a label for; it visits a pair once for each
// state of in that allows it. A nil in has every input.
func WalkIn(in, a *DFA, sa State, b *DFA, sb State, visit func(p Pair) bool) error {
	w := &walk{in: in, seen: make(map[triple]struct{}, 1024), bytes: jointClasses(a, b, in)}
	w.push(triple{sa, sb, Start}, -1, 0)
	for i := 0; i < len(w.queue); i++ {
		t := w.queue[i]
		if (in == nil || in.Label(t[2]) != 0) && !visit(Pair{t[0], t[1], w, int32(i)}) {
			return nil
		}
		for _, c := range w.bytes {
			u := triple{a.Step(t[0], c), b.Step(t[1], c), Start}
			if in != nil {
				u[2] = in.Step(t[2], c)
			}
			w.push(u, int32(i), c)
		}
		if len(w.queue) > MaxPairs {
			return &LimitError{What: "pairs", Limit: MaxPairs}
		}
	}
	return nil
}

func (w *walk) push(t triple, from int32, c byte) {
	if t[0] == Dead && t[1] == Dead || w.in != nil && t[2] == Dead {
		return
	}
	if _, ok := w.seen[t]; ok {
		return
	}
	w.seen[t] = struct{}{}
	w.queue = append(w.queue, t)
	w.from = append(w.from, from)
	w.by = append(w.by, c)
}

// jointClasses returns one byte for each class that no automaton splits, readable ones first. A nil automaton splits none.
func jointClasses(ds ...*DFA) []byte {
	var out []byte
	seen := map[[3]uint8]bool{}
	for _, c := range readable() {
		var k [3]uint8
		for i, d := range ds {
			if d != nil {
				k[i] = d.class[c]
			}
		}
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
