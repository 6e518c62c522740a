package seccomp

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gostockade/stockade/internal/bpf"
)

// checkActions asks the kernel for each action the program returns that not every kernel with filters has. An older kernel
// would kill the thread instead (and before 4.14 KILL_PROCESS too reads as KILL_THREAD), which hangs a Go program.
func (l *loader) checkActions() error {
	var asked [len(actionNames)]bool
	for _, in := range l.insns {
		if in.Op != bpf.RetK {
			continue
		}
		kind := ActionFromRet(in.K).Kind()
		for i, n := range actionNames {
			if n.kind != kind || asked[i] || actionSince(kind).Less(KernelVersion{3, 6}) {
				continue
			}
			asked[i] = true
			if err := l.checkAction(kind); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) checkAction(a Action) error {
	err := l.ActionAvail(a.Ret())
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.EINVAL):
		return &NotSupportedError{Feature: "action " + a.String(), Since: actionSince(a), Running: l.release}
	case errors.Is(err, syscall.ENOSYS):
		return &NotSupportedError{Feature: "seccomp(2)", Since: KernelVersion{3, 17}, Running: l.release}
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: a filter that is already on forbids seccomp(2): %w", ErrNotPermitted, err)
	}
	return err
}

// explain turns seccomp(2)'s errno into an answer to the question the user has.
func (l *loader) explain(err error) error {
	errno, ok := err.(syscall.Errno)
	if !ok {
		return err
	}
	switch errno {
	case syscall.EACCES:
		return fmt.Errorf("%w: without no_new_privs the thread needs CAP_SYS_ADMIN in its user namespace: %w", ErrNotPermitted, err)
	case syscall.EPERM:
		return fmt.Errorf("%w: a filter that is already on forbids seccomp(2): %w", ErrNotPermitted, err)
	case syscall.ENOSYS:
		return &NotSupportedError{Feature: "seccomp(2)", Since: KernelVersion{3, 17}, Running: l.release}
	case syscall.EINVAL:
		return l.explainInvalid(err)
	case syscall.ENOMEM:
		return fmt.Errorf("%w: %w", ErrTooComplex, err)
	case syscall.EBUSY:
		return fmt.Errorf("%w: %w", ErrListenerExists, err)
	case syscall.ESRCH:
		return &ThreadSyncError{}
	}
	return err
}

// explainInvalid finds out which flag the kernel does not know; if it knows all of them, EINVAL was about the program.
func (l *loader) explainInvalid(err error) error {
	for i, name := range flagNames {
		flag := Flags(1 << i)
		if l.flags&flag == 0 {
			continue
		}
		if probed := l.ProbeFilterFlags(uint32(probeCombination(flag))); errors.Is(probed, syscall.EINVAL) {
			return &NotSupportedError{Feature: "flag " + name, Since: flagSince(flag), Running: l.release}
		}
	}
	return fmt.Errorf("%w: %w (or the thread is in strict mode)", ErrRejected, err)
}
