package seccomp

import (
	"errors"
	"slices"
	"testing"
)

func TestSetsCountWithTheirMembers(t *testing.T) {
	p := &Profile{Default: Errno(1), Arches: []Arch{AMD64}, Rules: []Rule{{
		Names: slices.Repeat([]string{"@system-service"}, MaxNames/100), Action: Allow, Args: []Arg{{Index: 1, Value: 5}},
	}}}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(p, &CompileOptions{Target: AMD64}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Compile: %v, want ErrTooLarge", err)
	}
	if a, err := p.Simulate(Call{Arch: AMD64}); !errors.Is(err, ErrTooLarge) || a != KillProcess {
		t.Errorf("Simulate: %v, %v, want kill_process and ErrTooLarge", a, err)
	}
}

func TestCompileStopsAtItsWork(t *testing.T) {
	var g graph
	b := &argBuilder{}
	b.prepare(&g, false, attempt{rank: [MaxArgs]uint8{0, 1, 2, 3, 4, 5}})
	p := &disposition{branches: []branch{{[]Arg{{Value: 1}}, outcome{action: Errno(1)}}}, otherwise: outcome{action: Allow}}
	if _, err := b.disposition(p); err != nil {
		t.Fatal(err)
	}
	b.steps = maxWork + 1
	p.branches[0].args = []Arg{{Value: 2}}
	if _, err := b.disposition(p); !errors.Is(err, ErrTooLarge) {
		t.Errorf("after too much work: %v, want ErrTooLarge", err)
	}
}
