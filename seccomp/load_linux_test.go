package seccomp

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	vm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/sys"
)

// refuse is a program for this machine that answers getppid (nr) with an error and allows all else.
func refuse(nr uint32, a Action) []bpf.RawInstruction { return refuseNumbers(a, nr) }

func loadHere(insns []bpf.RawInstruction, opts *LoadOptions) (*Loaded, error) {
	return load(sys.Kernel{}, insns, NativeArch(), opts)
}

// manyThreads starts n goroutines, each locked to a thread of its own, that run ask when told to.
func manyThreads(n int, ask func() error) (run func() []error) {
	start := make(chan struct{})
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	done.Add(n)
	for i := range n {
		go func() {
			runtime.LockOSThread()
			ready.Done()
			<-start
			errs[i] = ask()
			done.Done()
		}()
	}
	ready.Wait()
	return func() []error {
		close(start)
		done.Wait()
		return errs
	}
}

// wantErrno returns an error unless the raw call fails with errno.
func wantErrno(nr uintptr, errno syscall.Errno) error {
	if _, _, got := syscall.RawSyscall(nr, 0, 0, 0); got != errno {
		return fmt.Errorf("call %d: %v, want %v", nr, got, errno)
	}
	return nil
}

func TestLoadConfinesEveryThread(t *testing.T) {
	unprivileged(t, func() error {
		const marker = syscall.Errno(77)
		run := manyThreads(20, func() error { return wantErrno(unix.SYS_GETPPID, marker) })
		l, err := loadHere(refuse(unix.SYS_GETPPID, Errno(uint16(marker))), nil)
		if err != nil {
			return err
		}
		if len(l.Threads) < 20 {
			return fmt.Errorf("only %d threads read back", len(l.Threads))
		}
		for _, s := range l.Threads {
			if s.Mode != ModeFilter || !s.NoNewPrivs || s.Filters != 1 {
				return fmt.Errorf("%v", s)
			}
		}
		for _, err := range append(run(), wantErrno(unix.SYS_GETPPID, marker)) {
			if err != nil {
				return err
			}
		}
		born := manyThreads(4, func() error { return wantErrno(unix.SYS_GETPPID, marker) })
		for _, err := range born() {
			if err != nil {
				return fmt.Errorf("thread born later: %w", err)
			}
		}
		return sameAsProc(l)
	}).mustSucceed(t)
}

// sameAsProc compares what Load saw with Status and ThreadStatus.
func sameAsProc(l *Loaded) error {
	s, err := Status(0)
	if err != nil || s.Mode != ModeFilter || s.TID != os.Getpid() {
		return fmt.Errorf("Status: %v, %v", s, err)
	}
	states, err := ThreadStatus(0)
	if err != nil || len(states) == 0 {
		return fmt.Errorf("ThreadStatus: %v, %v", states, err)
	}
	for _, s := range states {
		if s.Mode != ModeFilter || s.Filters != l.Threads[0].Filters {
			return fmt.Errorf("ThreadStatus: %v", s)
		}
	}
	other, err := Status(os.Getppid())
	if err == nil && other.TID == s.TID {
		return fmt.Errorf("parent's status is %v", other)
	}
	return nil
}

func TestLoadTwiceStacks(t *testing.T) {
	unprivileged(t, func() error {
		for i, a := range []Action{Errno(71), Errno(72)} {
			l, err := loadHere(refuse([]uint32{unix.SYS_GETPPID, unix.SYS_GETSID}[i], a), nil)
			if err != nil {
				return err
			}
			if l.Before.Filters != i || l.Threads[0].Filters != i+1 {
				return fmt.Errorf("load %d: before %v, after %v", i, l.Before, l.Threads[0])
			}
		}
		return errors.Join(wantErrno(unix.SYS_GETPPID, 71), wantErrno(unix.SYS_GETSID, 72))
	}).mustSucceed(t)
}

func TestLoadNamesTheThreadThatCannotFollow(t *testing.T) {
	unprivileged(t, func() error {
		runtime.LockOSThread() // the other goroutine gets another thread
		tid := make(chan int)
		release := make(chan struct{})
		go func() {
			l, err := loadHere(refuse(unix.SYS_GETPPID, Errno(77)), &LoadOptions{ThisThread: true})
			if err != nil {
				fmt.Println(err)
				tid <- -1
				return
			}
			tid <- l.TID
			<-release
		}()
		other := <-tid
		defer close(release)
		l, err := loadHere(refuse(unix.SYS_GETSID, Errno(77)), nil)
		var sync *ThreadSyncError
		if l != nil || !errors.As(err, &sync) || sync.TID != other || sync.State == nil || sync.State.Filters != 1 {
			return fmt.Errorf("thread %d: got %+v, %w", other, l, err)
		}
		if l, err := loadHere(refuse(unix.SYS_GETSID, Errno(77)), &LoadOptions{Flags: FlagTSyncESRCH}); l != nil || !errors.As(err, &sync) || sync.TID != 0 {
			return fmt.Errorf("with ESRCH: got %+v, %w", l, err)
		}
		return wantErrno(unix.SYS_GETSID, 0)
	}).mustSucceed(t)
}

func TestLoadWithoutPrivilege(t *testing.T) {
	unprivileged(t, func() error {
		l, err := loadHere(refuse(unix.SYS_GETPPID, Errno(77)), &LoadOptions{AllowNewPrivs: true})
		if l != nil || !errors.Is(err, ErrNotPermitted) || !errors.Is(err, syscall.EACCES) {
			return fmt.Errorf("got %+v, %v", l, err)
		}
		return nil
	}).mustSucceed(t)
}

