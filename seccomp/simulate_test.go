package seccomp

import (
	"errors"
	"testing"
)

// check compares everything that answers for a profile with the oracle: the program run by the machine, the proof, the simulation.
func check(t *testing.T, g generator, p *Profile, target Arch, n int) {
	t.Helper()
	prog, err := Compile(p, &CompileOptions{Target: target})
	if err != nil {
		if errors.Is(err, ErrTooLarge) {
			return
		}
		t.Fatalf("%v\n%+v", err, p)
	}
	if err := Verify(prog, p); err != nil {
		t.Fatalf("%v\n%+v\n%v", err, p, prog)
	}
	o := newOracle(p, target)
	explicit := *p
	explicit.Arches = o.listed
	sim, err := NewSimulator(&explicit)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range g.corners(p, target, n) {
		want := o.action(c.audit, c.nr, c.args)
		call, known := c.call(target)
		if !known {
			continue
		}
		if got, err := prog.Run(call); got != want || err != nil {
			t.Fatalf("%v (%#x %#x %#x): the program's action is %v (%v), the oracle's %v\n%+v\n%v", call, c.audit, c.nr, c.args, got, err, want, p, prog)
		}
		if got, err := sim.Simulate(call); got != want || err != nil {
			t.Fatalf("%v: simulated %v (%v), the oracle says %v\n%+v", call, got, err, want, p)
		}
	}
}

func TestRandomProfiles(t *testing.T) {
	n := uint64(400)
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		g := newGenerator(seed)
		p, target := g.profile()
		check(t, g, p, target, 2)
	}
}

func TestSimulateErrors(t *testing.T) {
	p := &Profile{Default: Allow, Rules: []Rule{{Names: []string{"no_such_call"}}}}
	if a, err := p.Simulate(Call{Arch: AMD64}); a != KillProcess || !errors.Is(err, ErrUnknownSyscall) {
		t.Errorf("invalid profile: %v, %v", a, err)
	}
	if a, err := (&Profile{Default: Allow}).Simulate(Call{}); a != KillProcess || !errors.Is(err, ErrInvalid) {
		t.Errorf("invalid ABI: %v, %v", a, err)
	}
	if a, err := new(Simulator).Simulate(Call{Arch: AMD64}); a != KillProcess || err == nil {
		t.Errorf("zero Simulator: %v, %v", a, err)
	}
	if _, err := NewSimulator(p); !errors.Is(err, ErrUnknownSyscall) {
		t.Errorf("NewSimulator: %v", err)
	}
}

// TestSimulateUpperHalf: on 386 the kernel ignores the upper half of an argument, but int 0x80 from 64-bit code passes it to the filter.
func TestSimulateUpperHalf(t *testing.T) {
	p := &Profile{Default: Allow, Arches: []Arch{AMD64, I386}, Rules: []Rule{{Names: []string{"personality"}, Action: Errno(1), Args: []Arg{{Value: 5}}}}}
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		arch Arch
		arg  uint64
		want Action
	}{{I386, 5, Errno(1)}, {I386, 5 | 1<<32, Errno(1)}, {AMD64, 5, Errno(1)}, {AMD64, 5 | 1<<32, Allow}} {
		call, err := CallByName(c.arch, "personality", c.arg)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Simulate(call); got != c.want || err != nil {
			t.Errorf("%v: simulated %v, %v", call, got, err)
		}
		if got, err := prog.Run(call); got != c.want || err != nil {
			t.Errorf("%v: ran to %v, %v", call, got, err)
		}
	}
}
