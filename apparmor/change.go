package apparmor

import "strings"

// ChangeKind says how two profiles answer a request differently.
type ChangeKind uint8

// The kinds of change.
const (
	NewlyAllowed      ChangeKind = iota + 1 // the old profile denied it
	NewlyDenied                             // the old profile allowed it
	TransitionChanged                       // both allow the execution, as something else
	LoggingChanged                          // the answer is the same, what is logged is not
)

// String returns "newly allowed" and so on.
func (k ChangeKind) String() string {
	return [...]string{"unchanged", "newly allowed", "newly denied", "transition changed", "logging changed"}[min(k, LoggingChanged)]
}

// Change is one difference between two profiles: a request that both answer differently, the shortest of its kind for the
// rules responsible.
type Change struct {
	Kind    ChangeKind
	Profile string // full name of the profile
	Request Request
	// Because lists the rules responsible: those of the new profile that allow, for NewlyAllowed; those of the new profile
	// that deny or, when none does, those of the old one that allowed, for NewlyDenied; the new profile's for the others.
	Because []Reason
	// Lost is set for NewlyDenied when Because lists rules of the old profile, which the new one lacks.
	Lost bool
	// From and To are the transitions of TransitionChanged.
	From, To ExecTransition
	// OldMediated and NewMediated differ when the change is that one feature set does not mediate the class.
	OldMediated, NewMediated bool
}

// String returns "/etc/shadow r newly allowed by usr.bin.app:12:3 /etc/* r,".
func (c Change) String() string {
	var b strings.Builder
	b.WriteString(c.Request.String() + " " + c.Kind.String())
	if c.Kind == TransitionChanged {
		b.WriteString(" from " + Transition{ExecTransition: c.From}.String() + " to " + Transition{ExecTransition: c.To}.String())
	}
	switch {
	case c.OldMediated && !c.NewMediated:
		b.WriteString(": the class is no longer mediated")
	case !c.OldMediated && c.NewMediated:
		b.WriteString(": the class was not mediated before")
	}
	word := " by "
	if c.Lost {
		word = " without "
	}
	for _, r := range c.Because {
		b.WriteString(word + r.String())
		word = " and "
	}
	return b.String()
}
