package seccomp

import (
	"errors"
	"slices"
	"testing"
)

// TestOutcomesExact compares Outcomes with Simulate on random profiles: every outcome's call must be of the family and have that
// action, and no call of the family that a corner value gives may have an action that Outcomes does not name.
func TestOutcomesExact(t *testing.T) {
	several, asked := 0, 0
	for seed := range uint64(60) {
		g := newGenerator(seed)
		p, target := g.profile()
		sim, err := NewSimulator(p)
		if err != nil {
			continue
		}
		corners := g.corners(p, target, 1)
		for _, corner := range corners {
			c, ok := corner.call(target)
			if !ok {
				continue
			}
			asked++
			if outcomesAgree(t, g, sim, corners, c) > 1 {
				several++
			}
		}
	}
	if several < asked/100 {
		t.Errorf("only %d of %d families have several outcomes: too few to mean anything", several, asked)
	}
}

// outcomesAgree fixes some arguments of a call and checks the outcomes of the family.
func outcomesAgree(t *testing.T, g generator, sim *Simulator, corners []corner, c Call) int {
	t.Helper()
	var fixed []Arg
	for i, v := range c.Args {
		if g.IntN(3) == 0 {
			a := Arg{Index: uint(i), Value: v}
			if c.Arch.Bits() == 32 {
				a.Width, a.Value = Width32, v&0xffff_ffff
			}
			fixed = append(fixed, a)
		}
	}
	outcomes, err := sim.Outcomes(c.Arch, c.Nr, fixed)
	if err != nil {
		t.Fatal(err)
	}
	var actions []Action
	for _, o := range outcomes {
		actions = append(actions, o.Action)
		got, err := sim.Simulate(o.Call)
		if err != nil || got != o.Action || o.Call.Nr != c.Nr || o.Call.Arch != c.Arch || !(&branch{args: fixed}).holds(&o.Call.Args) {
			t.Errorf("outcome %v by rule %d for %v: simulated %v, %v; fixed %v", o.Action, o.Rule, o.Call, got, err, fixed)
		}
	}
	for _, other := range corners {
		d := Call{Arch: c.Arch, Nr: c.Nr, Args: other.args}
		for _, a := range fixed {
			d.Args[a.Index] = c.Args[a.Index]
		}
		if c.Arch.Bits() == 32 {
			for i := range d.Args {
				d.Args[i] &= 0xffff_ffff
			}
		}
		got, err := sim.Simulate(d)
		if err != nil || !slices.Contains(actions, got) {
			t.Errorf("%v: %v, %v, which is not among the outcomes %v; fixed %v", d, got, err, actions, fixed)
		}
	}
	return len(outcomes)
}

func TestOutcomesOfAFamily(t *testing.T) {
	p := &Profile{
		Default: Errno(1),
		Rules: []Rule{
			{Names: []string{"socket"}, Action: Allow, Args: []Arg{{Index: 0, Width: Width32, Value: 2}}},
			{Names: []string{"socket"}, Action: Errno(97), Args: []Arg{{Index: 1, Op: MaskedEQ, Mask: 0xf, Value: 3}}},
		},
	}
	socket, _ := AMD64.Number("socket")
	tests := []struct {
		arch  Arch
		args  []Arg
		want  []Action
		rules []int
	}{
		{AMD64, nil, []Action{Errno(97), Allow, Errno(1)}, []int{1, 0, -1}},
		{AMD64, []Arg{{Index: 0, Value: 2}}, []Action{Errno(97), Allow}, []int{1, 0}},
		{AMD64, []Arg{{Index: 0, Value: 2}, {Index: 1, Value: 1}}, []Action{Allow}, []int{0}},
		{AMD64, []Arg{{Index: 0, Op: NE, Value: 2}, {Index: 1, Value: 1}}, []Action{Allow, Errno(1)}, []int{0, -1}}, // an upper half
		{AMD64, []Arg{{Index: 0, Value: 2}, {Index: 0, Value: 3}}, nil, nil},
		{I386, nil, []Action{KillProcess}, []int{-1}},
	}
	for _, tt := range tests {
		got, err := p.Outcomes(tt.arch, socket, tt.args)
		if err != nil {
			t.Fatal(err)
		}
		var actions []Action
		var rules []int
		for _, o := range got {
			actions, rules = append(actions, o.Action), append(rules, o.Rule)
		}
		if !slices.Equal(actions, tt.want) || !slices.Equal(rules, tt.rules) {
			t.Errorf("%v %v: got %v by rules %v, want %v by %v", tt.arch, tt.args, actions, rules, tt.want, tt.rules)
		}
	}
	for _, bad := range [][]Arg{{{Index: 6}}, {{Op: 99}}, make([]Arg, MaxRuleConds+1)} {
		if got, err := p.Outcomes(AMD64, socket, bad); err == nil {
			t.Errorf("%d conditions: %v", len(bad), got)
		}
	}
	if _, err := p.Outcomes(0, 0, nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("no ABI: %v", err)
	}
}
