package apparmor

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// EnterOptions relax what ChangeProfile, Stack and Reexec insist on. Nil, like the zero value, insists on everything.
type EnterOptions struct {
	// AllowNotEnforced accepts a profile in complain or unconfined mode, which does not confine. For trying out a profile.
	AllowNotEnforced bool
}

// Entered tells what a successful call did.
type Entered struct {
	Before, After Label
	// Threads whose labels were read back one by one.
	Threads int
}

// ChangeProfile moves every thread of this process into a loaded profile, for good. Goroutines, open files and connections go on; what
// the profile denies fails from the next system call on. The name may be a stack, "web//&site", and may name a policy
// namespace, ":ns:web".
//
// It needs Linux 6.8 (lsm_set_self_attr(2), commit a04a1198088a) and a binary without cgo; otherwise the error is ErrNeedsExec and Reexec is the way. An unconfined
// process may enter any profile; a confined one needs a change_profile rule, and must not have no_new_privs set: then Stack is
// left. If the error is not nil nothing has changed, except for ErrNotConfined and, where the modes of profiles cannot be read
// beforehand, ErrNotEnforced: these report a process under another label than it should be, which had better end.
func ChangeProfile(name string, opts *EnterOptions) (*Entered, error) {
	return enterAll(sys.Kernel{}, enterRequest{op: "change profile", command: "changeprofile ", name: name, options: opts})
}

// Stack puts a loaded profile on top of what confines this process, for every thread and for good: from then on only that is allowed
// which all of them allow. It works with no_new_privs set, from within containers, and in all that ChangeProfile says otherwise; a confined
// process needs a change_profile rule for it, as for any change.
func Stack(name string, opts *EnterOptions) (*Entered, error) {
	return enterAll(sys.Kernel{}, enterRequest{op: "stack", command: "stack ", name: name, stack: true, options: opts})
}

// enterRequest is a change of label for the whole process.
type enterRequest struct {
	op, command, name string
	stack             bool
	options           *EnterOptions
	modes             func() map[string]string // of loaded profiles, nil if they cannot be read
}

func (r enterRequest) fail(err error) error { return &EnterError{Op: r.op, Profile: r.name, Err: err} }

// loose reports whether profiles that do not enforce are accepted.
func (r enterRequest) loose() bool { return r.options != nil && r.options.AllowNotEnforced }

// enterAll moves the whole process.
func enterAll(k taskKernel, r enterRequest) (*Entered, error) {
	if err := checkName(r.name); err != nil {
		return nil, r.fail(err)
	}
	// The label of this thread is read before and after, so it must stay the same thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, err := openAttrs(k)
	if err != nil {
		return nil, r.fail(err)
	}
	modes := r.knownModes()
	if err := r.checkModes(modes); err != nil {
		return nil, r.fail(err)
	}
	if !a.syscalls {
		return nil, r.fail(fmt.Errorf("%w: lsm_set_self_attr is missing (Linux 6.8)", ErrNeedsExec))
	}
	threads, before, err := openThreads(a)
	if err != nil {
		return nil, r.fail(err)
	}
	defer threads.close()
	if err := k.SetLSMSelfAttrAll(sys.LSMAttrCurrent, sys.LSMIDAppArmor, r.command+r.name); err != nil {
		if errors.Is(err, syscall.ENOTSUP) {
			return nil, r.fail(fmt.Errorf("%w: this binary uses cgo", ErrNeedsExec))
		}
		return nil, r.fail(explain(err, a.noNewPrivs()))
	}
	after, n, err := r.readBack(a, threads, before, modes)
	if err != nil {
		return nil, err
	}
	return &Entered{Before: before, After: after, Threads: n}, nil
}

// readBack checks the labels after the change: this thread's without help of /proc, then every thread's.
func (r enterRequest) readBack(a attrs, threads *threadFiles, before Label, modes map[string]string) (Label, int, error) {
	after, err := a.get(attrCurrent())
	if err != nil {
		return after, 0, r.fail(caused(ErrNotConfined, err))
	}
	if !r.reached(before, after) {
		return after, 0, r.fail(fmt.Errorf("%w: the label is %q", ErrNotConfined, after))
	}
	if !r.enforced(after, modes) {
		return after, 0, r.fail(fmt.Errorf("%w: the label is %q", ErrNotEnforced, after))
	}
	n, tid, err := threads.check(func(l Label) bool { return l == after })
	if err != nil {
		if !errors.Is(err, ErrNotConfined) {
			err = caused(ErrNotConfined, err)
		}
		return after, 0, &EnterError{Op: r.op, Profile: r.name, Thread: tid, Err: err}
	}
	return after, n, nil
}

// reached reports whether after is the label that the change should lead to.
func (r enterRequest) reached(before, after Label) bool {
	if r.stack {
		return after.is(before.Name, r.name)
	}
	return after.is(r.name)
}

// enforced reports whether the profiles that were asked for confine. The mode of a stack is "mixed" when they differ, and then the
// list of loaded profiles has to tell.
func (r enterRequest) enforced(after Label, modes map[string]string) bool {
	if r.loose() || after.Enforced() {
		return true
	}
	if after.Mode != "mixed" || modes == nil {
		return false
	}
	for _, name := range (Label{Name: r.name}).Profiles() {
		if !(Label{Mode: modes[name]}).Enforced() {
			return false
		}
	}
	return true
}

// knownModes lists the modes of the loaded profiles, or nil: reading them needs securityfs.
func (r enterRequest) knownModes() map[string]string {
	if r.modes != nil {
		return r.modes()
	}
	loaded, err := Profiles()
	if err != nil {
		return nil
	}
	modes := make(map[string]string, len(loaded))
	for _, l := range loaded {
		modes[l.Name] = l.Mode
	}
	return modes
}

// checkModes refuses a profile that would not confine, while nothing has changed yet.
func (r enterRequest) checkModes(modes map[string]string) error {
	if r.loose() {
		return nil
	}
	for _, name := range (Label{Name: r.name}).Profiles() {
		if mode, listed := modes[name]; listed && !(Label{Mode: mode}).Enforced() {
			return fmt.Errorf("%w: %s is in %s mode", ErrNotEnforced, name, mode)
		}
	}
	return nil
}
