package seccomp

import (
	"errors"
	"runtime"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/internal/sys"
)

// Errors of Load, Apply and Probe; test for them with errors.Is.
var (
	// ErrNotSupported is a system or kernel that lacks what was asked; errors.As to *NotSupportedError tells which kernel has it.
	ErrNotSupported = errors.New("not supported")
	// ErrNotPermitted is a load that the kernel refused to this thread: it has neither no_new_privs nor CAP_SYS_ADMIN, or a
	// filter that is already on forbids adding another.
	ErrNotPermitted = errors.New("not permitted")
	// ErrTooComplex is a filter that, with those already on, exceeds what one call may cost: 32768 instructions of the kernel's
	// own form, counting 4 more for each older filter (MAX_INSNS_PER_PATH, kernel/seccomp.c), or kernel memory.
	ErrTooComplex = errors.New("the filters together are too large for the kernel")
	// ErrListenerExists is a second FlagNewListener: one stack of filters has at most one listener.
	ErrListenerExists = errors.New("a filter with a listener is already on")
	// ErrRejected is a program that the kernel's checker does not accept.
	ErrRejected = errors.New("the kernel rejected the program")
	// ErrUnverifiable is a filter whose effect cannot be read back, because /proc is missing or the filter forbids the reading.
	ErrUnverifiable = errors.New("the result could not be read back")
	// ErrNotConfined is a state read back that is not what was asked.
	ErrNotConfined = errors.New("not confined as asked")
	// ErrInconclusive is a probe that a filter already on answered in the kernel's place.
	ErrInconclusive = errors.New("a filter that is already on answered the probe")
)

// NotSupportedError says what is missing and which kernel has it. errors.Is matches ErrNotSupported and errors.ErrUnsupported.
type NotSupportedError struct {
	Feature string        // what was asked: "FlagWaitKillableRecv", "action notify", "seccomp(2)"
	Since   KernelVersion // the first Linux release that has it; zero if no release will do
	Running string        // the release that is running, "" if unknown
}

// Error returns "flag SPEC_ALLOW is not supported: needs Linux 4.17, this is 4.14.0".
func (e *NotSupportedError) Error() string {
	var b strings.Builder
	b.WriteString(e.Feature + " is not supported")
	if !e.Since.IsZero() {
		b.WriteString(": needs Linux " + e.Since.String())
		if e.Running != "" {
			b.WriteString(", this is " + e.Running)
		}
	} else if e.Running != "" {
		b.WriteString(" on " + e.Running)
	}
	return b.String()
}

// Is matches ErrNotSupported and errors.ErrUnsupported.
func (e *NotSupportedError) Is(target error) bool {
	return target == ErrNotSupported || target == errors.ErrUnsupported
}

// ThreadSyncError names the thread that could not take over the caller's filters: it is in strict mode, or has a filter that
// the calling thread has not. Nothing was installed on any thread.
type ThreadSyncError struct {
	TID   int    // the thread, 0 where the kernel does not tell (FlagTSyncESRCH, or a thread of another pid namespace)
	State *State // what /proc said of the thread before the attempt, nil if unknown
}

// Error names the thread and what to do.
func (e *ThreadSyncError) Error() string {
	who := "a thread of this process"
	if e.TID != 0 {
		who = "thread " + strconv.Itoa(e.TID)
	}
	if e.State != nil {
		who += " (" + strings.TrimPrefix(e.State.String(), "thread "+strconv.Itoa(e.TID)+": ") + ")"
	}
	return who + " has confinement of its own and cannot take over the calling thread's filters, so no thread got the new one; load the " +
		"first filter on all threads"
}

// LoadError says at which step loading stopped.
type LoadError struct {
	Step    string // what was being done, such as "seccomp(SECCOMP_SET_MODE_FILTER, TSYNC)"
	InForce bool   // the filter is on at least one thread, though it was not seen to be as asked; it cannot be taken off
	Err     error  // why
}

// Error returns the step, the reason, and whether a filter is on all the same.
func (e *LoadError) Error() string {
	s := "seccomp: " + e.Step + ": " + e.Err.Error()
	if e.InForce {
		s += " (the filter is in force and cannot be removed)"
	}
	return s
}

// Unwrap returns the reason.
func (e *LoadError) Unwrap() error { return e.Err }

func notLinux() error { return &NotSupportedError{Feature: "seccomp", Running: runtime.GOOS} }

func stepError(step string, err error) error {
	if errors.Is(err, sys.ErrUnsupported) {
		err = notLinux()
	}
	return &LoadError{Step: step, Err: err}
}
