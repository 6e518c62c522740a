package apparmor

import (
	"strconv"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// Rule is one resolved rule. The set is closed: *FileRule, *ChangeProfileRule, *CapabilityRule, *NetworkRule, *UnixRule,
// *MountRule, *UmountRule, *PivotRootRule, *DbusRule, *SignalRule, *PtraceRule, *MqueueRule, *IOUringRule, *UsernsRule and
// *RlimitRule. The rule "all," resolves to one implied rule of every class.
type Rule interface {
	// Class names the mediation class the rule belongs to.
	Class() Class
	// Quals returns the head every rule has.
	Quals() *Qualifiers
	// String returns the rule in canonical text, with its final comma: "deny /etc/shadow r,".
	String() string
	rule()
}

// Class is a mediation class as policy text knows it.
type Class uint8

// The classes. They number the kinds of rules, not the kernel's AA_CLASS_ values.
const (
	ClassFile Class = iota + 1
	ClassChangeProfile
	ClassCapability
	ClassNetwork
	ClassUnix
	ClassMount // mount, remount, umount and pivot_root
	ClassDbus
	ClassSignal
	ClassPtrace
	ClassMqueue
	ClassIOUring
	ClassUserns
	ClassRlimit
)

// String returns the keyword of the class.
func (c Class) String() string {
	names := [...]string{"", "file", "change_profile", "capability", "network", "unix", "mount", "dbus", "signal", "ptrace",
		"mqueue", "io_uring", "userns", "rlimit"}
	if c > 0 && int(c) < len(names) {
		return names[c]
	}
	return "class(" + strconv.Itoa(int(c)) + ")"
}

// Action is what a rule does with the accesses it matches.
type Action uint8

// The actions, in the order in which they win at equal priority: Deny over Allow over Prompt. The zero value is Deny, so a
// forgotten field never grants anything.
const (
	Deny Action = iota
	Allow
	PromptUser // "prompt": ask the user-space listener
)

// String returns the qualifier: "deny", "allow" or "prompt".
func (a Action) String() string {
	switch a {
	case Deny:
		return "deny"
	case Allow:
		return "allow"
	case PromptUser:
		return "prompt"
	}
	return "action(" + strconv.Itoa(int(a)) + ")"
}

// MinPriority and MaxPriority bound the priority qualifier (apparmor_parser's immunix.h).
const (
	MinPriority = -1000
	MaxPriority = 1000
)

// Qualifiers is the head common to all rules; every rule type embeds it.
type Qualifiers struct {
	// Priority decides between overlapping rules before Action does: the higher wins, per permission bit. 0 by default.
	// A rule implied by "all," may have a priority one below MinPriority.
	Priority int
	// Action is Allow for rules that say nothing.
	Action Action
	// Audit, on an allow rule, logs the access. On a deny rule it logs the denial; a deny rule without it is silent.
	Audit bool
	// Implied marks a rule nobody wrote: apparmor_parser adds it because of another rule or a hat. Origin is what implied it.
	Implied bool
	// Origin is where the rule was written.
	Origin Origin
}

// Quals returns q itself; through embedding it gives every rule the method.
func (q *Qualifiers) Quals() *Qualifiers { return q }

func (q *Qualifiers) rule() {}

// Origin is the position of a rule and the chain of includes that led to its file.
type Origin struct {
	syntax.Pos
	// From is the include statement that read the file; nil in the file given to Resolve.
	From *Origin
}

// String returns the position, then the include chain: "abstractions/base:12:3 (included from usr.bin.app:4:3)".
func (o Origin) String() string {
	s := o.Pos.String()
	for f := o.From; f != nil; f = f.From {
		s += " (included from " + f.Pos.String() + ")"
	}
	return s
}
