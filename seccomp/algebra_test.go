package seccomp

import (
	"errors"
	"slices"
	"testing"
)

// answers asks the oracle about a corner under both profiles.
type answers struct {
	g      generator
	a, b   *Profile
	target Arch
	calls  []corner
	asked  map[Arch][2]*oracle
}

// pairOf returns two random profiles of one machine that often agree, and calls at the corners of both.
func pairOf(g generator) *answers {
	a, target := g.profile()
	b, _ := g.profile()
	for b.Arches != nil && (a.Arches == nil || b.Arches[0].Primary() != target.Primary()) || b.Arches == nil && a.Arches != nil {
		b, _ = g.profile()
	}
	if g.IntN(2) == 0 { // a variation of a
		rules := b.Rules
		*b = *a
		b.Rules = slices.Clone(a.Rules)
		if len(rules) > 0 {
			b.Rules = append(b.Rules, rules[0])
		}
		if g.IntN(3) == 0 {
			b.Default = g.action()
		}
	}
	for i := range b.Rules {
		b.Rules[i].Arches = slices.DeleteFunc(slices.Clone(b.Rules[i].Arches), func(x Arch) bool { return b.Arches != nil && !slices.Contains(b.Arches, x) })
		if len(b.Rules[i].Arches) == 0 {
			b.Rules[i].Arches = nil
		}
	}
	both := &Profile{Rules: slices.Concat(a.Rules, b.Rules)}
	return &answers{g, a, b, target, g.corners(both, target, 1), map[Arch][2]*oracle{}}
}

// oracles returns the oracles of both profiles for a kernel.
func (x *answers) oracles(target Arch) (a, b *oracle) {
	o, ok := x.asked[target]
	if !ok {
		o = [2]*oracle{newOracle(x.a, target), newOracle(x.b, target)}
		x.asked[target] = o
	}
	return o[0], o[1]
}

// each calls f with both answers for every corner.
func (x *answers) each(f func(c corner, a, b Action)) {
	a, b := x.oracles(x.target)
	for _, c := range x.calls {
		f(c, a.action(c.audit, c.nr, c.args), b.action(c.audit, c.nr, c.args))
	}
}

func (x *answers) witness(t *testing.T, d *Difference) {
	t.Helper()
	target := x.target
	if x.a.Arches == nil && d.Call.Arch != 0 {
		target = d.Call.Arch
	}
	oa, ob := x.oracles(target)
	a, b := oa.action(d.AuditArch, d.Call.Nr, d.Call.Args), ob.action(d.AuditArch, d.Call.Nr, d.Call.Args)
	foreign := d.A == x.a.Foreign && d.B == x.b.Foreign // of another kernel, when each ABI is compared by itself
	if (a != d.A || b != d.B) && !foreign {
		t.Fatalf("%v, but the oracle says %v and %v\n%+v\n%+v", d, a, b, x.a, x.b)
	}
}

func TestEqualAndSubset(t *testing.T) {
	equal, subsets := 0, 0
	for seed := range uint64(150) {
		isEqual, isSubset := checkOrder(t, pairOf(newGenerator(20000+seed)))
		if isEqual {
			equal++
		}
		if isSubset {
			subsets++
		}
	}
	t.Logf("%d equal, %d subsets of 150", equal, subsets)
	if equal < 5 || subsets < 10 {
		t.Error("too few to mean anything")
	}
}

