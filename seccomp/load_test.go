package seccomp

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"

	vm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/sys"
)

// native skips where this GOARCH has no Linux ABI, and returns the ABI.
func native(t *testing.T) Arch {
	t.Helper()
	if !NativeArch().Valid() {
		t.Skip("Linux does not run on this architecture")
	}
	return NativeArch()
}

func TestLoadOnAllThreads(t *testing.T) {
	k := newFakeKernel()
	l, err := load(k, refuseNumbers(Errno(1), 5), native(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.Flags != FlagTSync || l.Listener != -1 || l.TID != 100 || len(l.Unread) != 0 {
		t.Errorf("loaded %+v", l)
	}
	want := []State{{100, ModeFilter, 1, true}, {101, ModeFilter, 1, true}, {102, ModeFilter, 1, true}, {103, ModeFilter, 1, true}}
	if !slices.Equal(l.Threads, want) {
		t.Errorf("threads %v", l.Threads)
	}
	if len(k.files) != 0 {
		t.Errorf("%d descriptors left open", len(k.files))
	}
}

func TestLoadOnThisThread(t *testing.T) {
	k := newFakeKernel()
	l, err := load(k, refuseNumbers(Errno(1), 5), native(t), &LoadOptions{ThisThread: true})
	if err != nil {
		t.Fatal(err)
	}
	if l.Flags != 0 || len(l.Threads) != 1 || l.Threads[0].TID != 100 {
		t.Errorf("loaded %+v", l)
	}
	if k.threads[1].Mode != ModeDisabled {
		t.Error("another thread got the filter")
	}
}

// TestLoadFailsAtEveryStep takes the steps of a good load one by one and makes each fail. No failure may look like success, and
// what fails before the filter is on must leave the process as it was.
func TestLoadFailsAtEveryStep(t *testing.T) {
	arch := native(t)
	prog := refuseNumbers(KillProcess, 5)
	for _, opts := range []*LoadOptions{nil, {AllowUnreadable: true}, {ThisThread: true}, {Flags: FlagNewListener | FlagLog}} {
		good := newFakeKernel()
		if _, err := load(good, prog, arch, opts); err != nil {
			t.Fatal(err)
		}
		for _, errno := range []syscall.Errno{syscall.EPERM, syscall.EIO, syscall.ENOSYS, syscall.EINVAL, syscall.EMFILE, syscall.ENOMEM} {
			for i, step := range good.calls {
				k := newFakeKernel()
				k.failAt, k.failErr = i, errno
				l, err := load(k, prog, arch, opts)
				checkFailure(t, k, l, err, opts, step)
			}
		}
	}
}

// checkFailure judges one injected failure. With AllowUnreadable, trouble with /proc before the filter is on is accepted and must
// be reported instead.
func checkFailure(t *testing.T, k *fakeKernel, l *Loaded, err error, opts *LoadOptions, step string) {
	t.Helper()
	before := !slices.Contains(k.calls[:k.failAt+1], "seccomp") || step == "seccomp"
	if opts != nil && opts.AllowUnreadable && err == nil {
		if len(l.Unread) == 0 || !before {
			t.Errorf("step %d %q: %v: nothing reported: %+v", k.failAt, step, k.failErr, l)
		}
		if !k.installed() {
			t.Errorf("step %d %q: %v: false success", k.failAt, step, k.failErr)
		}
		return
	}
	var le *LoadError
	if err == nil || l != nil || !errors.As(err, &le) {
		t.Errorf("step %d %q: %v: load returned %+v, %v", k.failAt, step, k.failErr, l, err)
		return
	}
	if before && (k.installed() || le.InForce) {
		t.Errorf("step %d %q: %v: the filter is on after %v", k.failAt, step, k.failErr, err)
	}
	if !before && !le.InForce {
		t.Errorf("step %d %q: %v: the filter is on and the error does not say so: %v", k.failAt, step, k.failErr, err)
	}
	if len(k.files) != 0 {
		t.Errorf("step %d %q: %v: %d descriptors left open", k.failAt, step, k.failErr, len(k.files))
	}
}

// TestLoadDoubtsTheKernel lets calls report success without having done their work.
func TestLoadDoubtsTheKernel(t *testing.T) {
	tests := []struct {
		name string
		lie  func(*fakeKernel)
		opts *LoadOptions
		want error
	}{
		{"seccomp(2) installs nothing", func(k *fakeKernel) { k.lieInstall = true }, nil, ErrNotConfined},
		{"seccomp(2) installs nothing above an older filter", func(k *fakeKernel) {
			k.lieInstall = true
			for _, th := range k.threads {
				th.Mode, th.Filters = ModeFilter, 1
			}
		}, nil, ErrNotConfined},
		{"seccomp(2) installs nothing, no /proc", func(k *fakeKernel) { k.lieInstall, k.noProc = true, true }, &LoadOptions{AllowUnreadable: true}, ErrNotConfined},
		{"TSYNC reaches only the caller", func(k *fakeKernel) { k.lieSync = true }, nil, ErrNotConfined},
		{"no_new_privs stays off", func(k *fakeKernel) { k.lieNNP = true; k.root = true }, nil, ErrNotConfined},
		{"no_new_privs is not carried over", func(k *fakeKernel) { k.dropNNPSync = true; k.root = true }, nil, ErrNotConfined},
		{"status is garbage", func(k *fakeKernel) { k.garbage = true }, nil, ErrUnverifiable},
		{"no /proc", func(k *fakeKernel) { k.noProc = true }, nil, ErrUnverifiable},
	}
	for _, tt := range tests {
		k := newFakeKernel()
		tt.lie(k)
		l, err := load(k, refuseNumbers(Errno(1), 5), native(t), tt.opts)
		if l != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: got %+v, %v", tt.name, l, err)
		}
	}
}

func TestLoadAccepts(t *testing.T) {
	tests := []struct {
		name    string
		set     func(*fakeKernel)
		opts    *LoadOptions
		threads int
		unread  int
	}{
		{"a thread that ends meanwhile", func(k *fakeKernel) { k.exitAfter = 102 }, nil, 3, 0},
		{"a thread that ended before", func(k *fakeKernel) { k.threads[2].gone = true }, nil, 3, 0},
		{"a kernel that does not count filters", func(k *fakeKernel) { k.noCount = true }, nil, 4, 0},
		{"a kernel whose TSYNC does not count", func(k *fakeKernel) { k.miscount = true; k.release = "5.10.0-9-amd64" }, nil, 4, 3},
		{"CAP_SYS_ADMIN without no_new_privs", func(k *fakeKernel) { k.root = true }, &LoadOptions{AllowNewPrivs: true}, 4, 0},
		{"no /proc, when told to", func(k *fakeKernel) { k.noProc = true }, &LoadOptions{AllowUnreadable: true}, 1, 1},
	}
	for _, tt := range tests {
		k := newFakeKernel()
		tt.set(k)
		l, err := load(k, refuseNumbers(Errno(1), 5), native(t), tt.opts)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if len(l.Threads) != tt.threads || len(l.Unread) != tt.unread {
			t.Errorf("%s: %+v", tt.name, l)
		}
	}
}

// TestLoadKeepsOffForbiddenCalls gives programs that forbid what reading back takes: the loader may not make those calls once
// the filter is on, for it would kill the process.
func TestLoadKeepsOffForbiddenCalls(t *testing.T) {
	tests := []struct {
		name   string
		prog   []bpf.RawInstruction
		unread int
	}{
		{"read", refuseNumbers(KillProcess, fakeReadNr), 1},
		{"close", refuseNumbers(Trap, fakeCloseNr), 1},
		{"read and prctl", refuseNumbers(Errno(1), fakeReadNr, fakePrctlNr), 2},
		{"by instruction pointer", []bpf.RawInstruction{
			{Op: vm.LdAbs, K: 8}, {Op: vm.ClassJump | vm.TestEq, K: 0, Jf: 1}, {Op: vm.RetK, K: Allow.Ret()}, {Op: vm.RetK, K: KillProcess.Ret()}}, 2},
	}
	for _, tt := range tests {
		k := newFakeKernel()
		if _, err := load(k, tt.prog, native(t), nil); !errors.Is(err, ErrUnverifiable) || k.installed() {
			t.Errorf("%s: installed %v, %v", tt.name, k.installed(), err)
		}
		k = newFakeKernel()
		l, err := load(k, tt.prog, native(t), &LoadOptions{AllowUnreadable: true})
		if err != nil || len(l.Unread) != tt.unread || !k.installed() {
			t.Errorf("%s, allowed: %+v, %v", tt.name, l, err)
		}
		after := k.calls[slices.Index(k.calls, "seccomp")+1:]
		for _, step := range after {
			if step != "get seccomp" || tt.unread == 2 {
				t.Errorf("%s: %q after the filter was on", tt.name, step)
			}
		}
		if len(k.files) != 0 {
			t.Errorf("%s: %d descriptors left open", tt.name, len(k.files))
		}
	}
}

func TestLoadErrorsAnswerQuestions(t *testing.T) {
	tests := []struct {
		name string
		prog []bpf.RawInstruction
		set  func(*fakeKernel)
		opts *LoadOptions
		want error
		text string
	}{
		{"which thread", nil, func(k *fakeKernel) { k.cannotSync = 102; k.threads[2].Mode = ModeStrict }, nil, nil, "thread 102 (strict, 0 filters)"},
		{"which thread, with a listener", nil, func(k *fakeKernel) { k.cannotSync = 102 }, &LoadOptions{Flags: FlagNewListener}, nil, "a thread of this process"},
		{"which flag", nil, func(k *fakeKernel) { k.flagsKnown = FlagTSync | FlagLog; k.release = "4.14.1" }, &LoadOptions{Flags: FlagSpecAllow | FlagLog}, ErrNotSupported, "flag SPEC_ALLOW is not supported: needs Linux 4.17, this is 4.14.1"},
		{"which flag of a pair", nil, func(k *fakeKernel) { k.flagsKnown &^= FlagWaitKillableRecv; k.release = "5.10.1" }, &LoadOptions{Flags: FlagNewListener | FlagWaitKillableRecv}, ErrNotSupported, "flag WAIT_KILLABLE_RECV is not supported: needs Linux 5.19, this is 5.10.1"},
		{"which action", refuseNumbers(KillProcess, 5), func(k *fakeKernel) { k.oldActions = true; k.release = "4.9.0" }, nil, ErrNotSupported, "action kill_process is not supported: needs Linux 4.14, this is 4.9.0"},
		{"which privilege", nil, func(*fakeKernel) {}, &LoadOptions{AllowNewPrivs: true}, ErrNotPermitted, "CAP_SYS_ADMIN"},
		{"an older filter", nil, func(k *fakeKernel) { k.rejects = syscall.EPERM }, nil, ErrNotPermitted, "already on forbids seccomp(2)"},
		{"too large together", nil, func(k *fakeKernel) { k.rejects = syscall.ENOMEM }, nil, ErrTooComplex, ""},
		{"second listener", nil, func(k *fakeKernel) { k.rejects = syscall.EBUSY }, &LoadOptions{Flags: FlagNewListener}, ErrListenerExists, ""},
		{"bad program", nil, func(k *fakeKernel) { k.rejects = syscall.EINVAL }, nil, ErrRejected, ""},
		{"old kernel", nil, func(k *fakeKernel) { k.rejects = syscall.ENOSYS; k.release = "3.16.0" }, nil, ErrNotSupported, "seccomp(2) is not supported: needs Linux 3.17, this is 3.16.0"},
		{"not Linux", nil, func(k *fakeKernel) { k.failAt, k.failErr = 0, sys.ErrUnsupported }, nil, ErrNotSupported, "seccomp is not supported"},
		{"empty program", []bpf.RawInstruction{}, func(*fakeKernel) {}, nil, ErrTooLarge, ""},
		{"unknown flag", nil, func(*fakeKernel) {}, &LoadOptions{Flags: 1 << 20}, ErrInvalid, ""},
		{"contradiction", nil, func(*fakeKernel) {}, &LoadOptions{ThisThread: true, Flags: FlagTSync}, ErrInvalid, ""},
		{"flag without its other", nil, func(*fakeKernel) {}, &LoadOptions{Flags: FlagWaitKillableRecv}, ErrInvalid, "needs NEW_LISTENER"},
	}
	for _, tt := range tests {
		k := newFakeKernel()
		tt.set(k)
		prog := tt.prog
		if prog == nil {
			prog = refuseNumbers(Errno(1), 5)
		}
		l, err := load(k, prog, native(t), tt.opts)
		if l != nil || err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: got %+v, %v", tt.name, l, err)
		}
		if k.installed() && k.threads[0].Mode == ModeFilter {
			t.Errorf("%s: the filter is on", tt.name)
		}
	}
	k := newFakeKernel()
	k.cannotSync = 102
	var sync *ThreadSyncError
	if _, err := load(k, refuseNumbers(Errno(1), 5), native(t), nil); !errors.As(err, &sync) || sync.TID != 102 {
		t.Errorf("thread that cannot follow: %v", err)
	}
}

