package seccomp

import (
	"errors"
	"fmt"
	"slices"
)

// Limits of a profile. They are far above real profiles (Docker's default has 377 rules when every name is a rule of its own)
// and bound the work that hostile input can cause.
const (
	MaxRules     = 1 << 14 // rules of a profile
	MaxNames     = 1 << 16 // names of all rules together; to compile or to ask, sets taken apart
	MaxRuleConds = 32      // conditions of one rule
)

// Validate reports everything that is wrong with the profile, joined: faults of a rule as *RuleError with its index. A valid
// profile can still be too large to compile. A nil profile is ErrInvalid. Compile, Simulate and the rest validate by themselves.
func (p *Profile) Validate() error {
	if err := p.present(); err != nil {
		return prefixed(err)
	}
	errs := p.checkShape()
	for i := range p.Rules {
		for _, name := range p.Rules[i].Names {
			if err := checkName(name); err != nil {
				errs = append(errs, p.ruleError(i, name, err))
			}
		}
	}
	return prefixed(errors.Join(errs...))
}

// present refuses the nil profile.
func (p *Profile) present() error {
	if p == nil {
		return invalid("no profile")
	}
	return nil
}

// prefixed adds the package's prefix at the public edge.
func prefixed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("seccomp: %w", err)
}

func (p *Profile) ruleError(i int, name string, err error) error {
	return &RuleError{Rule: i, Origin: p.Rules[i].Origin, Name: name, Err: err}
}

func checkName(name string) error {
	if _, ok := Set(name).Members(); ok {
		return nil
	}
	if Set(name).IsGroup() {
		return ErrUnknownSet
	}
	return ErrUnknownSyscall
}

// checkShape reports what is wrong apart from names, which cost a look-up each.
func (p *Profile) checkShape() (errs []error) {
	if err := p.present(); err != nil {
		return []error{err}
	}
	errs = p.checkHead()
	if len(p.Rules) > MaxRules {
		return append(errs, fmt.Errorf("%w: %d rules, at most %d", ErrTooLarge, len(p.Rules), MaxRules))
	}
	names := 0
	for i := range p.Rules {
		if err := p.checkRule(&p.Rules[i]); err != nil {
			errs = append(errs, p.ruleError(i, "", err))
		}
		names += len(p.Rules[i].Names)
	}
	if names > MaxNames {
		errs = append(errs, fmt.Errorf("%w: %d names in all rules, at most %d", ErrTooLarge, names, MaxNames))
	}
	return errs
}

// checkHead checks everything that is not in a rule.
func (p *Profile) checkHead() (errs []error) {
	if !p.Default.Valid() {
		errs = append(errs, invalid("default action %v", p.Default))
	}
	if !p.Foreign.Valid() {
		errs = append(errs, invalid("action %v for foreign ABIs", p.Foreign))
	}
	if p.Newer != nil && !p.Newer.Action.Valid() {
		errs = append(errs, invalid("action %v for newer calls", p.Newer.Action))
	}
	if !p.Flags.Valid() {
		errs = append(errs, invalid("flags %#x", uint32(p.Flags)))
	}
	for i, a := range p.Arches {
		if !a.Valid() {
			errs = append(errs, invalid("ABI %d in Arches", uint8(a)))
		} else if slices.Contains(p.Arches[:i], a) {
			errs = append(errs, invalid("ABI %v is listed twice", a))
		}
	}
	return errs
}

func (p *Profile) checkRule(r *Rule) error {
	switch {
	case len(r.Names) == 0:
		return invalid("the rule names no system call")
	case !r.Action.Valid():
		return invalid("action %v", r.Action)
	case len(r.Args) > MaxRuleConds:
		return fmt.Errorf("%w: %d conditions, at most %d", ErrTooLarge, len(r.Args), MaxRuleConds)
	}
	for i := range r.Args {
		if err := r.Args[i].check(); err != nil {
			return fmt.Errorf("condition %d: %w", i, err)
		}
	}
	for _, a := range r.Arches {
		if !a.Valid() {
			return invalid("ABI %d in the rule's Arches", uint8(a))
		}
		if p.Arches != nil && !slices.Contains(p.Arches, a) {
			return invalid("the rule is for %v, which the profile does not list", a)
		}
	}
	return nil
}

func (a *Arg) check() error {
	switch {
	case a.Index >= MaxArgs:
		return invalid("argument %d, the last one is 5", a.Index)
	case !a.Op.Valid():
		return invalid("comparison %d", uint8(a.Op))
	case !a.Width.Valid():
		return invalid("width %d", uint8(a.Width))
	case a.Width == Width32 && (a.Value|a.Mask)>>32 != 0:
		return invalid("a 32-bit comparison with %#x (mask %#x)", a.Value, a.Mask)
	case a.Op != MaskedEQ && a.Mask != 0:
		return invalid("a mask, %#x, with %s, which does not use it", a.Mask, a.Op)
	case a.Op == MaskedEQ && a.Value&^a.Mask != 0:
		return invalid("value %#x has bits outside mask %#x and can never match", a.Value, a.Mask)
	}
	return nil
}