// checkOrder compares Equal and Subset with the oracle, and their witnesses.
func checkOrder(t *testing.T, x *answers) (equal, subset bool) {
	t.Helper()
	d, err := Equal(x.a, x.b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Subset(x.a, x.b)
	if err != nil {
		t.Fatal(err)
	}
	if d != nil {
		x.witness(t, d)
		if d.A == d.B {
			t.Fatalf("%v is no difference", d)
		}
	}
	if s != nil {
		x.witness(t, s)
		if s.A.Kind() <= s.B.Kind() {
			t.Fatalf("%v is not less restrictive", s)
		}
	}
	x.each(func(c corner, a, b Action) {
		if d == nil && a != b || s == nil && a.Kind() > b.Kind() {
			t.Fatalf("%#x: %v and %v, but equal %v, subset %v\n%+v\n%+v", c, a, b, d == nil, s == nil, x.a, x.b)
		}
	})
	return d == nil, s == nil
}

// A profile that lists no ABI is about its action for foreign ones, not about nothing.
func TestCompareEmptyArches(t *testing.T) {
	open, shut := &Profile{Foreign: Allow, Arches: []Arch{}}, &Profile{Default: Allow, Arches: []Arch{}}
	for _, c := range [][2]*Profile{{open, shut}, {open, {}}, {{Default: Allow}, shut}} {
		for _, verb := range []func(a, b *Profile) (*Difference, error){Equal, Subset} {
			if d, err := verb(c[0], c[1]); err != nil || d == nil || d.A != Allow || d.B != KillProcess {
				t.Errorf("%+v and %+v: %v, %v, want a call that only the first allows", c[0], c[1], d, err)
			}
		}
	}
	if d, err := Equal(shut, &Profile{Default: Errno(1), Arches: []Arch{}}); d != nil || err != nil {
		t.Errorf("without ABIs the default does not count, got %v, %v", d, err)
	}
	if _, err := Equal(shut, &Profile{Arches: []Arch{}, Rules: []Rule{{}}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("an invalid profile: %v", err)
	}
}

func TestDiff(t *testing.T) {
	regions, spelled := 0, 0
	for seed := range uint64(60) {
		r, s := checkDiff(t, pairOf(newGenerator(30000+seed)))
		regions, spelled = regions+r, spelled+s
	}
	t.Logf("%d regions, %d with all conditions", regions, spelled)
	if spelled < regions*9/10 {
		t.Error("too many regions are not spelled out")
	}
}

// checkDiff compares Diff with the oracle and counts its regions.
func checkDiff(t *testing.T, x *answers) (regions, spelled int) {
	t.Helper()
	list, err := Diff(x.a, x.b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		r := &list[i]
		if !r.Unspelled {
			spelled++
		}
		if r.A == r.B {
			t.Fatalf("region %v is no difference", r)
		}
		if r.Arch != 0 {
			x.witness(t, &Difference{r.Witness, r.Witness.Arch.AuditArch(), r.A, r.B})
		}
	}
	x.each(func(c corner, a, b Action) { checkRegions(t, x, list, c, a, b) })
	return len(list), spelled
}

// checkRegions expects a call in one region if the actions differ and in none if they do not.
func checkRegions(t *testing.T, x *answers, list []Region, c corner, a, b Action) {
	t.Helper()
	oa, ob := x.oracles(x.target)
	abi := max(oa.abi(c.audit, c.nr), ob.abi(c.audit, c.nr)) // 0 if foreign to both
	var in []*Region
	unsure := false
	for i := range list {
		r := &list[i]
		if r.Arch != abi || r.Arch != 0 && (c.nr < r.First || c.nr > r.Last) {
			continue
		}
		unsure = unsure || r.Unspelled
		if r.When == nil && !r.Unspelled || slices.ContainsFunc(r.When, func(args []Arg) bool { return allHold(args, c.args) }) {
			in = append(in, r)
		}
	}
	switch {
	case unsure:
	case a == b && len(in) != 0, a != b && (len(in) != 1 || in[0].A != a || in[0].B != b):
		t.Fatalf("%#x (%v): %v, then %v; it is in %v\n%+v\n%+v", c, abi, a, b, in, x.a, x.b)
	}
}

// A combiner is a combination of two profiles, and what it does to two actions.
type combiner struct {
	name string
	f    func(a, b *Profile) (*Profile, error)
	of   func(a, b uint32) uint32
}

func combiners() []combiner {
	return []combiner{{"union", Union, lessRestrictive}, {"intersection", Intersect, moreRestrictive}}
}

func TestUnionAndIntersect(t *testing.T) {
	made, not := 0, 0
	for seed := range uint64(60) {
		for _, c := range combiners() {
			if c.check(t, pairOf(newGenerator(40000+seed))) {
				made++
			} else {
				not++
			}
		}
	}
	t.Logf("%d made, %d cannot be expressed", made, not)
	if made < not {
		t.Error("most combinations cannot be expressed")
	}
}

// check compares a combination with the oracle and reports whether there is one.
func (cb *combiner) check(t *testing.T, x *answers) bool {
	t.Helper()
	p, err := cb.f(x.a, x.b)
	var ie *InexpressibleError
	if errors.As(err, &ie) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	o := newOracle(p, x.target)
	x.each(func(c corner, a, b Action) {
		if got, want := o.action(c.audit, c.nr, c.args), Action(cb.of(uint32(a), uint32(b))); got != want {
			t.Fatalf("%#x: %v and %v, the %s %v\n%+v\n%+v\n%+v", c, a, b, cb.name, got, x.a, x.b, p)
		}
	})
	return true
}

// TestLaws: what holds of minimum and maximum must hold of Intersect and Union.
func TestLaws(t *testing.T) {
	checked := 0
	for seed := range uint64(25) {
		x := pairOf(newGenerator(50000 + seed))
		meet, err := Intersect(x.a, x.b)
		join, err2 := Union(x.a, x.b)
		if err != nil || err2 != nil {
			continue
		}
		back, err := Intersect(x.b, x.a)
		if err != nil {
			continue
		}
		checked++
		equal := func(what string, p, q *Profile) {
			t.Helper()
			if d, err := Equal(p, q); err != nil || d != nil {
				t.Fatalf("%s: %v, %v\n%+v\n%+v", what, d, err, x.a, x.b)
			}
		}
		below := func(what string, p, q *Profile) {
			t.Helper()
			if d, err := Subset(p, q); err != nil || d != nil {
				t.Fatalf("%s: %v, %v\n%+v\n%+v", what, d, err, x.a, x.b)
			}
		}
		below("meet <= a", meet, x.a)
		below("meet <= b", meet, x.b)
		below("a <= join", x.a, join)
		below("b <= join", x.b, join)
		below("meet commutes", meet, back)
		below("meet commutes", back, meet)
		if p, err := Union(x.a, meet); err == nil {
			equal("a or (a and b) is a", p, x.a)
		}
		if p, err := Intersect(x.a, join); err == nil {
			equal("a and (a or b) is a", p, x.a)
		}
		if p, err := Intersect(x.a, x.a); err == nil {
			equal("a and a is a", p, x.a)
		} else {
			t.Fatalf("a and a: %v\n%+v", err, x.a)
		}
	}
	t.Logf("%d of 25", checked)
	if checked < 12 {
		t.Error("too few to mean anything")
	}
}

func TestIntersectDocker(t *testing.T) {
	docker := readOCI(t, dockerDefault)
	for name, f := range map[string]func(a, b *Profile) (*Profile, error){"intersection": Intersect, "union": Union} {
		p, err := f(docker, docker)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d, err := Equal(p, docker); d != nil || err != nil {
			t.Errorf("%s: %v, %v", name, d, err)
		}
		if len(p.Rules) > 12 || slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Direct || r.Arches != nil }) {
			t.Errorf("%s: the rules are not as simple as they could be: %+v", name, p.Rules)
		}
	}
}

