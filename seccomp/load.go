package seccomp

import (
	"fmt"
	"runtime"

	"golang.org/x/net/bpf"

	"github.com/gostockade/stockade/internal/sys"
)

// LoadOptions change how a filter is installed. The zero value, and nil, install it on every thread of the process with
// no_new_privs set, and fail unless the state of every thread could be read back.
type LoadOptions struct {
	// Flags for the kernel. FlagTSync is implied unless ThisThread is set, and FlagTSyncESRCH where the kernel wants it.
	Flags Flags

	// ThisThread installs on the calling thread alone, and on those it creates later. Every other thread stays as it is, so
	// this does not confine a Go program, whose goroutines move between threads; it is for a thread that only starts a child. Load
	// then leaves the calling goroutine locked to the thread, so that the thread ends with it.
	ThisThread bool

	// AllowNewPrivs leaves no_new_privs as it is, so that programs executed later may gain privileges from set-user-ID bits and
	// file capabilities. The kernel then wants CAP_SYS_ADMIN.
	AllowNewPrivs bool

	// AllowUnreadable accepts that the result cannot be read back, because /proc is not mounted or the filter forbids read(2)
	// or close(2), and relies on the kernel's return value. Loaded.Unread says what was not seen.
	AllowUnreadable bool

	// Before, if not nil, is called on the pinned thread when everything that Load needs files for is open and nothing has changed yet. What
	// else is to confine the process goes here, if it would keep Load from opening them: package profile enters an AppArmor profile.
	// Its error stops the load.
	Before func() error
}

// Loaded says what Load did and what it saw afterwards.
type Loaded struct {
	Flags    Flags    // as given to the kernel
	Listener int      // the notification descriptor with FlagNewListener, close-on-exec, the caller's to close; else -1
	TID      int      // the thread that made the call
	Before   State    // its state before
	Threads  []State  // the state of every thread that was there, read back with the filter on
	Unread   []string // what could not be read back, and why; empty unless LoadOptions.AllowUnreadable is set
}

// Load installs a program as a filter on every thread of the calling process, for good: a filter cannot be removed, threads and
// programs started later have it too, and further filters can only forbid more. It stops later calls; what is open already
// stays open, and calls in progress finish.
//
// Load pins the calling thread, sets no_new_privs, calls seccomp(2) with SECCOMP_FILTER_FLAG_TSYNC, and reads the state of every
// thread back from /proc. It returns nil only if every thread is confined as asked. Every error is a *LoadError, which says
// whether a filter is in force all the same, and wraps one of
//
//   - ErrInvalid, ErrTooLarge: the request makes no sense, nothing was tried
//   - ErrNotSupported (*NotSupportedError: not Linux, or which kernel has the missing action, flag or call)
//   - *ThreadSyncError: the thread that could not take the filter over; no thread has it then
//   - ErrNotPermitted, ErrTooComplex, ErrListenerExists, ErrRejected: the kernel refused
//   - ErrUnverifiable: /proc is missing, or the program would not let Load read the result; see LoadOptions.AllowUnreadable
//   - ErrNotConfined: a thread's state is not what was asked
//
// Load before the program forbids what loading takes: seccomp(2), prctl(2), openat(2) of /proc. A Go program's filter must
// also allow what the Go runtime needs, the set GoRuntime, or the process ends soon after.
func Load(prog *Program, opts *LoadOptions) (*Loaded, error) {
	if err := prog.check(); err != nil {
		return nil, stepError("check the request", err)
	}
	return load(sys.Kernel{}, prog.code, prog.target, opts)
}

// load is Load on a kernel that tests can replace. target is the ABI the program was made for.
func load(k kernel, insns []bpf.RawInstruction, target Arch, opts *LoadOptions) (*Loaded, error) {
	if opts == nil {
		opts = &LoadOptions{}
	}
	flags, err := opts.check(insns, target)
	if err != nil {
		return nil, stepError("check the request", err)
	}
	// no_new_privs and prctl are per thread, so everything up to the end of the reading must happen on one.
	runtime.LockOSThread()
	l := &loader{kernel: k, opts: opts, flags: flags, insns: insns}
	loaded, err := l.run()
	if !opts.ThisThread || !l.installed {
		runtime.UnlockOSThread()
	}
	if err != nil {
		return nil, err
	}
	return loaded, nil
}

