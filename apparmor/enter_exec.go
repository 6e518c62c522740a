package apparmor

import (
	"fmt"
	"runtime"

	"github.com/gostockade/stockade/internal/sys"
)

// ChangeOnExec arranges that the next program started by the calling thread, in its own place or in a child that it forks, comes up under a
// loaded profile. It is the "exec" command of /proc/self/attr/exec, as runc gives it.
//
// The arrangement belongs to the thread: lock the goroutine to it with runtime.LockOSThread before the call, start the program from the
// same goroutine, and let the goroutine end without unlocking, so that the thread with the arrangement ends too. The kernel has no way to take
// it back. The process's first thread (its id is the process's) cannot end, so do it on another one. profile.Command does all that.
//
// Errors: ErrNotLoaded, ErrNotAllowed (no change_profile rule), ErrNoNewPrivs, ErrNotSupported, ErrDisabled, ErrName. On an error an
// earlier arrangement stays as it was.
func ChangeOnExec(name string) error {
	return onExec(sys.Kernel{}, enterRequest{op: "change on exec", command: "exec ", name: name})
}

// StackOnExec is ChangeOnExec for a profile to be put on top of what confines the thread. The kernel settles the stack when it is called, not
// at the execve.
func StackOnExec(name string) error {
	return onExec(sys.Kernel{}, enterRequest{op: "stack on exec", command: "stack ", name: name, stack: true})
}

// PendingOnExec returns what ChangeOnExec or StackOnExec has arranged for the calling thread; the zero Label is nothing.
func PendingOnExec() (Label, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, err := openAttrs(sys.Kernel{})
	if err != nil {
		return Label{}, &EnterError{Op: "read what is pending for exec", Err: err}
	}
	return a.get(attrExec())
}

// onExec writes the command and reads back what the kernel made of it.
func onExec(k taskKernel, r enterRequest) error {
	if err := checkName(r.name); err != nil {
		return r.fail(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, err := openAttrs(k)
	if err != nil {
		return r.fail(err)
	}
	before, err := a.get(attrCurrent())
	if err != nil {
		return r.fail(err)
	}
	if err := a.set(attrExec(), r.command+r.name); err != nil {
		return r.fail(explain(err, a.noNewPrivs()))
	}
	pending, err := a.get(attrExec())
	if err != nil {
		return r.fail(caused(ErrNotConfined, err))
	}
	if !r.reached(before, pending) {
		return r.fail(fmt.Errorf("%w: the next program would come up as %q", ErrNotConfined, pending))
	}
	return nil
}
