package oci

import (
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

// lint reports what the profile lacks for a container to start, and shapes that libseccomp compiles wrongly.
func (im *importer) lint() {
	native := im.dbs[slices.IndexFunc(im.dbs, func(db *database) bool { return db.arch.Primary() == db.arch })]
	im.lintNeeds(native, CodeNeedsRuntime, runtimeCalls(), "a runtime makes these calls under the filter before the program "+
		"starts (all of them unless noNewPrivileges is set)")
	im.lintNeeds(native, CodeNeedsGo, goCalls(), "a Go program may make these calls at any time")
	im.lintFallback(native)
	im.lintRanges()
}

// lintNeeds reports calls that are refused whatever their arguments.
func (im *importer) lintNeeds(db *database, code Code, names []string, why string) {
	var lacking []string
	for _, name := range names {
		if nr, ok := im.number(db.arch, name); ok && !im.permits(db, name, nr) {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) > 0 {
		im.noteNames(Warning, -1, "", code, lacking, "%s, and the profile refuses some of them", why)
	}
}

// permits reports whether the call gets through for some arguments.
func (im *importer) permits(db *database, name string, nr uint32) bool {
	return slices.ContainsFunc(im.outcomes(db, name, nr), func(a seccomp.Action) bool { return a >= seccomp.Notify })
}

// outcomes returns the actions the call can meet.
func (im *importer) outcomes(db *database, name string, nr uint32) []seccomp.Action {
	c := db.calls[name]
	switch {
	case c != nil && c.always != nil:
		return []seccomp.Action{c.always.action}
	case c == nil && im.out.Newer != nil && nr > im.highest(db):
		return []seccomp.Action{im.out.Newer.Action}
	case c == nil:
		return []seccomp.Action{im.def}
	}
	out := []seccomp.Action{im.def}
	for _, e := range c.conds {
		out = append(out, e.action)
	}
	return out
}

// highest returns the highest number the document names in an ABI.
func (im *importer) highest(db *database) (top uint32) {
	for _, name := range im.names {
		if nr, ok := im.number(db.arch, name); ok && nr < privateNumbers || db.arch == seccomp.X32 {
			top = max(top, nr)
		}
	}
	return top
}

// lintFallback looks at calls that C libraries try first: only ENOSYS makes them use the older call (glibc 2.34 for clone3, 2.33
// for faccessat2).
func (im *importer) lintFallback(db *database) {
	for _, pair := range [...][2]string{{"clone3", "clone"}, {"faccessat2", "faccessat"}} {
		newer, older := pair[0], pair[1]
		nr, ok := im.number(db.arch, newer)
		oldNr, okOld := im.number(db.arch, older)
		if !ok || !okOld || im.permits(db, newer, nr) || !im.permits(db, older, oldNr) {
			continue
		}
		enosys, _ := db.arch.ErrnoNumber("ENOSYS")
		if im.outcomes(db, newer, nr)[0] != seccomp.Errno(enosys) {
			im.note(Warning, -1, "", CodeFallback, "%s gets %v, not ENOSYS, while %s is permitted: C libraries then fail instead of falling back",
				newer, im.outcomes(db, newer, nr)[0], older)
		}
	}
}

// lintRanges reports calls with several rules, ordering comparisons among them, that libseccomp may compile wrongly, 2.6.1 included: it
// loses track of which half of which argument it has loaded (gen_bpf.c, _gen_bpf_chain). One argument with values below 2^32 is safe.
func (im *importer) lintRanges() {
	told := make(map[int]bool)
	for _, db := range im.dbs {
		for _, name := range im.callNames() {
			c := db.calls[name]
			if c == nil || !c.risky() {
				continue
			}
			for _, e := range c.conds {
				if !told[e.rule] {
					told[e.rule] = true
					im.noteNames(Warning, e.rule, "/args", CodeRangeOrder, []string{name}, "libseccomp can compile several rules for a call wrongly when they "+
						"order arguments, and test several or have values beyond 32 bits")
				}
			}
		}
	}
}

// risky reports whether libseccomp may compile the call's rules wrongly.
func (c *call) risky() bool {
	ordered, wide, first, several := false, false, -1, false
	for _, e := range c.conds {
		for _, a := range e.args {
			ordered = ordered || ordering(a.Op)
			wide = wide || (a.Value|a.Mask)>>32 != 0
			several = several || first >= 0 && first != int(a.Index)
			first = int(a.Index)
		}
	}
	return len(c.conds) > 1 && ordered && (wide || several)
}

func ordering(op seccomp.Op) bool { return op >= seccomp.LT && op <= seccomp.GE }

// runtimeCalls are the calls runc 1.1.5 makes between installing the filter and the program's own first instruction, without
// noNewPrivileges, as strace shows them, with those that newer runc and the Go runtime within it add.
func runtimeCalls() []string {
	return []string{
		"brk", "capget", "capset", "chdir", "close", "epoll_ctl", "epoll_pwait", "execve", "exit_group", "faccessat2", "fcntl", "fstat",
		"fstatfs", "futex", "getcwd", "getdents64", "getpid", "getppid", "mmap", "nanosleep", "newfstatat", "openat", "prctl", "read",
		"rt_sigreturn", "setgid", "setgroups", "setuid", "tgkill", "write",
	}
}

// goCalls are the calls that the Go runtime makes in any program, where the ABI has them: the part of seccomp.GoRuntime that is
// not for old kernels, for profiling, or for processors without a vDSO.
func goCalls() []string {
	return []string{
		"clone", "close", "epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2", "exit", "exit_group", "futex", "getpid", "gettid", "madvise",
		"mmap", "munmap", "nanosleep", "read", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity",
		"sched_yield", "sigaltstack", "tgkill", "write",
	}
}
