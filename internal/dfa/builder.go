package dfa

import "strconv"

// Limits bounds a construction. A zero field means its default.
type Limits struct {
	Nodes  int   // nodes of the nondeterministic automaton; default DefaultNodes
	States int   // states of the deterministic automaton; default DefaultStates
	Memory int   // bytes of the deterministic automaton; building it takes up to three times as much; default DefaultMemory
	Work   int64 // steps of the subset construction, a few nanoseconds each; default DefaultWork
}

// Default limits. The profiles of a distribution need less than a hundredth of each.
const (
	DefaultNodes  = 1 << 21
	DefaultStates = 1 << 19
	DefaultMemory = 128 << 20
	DefaultWork   = 1<<31 - 1 // the largest int of 32-bit systems
)

func (l Limits) withDefaults() Limits {
	for _, f := range [...]struct {
		field *int
		def   int
	}{{&l.Nodes, DefaultNodes}, {&l.States, DefaultStates}, {&l.Memory, DefaultMemory}} {
		if *f.field == 0 {
			*f.field = f.def
		}
	}
	if l.Work == 0 {
		l.Work = DefaultWork
	}
	return l
}

// Builder collects rules into one nondeterministic automaton. Rules are inserted as into a trie: what two rules have
// in common at their start is stored, and later determinised, once.
type Builder struct {
	limits Limits
	nodes  []node
	trie   map[trieKey]int32 // (node, atom) -> node
	atoms  map[string]int32  // text of an alternation or repetition -> atom
	sets   map[Set]int32     // class -> index in setList
	list   []Set
	full   bool
}

// SetLimits replaces the limits for what is done from now on.
func (b *Builder) SetLimits(limits Limits) { b.limits = limits.withDefaults() }

// node is a state of the nondeterministic automaton.
type node struct {
	lit   []litEdge
	wide  []wideEdge
	eps   []int32
	rules []int32 // rules that match when the input ends here
}

type litEdge struct {
	b  byte
	to int32
}

type wideEdge struct {
	set int32 // index in Builder.list
	to  int32
}

// trieKey identifies a step from a node. Atoms below 256 are bytes, negative ones classes (^index), the rest are
// alternations and repetitions.
type trieKey struct {
	from, atom int32
}

// NewBuilder returns an empty builder.
func NewBuilder(limits Limits) *Builder {
	return &Builder{
		limits: limits.withDefaults(),
		nodes:  make([]node, 1, 256),
		trie:   make(map[trieKey]int32, 256),
		atoms:  make(map[string]int32),
		sets:   make(map[Set]int32),
	}
}

// Add makes the rule match what e matches. Rule numbers are the caller's; adding the same number again widens the rule.
func (b *Builder) Add(e *Expr, rule int32) error {
	end := b.insert(0, e)
	if b.full {
		return &LimitError{What: "nodes", Limit: int64(b.limits.Nodes)}
	}
	n := &b.nodes[end]
	for _, r := range n.rules {
		if r == rule {
			return nil
		}
	}
	n.rules = append(n.rules, rule)
	return nil
}

func (b *Builder) newNode() int32 {
	if len(b.nodes) >= b.limits.Nodes {
		b.full = true
		return 0
	}
	b.nodes = append(b.nodes, node{})
	return int32(len(b.nodes) - 1)
}

func (b *Builder) addEps(from, to int32) {
	if from != to {
		b.nodes[from].eps = append(b.nodes[from].eps, to)
	}
}

// insert adds e after node from and returns the node where it ends.
func (b *Builder) insert(from int32, e *Expr) int32 {
	if b.full {
		return 0
	}
	switch e.op {
	case opLit:
		for i := 0; i < len(e.lit); i++ {
			from = b.step(from, e.lit[i])
		}
	case opSet:
		from = b.stepSet(from, b.setID(e.set))
	case opCat:
		for _, s := range e.sub {
			from = b.insert(from, s)
		}
	case opAlt:
		from = b.alternate(from, e)
	case opStar:
		from = b.repeat(from, e)
	case opPlus:
		from = b.repeat(b.insert(from, e.sub[0]), e)
	}
	return from
}

func (b *Builder) step(from int32, c byte) int32 {
	k := trieKey{from, int32(c)}
	to, ok := b.trie[k]
	if !ok {
		to = b.newNode()
		b.trie[k] = to
		b.nodes[from].lit = append(b.nodes[from].lit, litEdge{c, to})
	}
	return to
}

func (b *Builder) stepSet(from, set int32) int32 {
	k := trieKey{from, ^set}
	to, ok := b.trie[k]
	if !ok {
		to = b.newNode()
		b.trie[k] = to
		b.nodes[from].wide = append(b.nodes[from].wide, wideEdge{set, to})
	}
	return to
}

func (b *Builder) setID(s Set) int32 {
	id, ok := b.sets[s]
	if !ok {
		id = int32(len(b.list))
		b.sets[s] = id
		b.list = append(b.list, s)
	}
	return id
}

// atom numbers an alternation or a repetition by its text: equal text, equal meaning.
func (b *Builder) atom(e *Expr) int32 {
	key := strconv.Itoa(int(e.op)) + e.key
	id, ok := b.atoms[key]
	if !ok {
		id = int32(256 + len(b.atoms))
		b.atoms[key] = id
	}
	return id
}

// alternate adds an alternation. Its alternatives start at a node of their own, so that what follows the alternation
// elsewhere never mixes with them, and meet in one node.
func (b *Builder) alternate(from int32, e *Expr) int32 {
	k := trieKey{from, b.atom(e)}
	if to, ok := b.trie[k]; ok {
		return to
	}
	start, join := b.newNode(), b.newNode()
	if b.full {
		return 0
	}
	b.trie[k] = join
	b.addEps(from, start)
	for _, s := range e.sub {
		b.addEps(b.insert(start, s), join)
	}
	return join
}

// repeat adds a loop over e.sub[0]. The body hangs off a node of its own; only its end leads back.
func (b *Builder) repeat(from int32, e *Expr) int32 {
	k := trieKey{from, b.atom(&Expr{op: opStar, key: e.key})}
	if to, ok := b.trie[k]; ok {
		return to
	}
	loop := b.newNode()
	if b.full {
		return 0
	}
	b.trie[k] = loop
	b.addEps(from, loop)
	body := e.sub[0]
	if body.op == opSet {
		b.nodes[loop].wide = append(b.nodes[loop].wide, wideEdge{b.setID(body.set), loop})
		return loop
	}
	start := b.newNode()
	if b.full {
		return 0
	}
	b.addEps(loop, start)
	b.addEps(b.insert(start, body), loop)
	return loop
}