func TestLoadKernelRefusals(t *testing.T) {
	r := unprivileged(t, func() error {
		// Half-word loads are not for seccomp; the kernel finds this one though no call gets there.
		bad := []bpf.RawInstruction{{Op: vm.Ja, K: 1}, {Op: 0x28, K: 0}, {Op: vm.RetK, K: Allow.Ret()}}
		if l, err := loadHere(bad, nil); l != nil || !errors.Is(err, ErrRejected) {
			return fmt.Errorf("bad program: %+v, %v", l, err)
		}
		first, err := loadHere(refuse(unix.SYS_GETPPID, Notify), &LoadOptions{Flags: FlagNewListener | FlagWaitKillableRecv | FlagLog | FlagSpecAllow})
		if err != nil || first.Listener < 0 {
			return fmt.Errorf("listener: %+v, %v", first, err)
		}
		if l, err := loadHere(refuse(unix.SYS_GETSID, Notify), &LoadOptions{Flags: FlagNewListener}); l != nil || !errors.Is(err, ErrListenerExists) {
			return fmt.Errorf("second listener: %+v, %v", l, err)
		}
		long := make([]bpf.RawInstruction, 0, sys.MaxFilter)
		for range sys.MaxFilter - 1 {
			long = append(long, bpf.RawInstruction{Op: vm.LdAbs})
		}
		long = append(long, bpf.RawInstruction{Op: vm.RetK, K: Allow.Ret()})
		for range 16 {
			if _, err = loadHere(long, nil); err != nil {
				break
			}
		}
		if !errors.Is(err, ErrTooComplex) {
			return fmt.Errorf("filters together: %v", err)
		}
		return nil
	})
	r.mustSucceed(t)
}

// TestLoadSurvivesItsOwnFilter loads filters that kill the process for what reading back takes.
func TestLoadSurvivesItsOwnFilter(t *testing.T) {
	unprivileged(t, func() error {
		prog := refuseNumbers(KillProcess, unix.SYS_READ, unix.SYS_PRCTL)
		if l, err := loadHere(prog, nil); l != nil || !errors.Is(err, ErrUnverifiable) {
			return fmt.Errorf("got %+v, %v", l, err)
		}
		l, err := loadHere(prog, &LoadOptions{AllowUnreadable: true})
		if err != nil || len(l.Unread) != 2 || len(l.Threads) != 0 {
			return fmt.Errorf("got %+v, %v", l, err)
		}
		return nil
	}).mustSucceed(t)
}

func TestLoadKillProcessKills(t *testing.T) {
	r := unprivileged(t, func() error {
		if _, err := loadHere(refuse(unix.SYS_GETPPID, KillProcess), nil); err != nil {
			return err
		}
		_, _, _ = syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		return errors.New("still alive")
	})
	if r.signal() != syscall.SIGSYS {
		t.Errorf("child: %v\n%s", r.state, r.output)
	}
}

func TestLoadThisThreadOnly(t *testing.T) {
	unprivileged(t, func() error {
		done := make(chan error)
		go func() {
			_, err := loadHere(refuse(unix.SYS_GETPPID, Errno(77)), &LoadOptions{ThisThread: true})
			if err == nil {
				err = wantErrno(unix.SYS_GETPPID, 77)
			}
			done <- err
		}()
		if err := <-done; err != nil {
			return err
		}
		runtime.LockOSThread()
		return wantErrno(unix.SYS_GETPPID, 0)
	}).mustSucceed(t)
}

func TestLoadWithoutProc(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("hiding /proc needs root")
	}
	child(t, func() error {
		if err := unix.Chroot(os.TempDir()); err != nil {
			return err
		}
		prog := refuse(unix.SYS_GETPPID, Errno(77))
		if l, err := loadHere(prog, nil); l != nil || !errors.Is(err, ErrUnverifiable) {
			return fmt.Errorf("got %+v, %v", l, err)
		}
		if err := wantErrno(unix.SYS_GETPPID, 0); err != nil {
			return err
		}
		l, err := loadHere(prog, &LoadOptions{AllowUnreadable: true})
		if err != nil || len(l.Unread) != 1 || len(l.Threads) != 1 || l.Threads[0].Mode != ModeFilter {
			return fmt.Errorf("got %+v, %v", l, err)
		}
		return wantErrno(unix.SYS_GETPPID, 77)
	}).mustSucceed(t)
}

func TestProbeHere(t *testing.T) {
	f, err := Probe()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []Action{KillThread, Trap, Errno(1), Trace, Allow} {
		if err := f.Action(a); err != nil {
			t.Errorf("%v: %v", a, err)
		}
	}
	avail, err := os.ReadFile("/proc/sys/kernel/seccomp/actions_avail")
	if err != nil {
		t.Skip("the kernel has no list of its actions: ", err)
	}
	listed := map[string]bool{}
	for _, name := range strings.Fields(string(avail)) {
		listed[name] = true
	}
	for _, n := range actionNames {
		name := n.name
		if name == "notify" {
			name = "user_notif"
		}
		if got := f.Action(n.kind) == nil; got != listed[name] && !f.UnderFilter {
			t.Errorf("action %s: probe says %v, the kernel lists %v", name, got, listed[name])
		}
	}
	t.Log(f)
}