func BenchmarkIntersectDocker(b *testing.B) {
	docker := readOCI(b, dockerDefault)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Intersect(docker, docker); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiffDocker(b *testing.B) {
	docker := readOCI(b, dockerDefault)
	other := *docker
	other.Rules = slices.Concat(docker.Rules, []Rule{{Names: []string{"read"}, Action: Log, Args: []Arg{{Value: 2}}}})
	b.ReportAllocs()
	for b.Loop() {
		if list, err := Diff(docker, &other); err != nil || len(list) != 3 {
			b.Fatal(list, err)
		}
	}
}

// TestSeveralKernels: profiles about several machines, or about none in particular, are combined on each.
func TestSeveralKernels(t *testing.T) {
	made := 0
	lists := [][]Arch{{AMD64, I386, ARM64, S390X}, {ARM64, AMD64}, {PPC64, AMD64, X32}, nil}
	for seed := range uint64(40) {
		g := newGenerator(60000 + seed)
		a, _ := g.profile()
		b, _ := g.profile()
		a.Arches, b.Arches = lists[g.IntN(3)], oneOf(g, lists...)
		b.Foreign = a.Foreign
		for _, p := range []*Profile{a, b} {
			for i := range p.Rules {
				p.Rules[i].Arches = nil
			}
		}
		for _, c := range combiners() {
			p, err := c.f(a, b)
			if err != nil {
				continue
			}
			made++
			for _, target := range []Arch{AMD64, ARM64, S390X, PPC64} {
				x := &answers{g, a, b, target, g.corners(&Profile{Rules: slices.Concat(a.Rules, b.Rules)}, target, 1), map[Arch][2]*oracle{}}
				if b.Arches == nil && !slices.ContainsFunc(a.Arches, func(l Arch) bool { return l.Primary() == target }) {
					continue // not one of the kernels compared
				}
				o := newOracle(p, target)
				x.each(func(at corner, actionA, actionB Action) {
					if got, want := o.action(at.audit, at.nr, at.args), Action(c.of(uint32(actionA), uint32(actionB))); got != want {
						t.Fatalf("%v %#x: %v and %v, the %s %v\n%+v\n%+v\n%+v", target, at, actionA, actionB, c.name, got, a, b, p)
					}
				})
			}
		}
	}
	t.Logf("%d combinations", made)
	if made < 30 {
		t.Error("too few to mean anything")
	}
}