func TestLoadRefusesAnotherMachinesProgram(t *testing.T) {
	other := S390X
	if native(t) == S390X {
		other = ARM64
	}
	k := newFakeKernel()
	if _, err := load(k, refuseNumbers(Errno(1), 5), other, nil); !errors.Is(err, ErrInvalid) || k.installed() {
		t.Errorf("got %v", err)
	}
}

func TestLoadListener(t *testing.T) {
	k := newFakeKernel()
	l, err := load(k, refuseNumbers(Notify, 5), native(t), &LoadOptions{Flags: FlagNewListener})
	if err != nil {
		t.Fatal(err)
	}
	if l.Flags != FlagTSync|FlagNewListener|FlagTSyncESRCH || l.Listener < 0 {
		t.Errorf("loaded %+v", l)
	}
	if len(k.files) != 1 {
		t.Errorf("%d descriptors open, want the listener alone", len(k.files))
	}
}

// TestLoadBefore: Before runs once, when the files are open and nothing has changed, and its error stops the load.
func TestLoadBefore(t *testing.T) {
	k := newFakeKernel()
	ran := 0
	before := func() error {
		ran++
		if k.installed() || k.threads[0].NoNewPrivs || len(k.files) == 0 || slices.Contains(k.calls, "set no_new_privs") {
			t.Errorf("Before ran after %v", k.calls)
		}
		return nil
	}
	if _, err := load(k, refuseNumbers(Errno(1), 5), native(t), &LoadOptions{Before: before}); err != nil || ran != 1 {
		t.Errorf("ran %d times, %v", ran, err)
	}
	k = newFakeKernel()
	stop := errors.New("stop")
	l, err := load(k, refuseNumbers(Errno(1), 5), native(t), &LoadOptions{Before: func() error { return stop }})
	if l != nil || !errors.Is(err, stop) || k.installed() || len(k.files) != 0 {
		t.Errorf("got %+v, %v; %d descriptors left open", l, err, len(k.files))
	}
}
