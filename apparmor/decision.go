package apparmor

import "strings"

// Decision is a profile's answer to a Request. The zero value denies.
type Decision struct {
	// Allowed is what the policy says. A profile in Complain mode lets a denied access happen, and logs it, unless a deny
	// rule matched (Explicit).
	Allowed bool
	// Unmediated says that the access is allowed because the feature set does not mediate its class, or because the
	// profile is Unconfined; no rule was asked.
	Unmediated bool
	// Prompt says that the kernel asks the user-space listener; Allowed is false.
	Prompt bool
	// Explicit says that a deny rule denied it, not the mere absence of a rule that allows.
	Explicit bool
	// Audited says that the access is logged: an allowed one because of "audit", a denied one unless a deny rule silences it.
	Audited bool
	// Quiet says that the denial is silent: every permission that is missing is denied by a rule without "audit".
	Quiet bool
	// Mode is the profile's mode.
	Mode Mode
	// Transition is what an allowed execution runs as, when the request was File with Exec; nil otherwise.
	Transition *Transition
	// Missing names the permissions that were asked for and are not allowed, in the words of policy; "" when Allowed.
	Missing string
	// Because lists the rules that decided: the deny rules for a denial they caused, the allow rules for an allowed request,
	// the prompt rules for a prompt. Nil when the request is denied because no rule allows all of it, and when it is not
	// mediated. Each rule is listed once, in source order.
	Because []Reason
	// Peer is the answer of the other side, when the Evaluator asked both; Allowed covers both.
	Peer *Decision
	// Profile is the full name of the profile that was asked.
	Profile string

	// trace, when not nil, records where the automata were asked; see Explain.
	trace *[]traceStep
	probe bool // ask at every place, even after a denial
}

// Reason is a rule that decided a question.
type Reason struct {
	Rule Rule
}

// String returns the position and the text of the rule: "usr.bin.app:12:3 deny /etc/shadow r,".
func (r Reason) String() string {
	return r.Rule.Quals().Origin.Pos.String() + " " + r.Rule.String()
}

// Transition is the outcome of an execution.
type Transition struct {
	ExecTransition
	// Enters is the label the program runs under: the profile's own for ix, "unconfined" for ux, a profile of the policy or
	// the named target otherwise. "" when the rule needs a profile that the policy does not have: the kernel may know it.
	Enters string
}

// String returns the transition as policy writes it, with its target: "Px -> foo".
func (t Transition) String() string {
	s := t.ExecTransition.String()
	if t.Target != "" {
		s += " -> " + t.Target
	}
	return s
}

// String returns the answer in one line: "denied r (quiet): usr.bin.app:12:3 deny /etc/shadow r,".
func (d Decision) String() string {
	var b strings.Builder
	switch {
	case d.Unmediated:
		b.WriteString("allowed (not mediated)")
	case d.Allowed:
		b.WriteString("allowed")
	case d.Prompt:
		b.WriteString("prompt")
	default:
		b.WriteString("denied")
	}
	if d.Missing != "" {
		b.WriteString(" " + d.Missing)
	}
	if d.Quiet {
		b.WriteString(" (quiet)")
	} else if d.Allowed && d.Audited {
		b.WriteString(" (audited)")
	}
	if d.Transition != nil {
		b.WriteString(" -> " + d.Transition.String())
	}
	sep := ": "
	for _, r := range d.Because {
		b.WriteString(sep + r.String())
		sep = "; "
	}
	if !d.Allowed && !d.Prompt && !d.Explicit && len(d.Because) == 0 && (d.Peer == nil || d.Peer.Allowed) {
		b.WriteString(": no rule allows it")
	}
	if d.Peer != nil {
		b.WriteString("; peer " + d.Peer.Profile + ": " + d.Peer.String())
	}
	return b.String()
}
