package seccomp

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/syscalls"
)

// A body is a rule without its names.
type body struct {
	action Action
	args   []Arg
}

// A ruleWriter collects the bodies that each name needs in each ABI, and joins them into rules.
type ruleWriter struct {
	s     *synthesis
	style muxStyle
	index map[string]int // in names
	names []nameRules
	memo  map[memoKey][]body
}

type memoKey struct {
	part    *combination
	n       bdd.Node
	implied bool
}

// nameRules are the rules for one name: one group for all the ABIs that need the same ones.
type nameRules struct {
	name   string
	groups []abiGroup
}

type abiGroup struct {
	arches []Arch
	bits   int // of the ABI whose conditions bodies are
	bodies []body
}

// abi collects the bodies of an ABI's calls.
func (w *ruleWriter) abi(arch Arch, newer *Newer) error {
	im := w.s.implicit(arch, newer)
	part := w.s.part(arch)
	for nr, name := range syscalls.All(arch.abi()) {
		n := atNumber(part.g, part.n, arch, nr)
		bodies, err := w.bodies(part, n, &im, nr, name)
		if err != nil {
			return err
		}
		w.add(name, arch, bodies)
	}
	return nil
}

// bodies returns the bodies for one call.
func (w *ruleWriter) bodies(part *combination, n bdd.Node, im *implicit, nr uint32, name string) ([]body, error) {
	action, constant := part.g.Value(n)
	switch {
	case constant && Action(action) == im.action(nr, name) && !im.mustName(nr):
		return nil, nil
	case constant:
		return []body{{Action(action), nil}}, nil
	case w.style == muxImplied && (name == "socketcall" || name == "ipc") && im.arch.multiplexes():
		return nil, nil
	}
	implied := w.style == muxImplied && w.multiplexed(name)
	key := memoKey{part, n, implied}
	if list, ok := w.memo[key]; ok {
		return list, nil
	}
	list, ok := part.reuse(im, nr, n)
	if !ok {
		list, ok = spellFunction(part.g, n, im.def, implied)
	}
	if !ok {
		wit, _ := part.g.Witness(n, part.g.Terminal(uint32(im.def)))
		call := callOf(wit, im.arch, nr)
		return nil, &InexpressibleError{call, value(part.g, part.n, call, im.arch.AuditArch()),
			fmt.Sprintf("its arguments take more than %d rules", maxAlternatives)}
	}
	w.memo[key] = list
	return list, nil
}

// reuse returns the branches of one of the profiles as rules, if the call's function is that profile's and nothing else in the model
// would change their meaning.
func (c *combination) reuse(im *implicit, nr uint32, n bdd.Node) ([]body, bool) {
	for _, from := range []struct {
		d *diagram
		f bdd.Node
	}{{c.da, c.a}, {c.db, c.b}} {
		if s := from.d.space(im.arch.AuditArch()); s != nil && atNumber(c.g, from.f, im.arch, nr) == n {
			if list, ok := s.find(nr).bodies(im.def); ok {
				return list, true
			}
		}
	}
	return nil, false
}

// bodies returns the disposition as rules over a default. That is not possible where equally restrictive actions with different data
// depend on an order, or where what happens without a branch would need a rule more restrictive than a branch.
func (d *disposition) bodies(def Action) (out []body, ok bool) {
	last := d.otherwise.action
	for i, b := range d.branches {
		if i > 0 && sameKind(b.action, d.branches[i-1].action) || sameKind(b.action, last) || last != def && b.action.Kind() > last.Kind() {
			return nil, false
		}
		out = append(out, body{b.action, b.args})
	}
	if last != def {
		out = append(out, body{last, nil})
	}
	return out, true
}

// sameKind reports whether two actions differ in their data only.
func sameKind(a, b Action) bool { return a != b && a.Kind() == b.Kind() }

