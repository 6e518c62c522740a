package oci

import (
	"errors"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

// head converts everything but the rules.
func (im *importer) head() error {
	s := im.spec
	switch {
	case s == nil:
		return errors.New("no document")
	case s.DefaultAction == "" && len(s.Syscalls) == 0:
		return errors.New("neither defaultAction nor syscalls: runtimes take this for no filter at all")
	}
	im.def, _ = im.action(s.DefaultAction, s.DefaultErrnoRet, -1, "/defaultAction", "/defaultErrnoRet")
	if im.def == seccomp.Notify && im.opts.Runtime != Crun {
		im.refuse(-1, "/defaultAction", "runc cannot hand over the descriptor when every call is notified")
	}
	im.out.Default, im.out.Foreign = im.def, seccomp.KillThread
	if im.def == seccomp.KillThread {
		im.note(Warning, -1, "/defaultAction", CodeKillThread, "%s ends only the calling thread: a Go program, and most others with "+
			"threads, hangs; use SCMP_ACT_KILL_PROCESS", s.DefaultAction)
	}
	if err := im.arches(); err != nil {
		return err
	}
	im.flags()
	return errors.Join(im.refused...)
}

// arches decides which ABIs are covered: those listed, and the machine's own.
func (im *importer) arches() error {
	for i, word := range im.spec.Architectures {
		a, ok := scmp.Arch(word)
		if !ok || !im.opts.Runtime.covers(a) {
			im.refuse(-1, pointerIndex("/architectures", i), "%v knows no architecture %q", im.opts.Runtime, word)
		} else if !slices.Contains(im.listed, a) {
			im.listed = append(im.listed, a)
		}
	}
	native := im.opts.Arch
	switch {
	case native.Valid():
	case len(im.listed) > 0:
		native = im.listed[0]
	case len(im.spec.Architectures) == 0:
		return ErrNoArch
	default:
		return nil // every one is refused
	}
	native = native.Primary()
	covered := slices.Clone(im.listed)
	if !slices.Contains(covered, native) {
		covered = append([]seccomp.Arch{native}, covered...)
		if len(im.listed) > 0 {
			im.note(Info, -1, "/architectures", CodeNativeAdded, "%s is not listed but covered: libseccomp always covers the machine's own ABI", native.SCMP())
		}
	}
	for _, a := range covered {
		if a.BigEndian() != native.BigEndian() {
			im.refuse(-1, "/architectures", "libseccomp does not mix byte orders: %s on %s", a.SCMP(), native.SCMP())
		}
		im.dbs = append(im.dbs, newDatabase(a))
	}
	im.out.Arches = covered
	return nil
}

// covers reports whether the runtime accepts an ABI (runc's libcontainer/seccomp/config.go, archs; crun asks libseccomp).
func (r Runtime) covers(a seccomp.Arch) bool {
	switch a {
	case seccomp.PARISC, seccomp.PARISC64, seccomp.M68K, seccomp.SH, seccomp.SHEB:
		return r == Crun
	case seccomp.RISCV64, seccomp.LOONG64:
		return r != Runc11
	}
	return true
}

// flags converts the flags as runc and crun take them.
func (im *importer) flags() {
	s := im.spec
	if s.Flags == nil && im.opts.Runtime != Runc11 {
		im.out.Flags = seccomp.FlagSpecAllow
		im.note(Info, -1, "/flags", CodeFlagsDefault, "no flags are given: the runtime sets SPEC_ALLOW, which leaves the processor's "+
			"speculative store bypass open; an empty array sets none")
	}
	if len(s.Flags) > 0 && im.opts.Runtime == Runc11 {
		im.refuse(-1, "/flags", "runc 1.1 and older take no flags")
	}
	for i, word := range s.Flags {
		f, ok := scmp.Flag(word)
		at := pointerIndex("/flags", i)
		switch {
		case !ok:
			im.refuse(-1, at, "unknown flag %q", word)
		case f == seccomp.FlagTSync:
			im.note(Info, -1, at, CodeFlagIgnored, "runtimes ignore TSYNC: they install the filter before the program has threads")
		default:
			im.out.Flags |= f
		}
	}
	notifies := slices.ContainsFunc(s.Syscalls, func(c specs.LinuxSyscall) bool { return c.Action == specs.ActNotify })
	if notifies {
		im.out.Flags |= seccomp.FlagNewListener
	}
	if notifies && s.ListenerPath == "" {
		im.note(Warning, -1, "", CodeListener, "SCMP_ACT_NOTIFY without listenerPath: runc does not start the container")
	}
	if s.ListenerMetadata != "" && s.ListenerPath == "" {
		im.note(Warning, -1, "/listenerMetadata", CodeListener, "the specification forbids listenerMetadata without listenerPath")
	}
	if im.out.Flags&seccomp.FlagWaitKillableRecv != 0 && !notifies {
		im.note(Warning, -1, "/flags", CodeListener, "WAIT_KILLABLE_RECV without any SCMP_ACT_NOTIFY: the kernel refuses the filter")
	}
}
