package seccomp

import (
	"fmt"

	"github.com/gostockade/stockade/internal/bdd"
)

// Outcome is one of the things a profile does with a family of calls.
type Outcome struct {
	Action Action
	Rule   int  // index in Profile.Rules of the rule that decides, -1 if none does
	Call   Call // a call of the family to which it happens
}

// Outcomes returns everything the profile does with the calls of one number whose arguments meet all the conditions, most
// restrictive first, each with a call to which it happens. The answer is exact: an outcome that is not in it happens to none of
// these calls, and with one outcome all of them share it. Conditions that no call meets give no outcome. Errors are those of
// Simulate, and ErrInvalid for an invalid condition.
func (p *Profile) Outcomes(arch Arch, nr uint32, args []Arg) ([]Outcome, error) {
	return (&Simulator{profile: p}).Outcomes(arch, nr, args)
}

// Outcomes is Profile.Outcomes for many questions.
func (s *Simulator) Outcomes(arch Arch, nr uint32, args []Arg) ([]Outcome, error) {
	d, err := s.diagram(arch)
	if err != nil {
		return nil, fmt.Errorf("seccomp: outcomes: %w", err)
	}
	if len(args) > MaxRuleConds {
		return nil, fmt.Errorf("seccomp: outcomes: %w: %d conditions, at most %d", ErrTooLarge, len(args), MaxRuleConds)
	}
	for _, a := range args {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("seccomp: outcomes: %w", err)
		}
	}
	disp := &disposition{otherwise: outcome{d.foreign, ruleForeign}}
	if space := d.space(arch.AuditArch()); space != nil {
		disp = space.find(nr)
	}
	f := family{call: Call{Arch: arch, Nr: nr}, graph: bdd.New(maxDiagramNodes)}
	if !f.restrict(args) {
		return nil, nil
	}
	for i := range disp.branches {
		f.take(allOf(f.graph, disp.branches[i].args), disp.branches[i].outcome)
	}
	f.take(bdd.True, disp.otherwise)
	if err := f.graph.Err(); err != nil {
		return nil, fmt.Errorf("seccomp: outcomes: %w: %w", ErrTooLarge, err)
	}
	return f.outcomes, nil
}

// A family is the calls for which no outcome is known yet.
type family struct {
	call     Call
	graph    *bdd.Graph
	left     bdd.Node // as a condition on the arguments
	outcomes []Outcome
}

// restrict limits the family to calls that meet the conditions, and reports whether there are any. On ABIs with 32-bit arguments
// the conditions become Width32, so that no outcome depends on an upper half.
func (f *family) restrict(args []Arg) bool {
	conds, possible := normalise(args, f.call.Arch.Bits())
	f.left = allOf(f.graph, conds)
	return possible && f.left != bdd.False
}

// take gives an outcome to those of the family that meet a condition, and leaves the others.
func (f *family) take(cond bdd.Node, o outcome) {
	taken := f.graph.And(f.left, cond)
	w, ok := f.graph.Witness(taken, bdd.False)
	if !ok {
		return
	}
	c := callOf(w, f.call.Arch, f.call.Nr)
	f.outcomes = append(f.outcomes, Outcome{Action: o.action, Rule: max(int(o.rule), -1), Call: c})
	f.left = f.graph.And(f.left, f.graph.Not(cond))
}
