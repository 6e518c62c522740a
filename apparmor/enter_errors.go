package apparmor

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// Why a process did not get under AppArmor, or under the profile it named. Every call that touches the kernel wraps one of
// them; test with errors.Is. The kernel's errno is wrapped too.
var (
	// ErrNotSupported: this system is not Linux, or its kernel was built without AppArmor.
	ErrNotSupported = errors.New("AppArmor is not supported by this system")
	// ErrDisabled: the kernel has AppArmor but did not start it (the boot parameters apparmor=, lsm= and security=).
	ErrDisabled = errors.New("AppArmor is not enabled in this kernel")
	// ErrOtherLSM: another security module (SELinux, Smack) holds the attribute files of processes. It comes with ErrDisabled.
	ErrOtherLSM = errors.New("another security module holds the process attributes")
	// ErrNotMounted: securityfs, or AppArmor's directory in it, is not mounted where this process can see it.
	ErrNotMounted = errors.New("AppArmor's directory in securityfs is not mounted")
	// ErrNotLoaded: no profile of that name is loaded in the policy namespace of the process (ENOENT).
	ErrNotLoaded = errors.New("no such profile is loaded")
	// ErrNotAllowed: the profile the process is under has no rule for it, such as change_profile (EACCES).
	ErrNotAllowed = errors.New("the current profile does not allow it")
	// ErrNoNewPrivs: no_new_privs is set and the process is confined already, so only stacking is left (EPERM).
	ErrNoNewPrivs = errors.New("no_new_privs forbids the change of profile")
	// ErrNotPermitted: refused for another reason than no_new_privs (EPERM): a seccomp filter, or a change of hat by a process that
	// is unconfined.
	ErrNotPermitted = errors.New("not permitted")
	// ErrNoHats: the profile the process is under has no hats at all (ECHILD).
	ErrNoHats = errors.New("the current profile has no hats")
	// ErrName: not a name that a profile can have, or one that does not confine.
	ErrName = errors.New("invalid profile name")
	// ErrNeedsExec: a running process cannot be moved as a whole here (Linux before 6.8, a binary with cgo, a seccomp filter
	// that hides lsm_set_self_attr); it can at its next execve, see Reexec.
	ErrNeedsExec = errors.New("only an execve can move the whole process into the profile")
	// ErrThreadsDiffer: the threads of the process are not all under one label, so there is no change that suits all.
	ErrThreadsDiffer = errors.New("the threads of the process are confined differently")
	// ErrNotEnforced: the profile is in complain or unconfined mode and would not confine.
	ErrNotEnforced = errors.New("the profile is not in enforce mode")
	// ErrNotConfined: the kernel reported success, and yet the label read back is not the one asked for.
	ErrNotConfined = errors.New("the process is not under the profile")
	// ErrReexecLoop: the program was started again to enter the profile and is not under it.
	ErrReexecLoop = errors.New("started again without entering the profile")
)

// EnterError says which step of entering a profile failed.
type EnterError struct {
	Op      string // what was tried: "change profile", "stack", "change on exec"
	Profile string // the name asked for
	Thread  int    // the thread concerned, 0 if none in particular
	Err     error  // one of the package's errors, joined with the kernel's errno where there is one
}

// Error returns `apparmor: change profile "web": no such profile is loaded (no such file or directory)`.
func (e *EnterError) Error() string {
	s := "apparmor: " + e.Op
	if e.Profile != "" {
		s += fmt.Sprintf(" %q", e.Profile)
	}
	if e.Thread != 0 {
		s += fmt.Sprintf(" in thread %d", e.Thread)
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns what went wrong.
func (e *EnterError) Unwrap() error { return e.Err }

// causedError is one of the package's errors with the kernel's own behind it.
type causedError struct{ err, cause error }

func (e *causedError) Error() string   { return e.err.Error() + " (" + e.cause.Error() + ")" }
func (e *causedError) Unwrap() []error { return []error{e.err, e.cause} }

func caused(err, cause error) error { return &causedError{err, cause} }

// explain turns the errno of a change of label into one of the package's errors.
func explain(errno error, noNewPrivs bool) error {
	switch {
	case errno == nil:
		return nil
	case errors.Is(errno, sys.ErrUnsupported):
		return caused(ErrNotSupported, errno)
	case errors.Is(errno, syscall.ENOENT):
		return caused(ErrNotLoaded, errno)
	case errors.Is(errno, syscall.EACCES):
		return caused(ErrNotAllowed, errno)
	case errors.Is(errno, syscall.EPERM) && noNewPrivs:
		return caused(ErrNoNewPrivs, errno)
	case errors.Is(errno, syscall.EPERM):
		return caused(ErrNotPermitted, errno)
	case errors.Is(errno, syscall.ECHILD):
		return caused(ErrNoHats, errno)
	case errors.Is(errno, syscall.EINVAL):
		return caused(ErrOtherLSM, errno)
	}
	return errno
}