// spellFunction writes a function of the arguments as rules, of which the most restrictive that holds wins, over a default. Of the two ways,
// leaving calls to the default or taking them from a less restrictive rule with one for the default's own action, it takes the
// shorter; with keep the first, so that no rule without conditions comes of conditional ones.
func spellFunction(g *bdd.Graph, n bdd.Node, def Action, keep bool) ([]body, bool) {
	left, okLeft := spellActions(g, n, def, false)
	if keep && okLeft {
		return left, true
	}
	taken, okTaken := spellActions(g, n, def, true)
	if okTaken && (!okLeft || bodyCost(taken) < bodyCost(left)) {
		return taken, true
	}
	return left, okLeft
}

func bodyCost(list []body) int {
	total := 0
	for _, b := range list {
		total += 4 + len(b.args)
	}
	return total
}

func spellActions(g *bdd.Graph, n bdd.Node, def Action, coverDefault bool) (out []body, ok bool) {
	values := g.Values(n)
	slices.Sort(values)
	for _, v := range values {
		action := Action(v)
		if action == def && !coverDefault {
			continue
		}
		must := g.Map(indicator(func(a Action) bool { return a == action }), n)
		may := g.Map(indicator(func(a Action) bool {
			return a == action || a.Kind() < action.Kind() && (a != def || coverDefault)
		}), n)
		list, ok := conditions(g, must, may)
		if !ok || len(out)+len(list) > maxAlternatives {
			return nil, false
		}
		for _, args := range list {
			out = append(out, body{action, args})
		}
	}
	return out, true
}

func indicator(f func(Action) bool) func(uint32) uint32 {
	return func(v uint32) uint32 {
		if f(Action(v)) {
			return 1
		}
		return 0
	}
}

// add notes the bodies of a name in an ABI, with those of another ABI if they are the same.
func (w *ruleWriter) add(name string, arch Arch, bodies []body) {
	i, ok := w.index[name]
	if !ok {
		i = len(w.names)
		w.index[name] = i
		w.names = append(w.names, nameRules{name: name})
	}
	r := &w.names[i]
	for j := range r.groups {
		group := &r.groups[j]
		wide, narrow := group.bodies, bodies
		if group.bits < arch.Bits() {
			wide, narrow = bodies, group.bodies
		}
		if sameBodies(wide, narrow, min(group.bits, arch.Bits())) {
			group.arches, group.bodies, group.bits = append(group.arches, arch), wide, max(group.bits, arch.Bits())
			return
		}
	}
	r.groups = append(r.groups, abiGroup{[]Arch{arch}, arch.Bits(), bodies})
}

// sameBodies reports whether two ABIs' conditions are the same under the narrower of their argument widths.
func sameBodies(wide, narrow []body, bits int) bool {
	return slices.EqualFunc(wide, narrow, func(a, b body) bool {
		x, _ := normalise(a.args, bits)
		y, _ := normalise(b.args, bits)
		return a.action == b.action && slices.Equal(x, y)
	})
}

// rules joins names with the same bodies.
func (w *ruleWriter) rules() []Rule {
	var out []Rule
	index := map[string]int{}
	for _, r := range w.names {
		for _, group := range r.groups {
			var arches []Arch
			if len(r.groups) > 1 {
				arches = group.arches
			}
			for _, b := range group.bodies {
				direct := w.style == muxDirect && w.multiplexed(r.name)
				key := fmt.Sprint(b, arches, direct)
				i, ok := index[key]
				if !ok {
					i, index[key] = len(out), len(out)
					out = append(out, Rule{Action: b.action, Args: b.args, Arches: arches, Direct: direct})
				}
				out[i].Names = append(out[i].Names, r.name)
			}
		}
	}
	for i := range out {
		slices.Sort(out[i].Names)
	}
	slices.SortStableFunc(out, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(min(len(a.Args), 1), min(len(b.Args), 1)), -cmp.Compare(a.Action, b.Action), cmp.Compare(a.Names[0], b.Names[0]))
	})
	return out
}

// multiplexed reports whether a call can be made through socketcall or ipc in one of the ABIs.
func (w *ruleWriter) multiplexed(name string) bool {
	return slices.ContainsFunc(w.s.abis, func(a Arch) bool {
		_, ok := syscalls.Multiplexed(a.abi(), name)
		return ok
	})
}
