package oci

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

// members returns the calls a rule is about, sets taken apart, with the conditions and ABIs of each.
func members(r seccomp.Rule) []seccomp.Member {
	var out []seccomp.Member
	for _, name := range r.Names {
		ms, _ := seccomp.Set(name).Members()
		for _, m := range ms {
			m.Args = slices.Concat(r.Args, m.Args)
			out = append(out, m)
		}
	}
	return out
}

// newerNames returns the calls that reached an ABI after a release.
func newerNames(arch seccomp.Arch, since seccomp.KernelVersion) []string {
	var out []string
	for _, name := range syscalls.All(syscalls.ABI(arch)) {
		major, minor, ok := syscalls.Introduced(syscalls.ABI(arch), name)
		if ok && since.Less(seccomp.KernelVersion{Major: major, Minor: minor}) {
			out = append(out, name)
		}
	}
	return out
}

// A clause is what one rule says about one call.
type clause struct {
	action seccomp.Action
	args   []seccomp.Arg
	arches []seccomp.Arch // nil: all
}

// A builder writes the document of a profile call by call, from what the rules say on the first listed ABI that has the call. Whether
// that is right on the others is for the proof to find out.
type builder struct {
	p       *seccomp.Profile
	names   []string // in order of appearance
	clauses map[string][]clause
}

func newBuilder(p *seccomp.Profile) *builder {
	b := &builder{p: p, clauses: make(map[string][]clause)}
	for _, r := range p.Rules {
		for _, m := range members(r) {
			c := clause{r.Action, m.Args, both(r.Arches, m.Arches)}
			for _, name := range m.Names {
				if b.clauses[name] == nil {
					b.names = append(b.names, name)
				}
				b.clauses[name] = append(b.clauses[name], c)
			}
		}
	}
	return b
}