// check returns the flags to give to the kernel.
func (o *LoadOptions) check(insns []bpf.RawInstruction, target Arch) (Flags, error) {
	if n := len(insns); n == 0 || n > sys.MaxFilter {
		return 0, fmt.Errorf("%w: a filter has 1 to %d instructions, not %d", ErrTooLarge, sys.MaxFilter, n)
	}
	if native := NativeArch(); target.Primary() != native.Primary() || target.BigEndian() != native.BigEndian() {
		return 0, invalid("the program is for %v, this process runs on %v", target, native)
	}
	if !o.Flags.Valid() {
		return 0, invalid("flags %v", o.Flags)
	}
	flags := o.Flags
	switch {
	case !o.ThisThread:
		flags = probeCombination(flags | FlagTSync)
	case flags&(FlagTSync|FlagTSyncESRCH) != 0:
		return 0, invalid("flags %v contradict ThisThread", flags)
	}
	if flags&FlagWaitKillableRecv != 0 && o.Flags&FlagNewListener == 0 {
		return 0, invalid("flag WAIT_KILLABLE_RECV needs NEW_LISTENER")
	}
	return flags, nil
}

// A loader takes one filter through the steps. It runs on one locked thread.
type loader struct {
	kernel
	opts      *LoadOptions
	flags     Flags
	insns     []bpf.RawInstruction
	installed bool
	release   string
	reader    reader
	loaded    Loaded
}

// run takes the steps in the only safe order: everything that can fail and everything that needs a file is done before the
// filter is on, and afterwards only calls that the filter is known to allow.
func (l *loader) run() (*Loaded, error) {
	l.loaded = Loaded{Flags: l.flags, Listener: -1, TID: l.Gettid()}
	var err error
	if l.release, err = l.Release(); err != nil {
		return nil, stepError("uname", err)
	}
	if err := l.checkActions(); err != nil {
		return nil, stepError("seccomp(SECCOMP_GET_ACTION_AVAIL)", err)
	}
	if err := l.reader.open(l); err != nil {
		return nil, stepError("prepare to read the result back", err)
	}
	if err := l.before(); err != nil {
		l.reader.close(l)
		return nil, stepError("do what comes before the filter", err)
	}
	if err := l.setNoNewPrivs(); err != nil {
		l.reader.close(l)
		return nil, stepError("prctl(PR_SET_NO_NEW_PRIVS)", err)
	}
	if err := l.install(); err != nil {
		l.reader.close(l)
		return nil, stepError(fmt.Sprintf("seccomp(SECCOMP_SET_MODE_FILTER, %v)", l.flags), err)
	}
	l.installed = true
	if err := l.reader.verify(l); err != nil {
		l.dropListener()
		return nil, &LoadError{Step: "read the result back", InForce: true, Err: err}
	}
	loaded := l.loaded
	return &loaded, nil
}

// before calls LoadOptions.Before.
func (l *loader) before() error {
	if l.opts.Before == nil {
		return nil
	}
	return l.opts.Before()
}

// setNoNewPrivs sets no_new_privs on this thread; TSYNC carries it to the others (Linux kernel/seccomp.c, seccomp_sync_threads).
func (l *loader) setNoNewPrivs() error {
	if l.opts.AllowNewPrivs {
		return nil
	}
	if err := l.SetNoNewPrivs(); err != nil {
		return err
	}
	on, err := l.NoNewPrivs()
	if err != nil {
		return err
	}
	if !on {
		return fmt.Errorf("%w: no_new_privs is still off", ErrNotConfined)
	}
	return nil
}

// install makes the call. Success is 0, or with a listener any descriptor; under TSYNC a positive result names the thread that
// could not follow, and then no thread has the filter.
func (l *loader) install() error {
	r, err := l.SetFilter(uint32(l.flags), filter(l.insns))
	if err != nil {
		return l.explain(err)
	}
	if l.flags&FlagNewListener != 0 {
		l.loaded.Listener = r
		return nil
	}
	if r != 0 {
		return &ThreadSyncError{TID: r, State: l.reader.stateBefore(l, r)}
	}
	return nil
}

// dropListener closes the listener of a load that failed after the filter was on: calls it would have been asked about then
// fail with ENOSYS.
func (l *loader) dropListener() {
	fd := l.loaded.Listener
	if fd < 0 {
		return
	}
	if ok, err := allows(l.insns, l.CloseCall(fd)); ok && err == nil {
		_ = l.Close(fd) // nothing is left to do if that fails too; the load has failed already
	}
}

func filter(insns []bpf.RawInstruction) []sys.SockFilter {
	out := make([]sys.SockFilter, len(insns))
	for i, in := range insns {
		out[i] = sys.SockFilter{Code: in.Op, JT: in.Jt, JF: in.Jf, K: in.K}
	}
	return out
}
