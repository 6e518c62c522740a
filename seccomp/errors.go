package seccomp

import (
	"errors"
	"fmt"
)

// Errors that Validate and everything that reads a profile wrap; test for them with errors.Is.
var (
	// ErrUnknownSyscall is a name that no ABI of Linux has.
	ErrUnknownSyscall = errors.New("unknown system call")
	// ErrUnknownSet is a name beginning with '@' that is no set of this package.
	ErrUnknownSet = errors.New("unknown set of system calls")
	// ErrInvalid is a value outside its type's range, or a contradiction.
	ErrInvalid = errors.New("invalid value")
	// ErrNoArch is a profile that lists no ABI the target's kernel can serve.
	ErrNoArch = errors.New("no ABI of the profile is served by the target's kernel")
	// ErrTooLarge is a profile or program beyond a documented limit.
	ErrTooLarge = errors.New("too large")
)

// RuleError is a fault in one rule of a profile.
type RuleError struct {
	Rule   int    // index in Profile.Rules
	Origin string // the rule's Origin
	Name   string // the system call or set concerned, "" if the fault is elsewhere in the rule
	Err    error  // what is wrong; wraps one of the sentinels
}

// Error returns "rule 3 (/syscalls/3): "foo": unknown system call".
func (e *RuleError) Error() string {
	where := fmt.Sprintf("rule %d", e.Rule)
	if e.Origin != "" {
		where += " (" + e.Origin + ")"
	}
	if e.Name != "" {
		where += fmt.Sprintf(": %q", e.Name)
	}
	return where + ": " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *RuleError) Unwrap() error { return e.Err }

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}