// both returns the ABIs of two lists of which nil means all, and an empty one none.
func both(a, b []seccomp.Arch) []seccomp.Arch {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := []seccomp.Arch{} // not nil even when empty: no ABI at all
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// on returns the listed ABI that speaks for a call: the first that has it, those with 64-bit arguments before others.
func (b *builder) on(name string) (seccomp.Arch, bool) {
	found, ok := seccomp.Arch(0), false
	for _, a := range b.p.Arches {
		if _, has := a.Number(name); has && (!ok || halves(found) && !halves(a)) {
			found, ok = a, true
		}
	}
	return found, ok
}

// document writes the document. Calls with the same rules share them.
func (b *builder) document() (*specs.LinuxSeccomp, error) {
	s := &specs.LinuxSeccomp{Syscalls: []specs.LinuxSyscall{}}
	s.DefaultAction, s.DefaultErrnoRet = word(b.p.Default)
	for _, a := range b.p.Arches {
		s.Architectures = append(s.Architectures, specs.Arch(a.SCMP()))
	}
	var groups [][]specs.LinuxSyscall
	index := make(map[string]int)
	for _, name := range b.names {
		rules, err := b.call(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(rules) == 0 {
			continue
		}
		key := fmt.Sprint(rules)
		for i := range rules { // numbers are pointers: they do not tell rules apart
			key += fmt.Sprint(" ", errnoOf(rules[i].ErrnoRet))
		}
		at, ok := index[key]
		if !ok {
			at = len(groups)
			index[key] = at
			groups = append(groups, rules)
		}
		for i := range groups[at] {
			groups[at][i].Names = append(groups[at][i].Names, name)
		}
	}
	s.Syscalls = append(s.Syscalls, slices.Concat(groups...)...)
	return s, nil
}

func errnoOf(n *uint) int {
	if n == nil {
		return -1
	}
	return int(*n)
}

// call returns the rules for a call, without names.
func (b *builder) call(name string) ([]specs.LinuxSyscall, error) {
	arch, ok := b.on(name)
	if !ok {
		return nil, nil
	}
	width := 64
	if halves(arch) {
		width = 32
	}
	var clauses []clause
	for _, c := range b.clauses[name] {
		if c.arches == nil || slices.Contains(c.arches, arch) {
			clauses = append(clauses, c)
		}
	}
	if out, ok := b.plain(clauses, width); ok {
		return out, nil
	}
	return b.flatten(clauses, width)
}

// plain returns the rules as they are if they all have one action that is not the default: then they are alternatives, in a document
// as in a profile.
func (b *builder) plain(clauses []clause, width int) ([]specs.LinuxSyscall, bool) {
	if slices.ContainsFunc(clauses, func(c clause) bool { return c.action != clauses[0].action || c.action == b.p.Default }) {
		return nil, false
	}
	var out []specs.LinuxSyscall
	for _, c := range clauses {
		if len(c.args) == 0 {
			return []specs.LinuxSyscall{b.rule(c.action, nil)}, true
		}
		used := [seccomp.MaxArgs]bool{}
		for _, a := range c.args {
			if used[a.Index] || a.Width == seccomp.Width32 && width == 64 {
				return nil, false
			}
			used[a.Index] = true
		}
		out = append(out, b.rule(c.action, c.args))
	}
	return out, len(out) > 0
}

// flatten takes the more restrictive rules away from the less restrictive ones, so that no two overlap, and leaves out what has
// the default's action. A call with nothing left is still named, because runc counts names.
func (b *builder) flatten(clauses []clause, width int) ([]specs.LinuxSyscall, error) {
	sorted := slices.Clone(clauses)
	slices.SortStableFunc(sorted, func(x, y clause) int { return cmp.Compare(x.action.Kind(), y.action.Kind()) })
	var out []specs.LinuxSyscall
	var taken []term
	for _, c := range sorted {
		terms, err := conjunction(c.args, width)
		if err != nil {
			return nil, err
		}
		rest, err := minus(terms, taken)
		if err != nil {
			return nil, err
		}
		if c.action != b.p.Default {
			for _, t := range rest {
				rules, err := b.terms(c.action, t)
				if err != nil {
					return nil, err
				}
				out = append(out, rules...)
			}
		}
		if taken = append(taken, terms...); len(taken) > maxTerms || len(out) > maxTerms {
			return nil, errTooMany
		}
	}
	if len(out) == 0 {
		out = append(out, b.rule(b.p.Default, nil))
	}
	return out, nil
}

// terms writes a conjunction as rules: intervals with two ends become blocks.
func (b *builder) terms(action seccomp.Action, t term) ([]specs.LinuxSyscall, error) {
	alternatives := [][]seccomp.Arg{{}}
	for i := range t.sets {
		if !t.has[i] {
			continue
		}
		var next [][]seccomp.Arg
		for _, s := range t.sets[i].comparisons() {
			s.Index = uint(i)
			for _, args := range alternatives {
				next = append(next, append(slices.Clone(args), s))
			}
		}
		if alternatives = next; len(next) > maxTerms {
			return nil, errTooMany
		}
	}
	out := make([]specs.LinuxSyscall, len(alternatives))
	for i, args := range alternatives {
		out[i] = b.rule(action, args)
	}
	return out, nil
}

// comparisons returns a set as a union of single comparisons.
func (s set) comparisons() []seccomp.Arg {
	switch {
	case s.op != seccomp.LE:
		return []seccomp.Arg{{Op: s.op, Value: s.lo, Mask: s.mask}}
	case s.lo == 0:
		return []seccomp.Arg{{Op: seccomp.LE, Value: s.hi}}
	case s.hi == 1<<64-1:
		return []seccomp.Arg{{Op: seccomp.GE, Value: s.lo}}
	}
	var out []seccomp.Arg
	for _, c := range s.cubes() {
		out = append(out, c.comparisons()...)
	}
	return out
}

// rule writes one rule without names.
func (b *builder) rule(action seccomp.Action, args []seccomp.Arg) specs.LinuxSyscall {
	var c specs.LinuxSyscall
	c.Action, c.ErrnoRet = word(action)
	for _, a := range args {
		arg := specs.LinuxSeccompArg{Index: a.Index, Op: scmp.OpWord(a.Op), Value: a.Value}
		if a.Op == seccomp.MaskedEQ {
			arg.Value, arg.ValueTwo = a.Mask, a.Value
		}
		c.Args = append(c.Args, arg)
	}
	return c
}

// word returns an action's word and number.
func word(a seccomp.Action) (specs.LinuxSeccompAction, *uint) {
	if a.IsErrno() || a.Kind() == seccomp.Trace {
		n := uint(a.Data())
		return scmp.ActionWord(a), &n
	}
	return scmp.ActionWord(a), nil
}
