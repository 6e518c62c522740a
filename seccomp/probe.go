package seccomp

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// Features is what the running kernel's seccomp can do, as Probe found it. The zero value can do nothing.
type Features struct {
	Release     string // uname -r
	UnderFilter bool   // a filter was on already, and may have answered for the kernel
	actions     [len(actionNames)]support
	flags       [len(flagNames)]support
}

// support is the answer to one probe.
type support uint8

const (
	unsupported support = iota
	inconclusive
	supported
)

// Probe asks the running kernel which actions and flags it knows. It needs no privileges and changes nothing. A filter that is
// already on can answer in the kernel's place, so probe before Load; a filter that kills on seccomp(2) or prctl(2) also
// kills the prober. It returns ErrNotSupported on other systems.
func Probe() (*Features, error) {
	f, err := probe(sys.Kernel{})
	if err != nil {
		return nil, stepError("probe", err)
	}
	return f, nil
}

func probe(k kernel) (*Features, error) {
	release, err := k.Release()
	if err != nil {
		return nil, err
	}
	mode, err := k.SeccompMode()
	if err != nil && !errors.Is(err, syscall.EINVAL) { // EINVAL: a kernel without seccomp
		return nil, err
	}
	f := &Features{Release: release, UnderFilter: mode != int(ModeDisabled)}
	for i, a := range actionNames {
		f.actions[i] = f.classify(k.ActionAvail(a.kind.Ret()), nil, syscall.EOPNOTSUPP)
		if f.actions[i] == unsupported && actionSince(a.kind).Less(KernelVersion{3, 17}) {
			f.actions[i] = f.basicAction(k)
		}
	}
	for i := range flagNames {
		f.flags[i] = f.classify(k.ProbeFilterFlags(uint32(probeCombination(1<<i))), syscall.EFAULT, syscall.EINVAL)
	}
	return f, nil
}

// basicAction answers for the actions every kernel with filters has, where the question itself is too new for it (4.14).
func (f *Features) basicAction(k kernel) support {
	return f.classify(k.ProbeFilterFlags(0), syscall.EFAULT, syscall.ENOSYS)
}

// probeCombination adds what a flag cannot go without.
func probeCombination(f Flags) Flags {
	if f&FlagWaitKillableRecv != 0 {
		f |= FlagNewListener
	}
	if f&FlagNewListener != 0 && f&FlagTSync != 0 {
		f |= FlagTSyncESRCH
	}
	return f
}

// classify turns an errno into an answer: yes, no, or one that only another filter gives.
func (f *Features) classify(got, yes, no error) support {
	switch {
	case got == yes:
		return supported
	case got == no, errors.Is(got, syscall.EINVAL), errors.Is(got, syscall.ENOSYS) && !f.UnderFilter:
		return unsupported
	}
	return inconclusive
}

// Action returns nil if the kernel knows the action, a *NotSupportedError, or ErrInconclusive.
func (f *Features) Action(a Action) error {
	for i, n := range actionNames {
		if n.kind == a.Kind() {
			return f.answer(f.actions[i], "action "+n.name, actionSince(n.kind))
		}
	}
	return f.answer(unsupported, "action "+a.String(), KernelVersion{})
}

// Flags returns nil if the kernel knows every one of the flags, else a *NotSupportedError for the first it lacks, or
// ErrInconclusive.
func (f *Features) Flags(flags Flags) error {
	for i, name := range flagNames {
		if flags&(1<<i) == 0 {
			continue
		}
		if err := f.answer(f.flags[i], "flag "+name, flagSince(1<<i)); err != nil {
			return err
		}
	}
	if !flags.Valid() {
		return f.answer(unsupported, "flag "+flags.String(), KernelVersion{})
	}
	return nil
}

func (f *Features) answer(s support, feature string, since KernelVersion) error {
	switch s {
	case supported:
		return nil
	case inconclusive:
		return fmt.Errorf("%s: %w", feature, ErrInconclusive)
	}
	return &NotSupportedError{Feature: feature, Since: since, Running: f.Release}
}

// String lists what there is, one line each for actions and flags.
func (f *Features) String() string {
	var b strings.Builder
	b.WriteString("Linux " + f.Release + "\nactions:")
	for i, n := range actionNames {
		writeSupport(&b, n.name, f.actions[i])
	}
	b.WriteString("\nflags:")
	for i, name := range flagNames {
		writeSupport(&b, name, f.flags[i])
	}
	b.WriteByte('\n')
	return b.String()
}

func writeSupport(b *strings.Builder, name string, s support) {
	switch s {
	case supported:
		b.WriteString(" " + name)
	case inconclusive:
		b.WriteString(" " + name + "?")
	}
}

// actionSince returns the first Linux release that has an action: KILL_PROCESS commit 0466bdb99e87, LOG 59f5cf44a382 (both
// 4.14), USER_NOTIF 6a21cc50f0c7 (5.0); the others came with filters.
func actionSince(a Action) KernelVersion {
	switch a.Kind() {
	case KillProcess, Log:
		return KernelVersion{4, 14}
	case Notify:
		return KernelVersion{5, 0}
	}
	return KernelVersion{3, 5}
}

// flagSince returns the first Linux release that has a flag: TSYNC commit c2e1f2e30daa, LOG e66a39977985, SPEC_ALLOW
// 00a02d0c502a, NEW_LISTENER 6a21cc50f0c7, TSYNC_ESRCH 51891498f2da, WAIT_KILLABLE_RECV c2aa2dfef243.
func flagSince(f Flags) KernelVersion {
	switch f {
	case FlagTSync:
		return KernelVersion{3, 17}
	case FlagLog:
		return KernelVersion{4, 14}
	case FlagSpecAllow:
		return KernelVersion{4, 17}
	case FlagNewListener:
		return KernelVersion{5, 0}
	case FlagTSyncESRCH:
		return KernelVersion{5, 7}
	case FlagWaitKillableRecv:
		return KernelVersion{5, 19}
	}
	return KernelVersion{}
}
