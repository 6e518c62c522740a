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

// TestCompileBoundsMasks gives a call as many masks as a profile may have, each of which is looked at for every value of the others.
func TestCompileBoundsMasks(t *testing.T) {
	p := &disposition{otherwise: outcome{action: Errno(1)}}
	for i := range uint64(MaxRules) {
		p.branches = append(p.branches, branch{[]Arg{{Index: 1, Op: MaskedEQ, Mask: 0xffff_f0ff, Value: i << 12}}, outcome{action: Allow}})
	}
	var g graph
	b := &argBuilder{}
	b.prepare(&g, false, attempt{rank: [MaxArgs]uint8{0, 1, 2, 3, 4, 5}})
	if _, err := b.disposition(p); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v, want ErrTooLarge", err)
	}
	if b.steps > 1<<24+MaxRules {
		t.Errorf("%d conditions were looked at before that", b.steps)
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
