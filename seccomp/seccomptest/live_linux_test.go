package seccomptest

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

// goProfile lets Go run and print, and refuses all else.
func goProfile() *seccomp.Profile {
	return seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo)
}

// refused are a result's refused calls without clone3, which a C library tries before clone when it starts a thread (seccomp.Cgo).
func refused(r *LiveResult) []Refusal {
	return slices.DeleteFunc(slices.Clone(r.Refused), func(c Refusal) bool { return strings.HasPrefix(c.Text, "clone3(") })
}

func texts(list []Refusal) (out []string) {
	for _, r := range list {
		out = append(out, r.String())
	}
	return out
}

func TestLiveReportsRefusedCalls(t *testing.T) {
	r := Live(t, goProfile(), func() {
		_, err := os.Open("/etc/hostname")
		fmt.Println("open:", err)
		fmt.Println("unshare:", syscall.Unshare(syscall.CLONE_NEWUTS|syscall.CLONE_NEWNS))
	})
	native := seccomp.NativeArch().String()
	want := []string{
		native + ` openat(AT_FDCWD, "/etc/hostname", O_RDONLY|O_CLOEXEC, 0): errno EPERM`,
		native + ` unshare(CLONE_NEWNS|CLONE_NEWUTS): errno EPERM`,
	}
	got := texts(refused(r))
	for i := range got {
		got[i] = strings.Replace(got[i], "|O_LARGEFILE", "", 1) // on 32-bit ABIs
	}
	if !slices.Equal(got, want) || r.Ended != "" || len(r.Logged) != 0 {
		t.Errorf("got %q\n%v\n%s", got, r, r.Output)
	}
	if !strings.Contains(r.Output, "open: open /etc/hostname: operation not permitted\n") || !strings.Contains(r.Output, "unshare: operation not permitted\n") {
		t.Errorf("output %q", r.Output)
	}
	for _, c := range refused(r) {
		if c.TID == 0 || c.Call.IP == 0 {
			t.Errorf("%+v", c)
		}
	}
}

func TestLiveAllowsWhatTheProfileAllows(t *testing.T) {
	r := Live(t, seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo, seccomp.FileRead), func() {
		if _, err := os.ReadFile("/proc/self/stat"); err != nil {
			fmt.Println(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { runtime.LockOSThread(); runtime.GC() })
		}
		wg.Wait()
		fmt.Println("done")
	})
	if len(refused(r)) != 0 || r.Ended != "" || r.Output != "done\n" {
		t.Errorf("%v%s", r, r.Output)
	}
}

func TestLiveEndings(t *testing.T) {
	getppid := func(a seccomp.Action) *seccomp.Profile {
		return &seccomp.Profile{Default: seccomp.Allow, Rules: []seccomp.Rule{{Names: []string{"getppid"}, Action: a}}}
	}
	ask := func() { fmt.Println(syscall.RawSyscall(syscall.SYS_GETPPID, 0, 0, 0)) }
	tests := []struct {
		name    string
		p       *seccomp.Profile
		fn      func()
		ended   string
		refused int
		logged  int
		output  string
	}{
		{"errno", getppid(seccomp.Errno(77)), ask, "", 1, 0, "file descriptor in bad state"},
		{"no error", getppid(seccomp.Errno(0)), ask, "", 1, 0, "0 0 errno 0"},
		{"log", getppid(seccomp.Log), ask, "", 0, 1, "errno 0"},
		{"trace", getppid(seccomp.TraceWith(3)), ask, "", 1, 0, "function not implemented"},
		{"notify", getppid(seccomp.Notify), ask, "", 1, 0, "function not implemented"},
		{"kill process", getppid(seccomp.KillProcess), ask, "kill_process for getppid()", 1, 0, ""},
		{"kill thread", getppid(seccomp.KillThread), ask, "kill_thread for getppid()", 1, 0, ""},
		{"trap", getppid(seccomp.TrapWith(5)), ask, "trap 5 for getppid()", 1, 0, ""},
		{"panic", getppid(seccomp.Allow), func() { panic(errors.New("oh")) }, "panic: oh", 0, 0, ""},
		{"goexit", getppid(seccomp.Allow), runtime.Goexit, "the function ended its goroutine (runtime.Goexit, t.FailNow)", 0, 0, ""},
		{"exit", getppid(seccomp.Allow), func() { os.Exit(7) }, "the process ended: exit status 7", 0, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Live(t, tt.p, tt.fn)
			if r.Ended != tt.ended || len(refused(r)) != tt.refused || len(r.Logged) != tt.logged || !strings.Contains(r.Output, tt.output) {
				t.Errorf("%v%s", r, r.Output)
			}
		})
	}
}

// TestLiveTwice has two calls of Live in one test: the child for the second passes by the first.
func TestLiveTwice(t *testing.T) {
	first := Live(t, goProfile(), func() { fmt.Println("first") })
	second := Live(t, goProfile(), func() { fmt.Println("second") })
	if first.Output != "first\n" || second.Output != "second\n" {
		t.Errorf("%q, %q", first.Output, second.Output)
	}
}

func TestLiveManyThreads(t *testing.T) {
	r := Live(t, goProfile(), func() {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				runtime.LockOSThread()
				_, _, errno := syscall.Syscall(syscall.SYS_GETPPID, 0, 0, 0)
				if errno != syscall.EPERM {
					panic(errno)
				}
			})
		}
		wg.Wait()
	})
	tids := map[int]bool{}
	for _, c := range refused(r) {
		if name, _ := c.Call.Name(); name != "getppid" {
			t.Errorf("refused %v", c)
		}
		tids[c.TID] = true
	}
	if len(refused(r)) != 20 || len(tids) < 2 || r.Ended != "" {
		t.Errorf("%d refusals of %d threads\n%v%s", len(refused(r)), len(tids), r, r.Output)
	}
}

// TestLiveSetUpFails: a profile that cannot be compiled, and a child that does not come to its call of Live.
func TestLiveSetUpFails(t *testing.T) {
	if os.Getenv(liveEnv) == "" {
		r := &fatalRecorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			Live(r, goProfile(), func() {})
		}()
		<-done
		if !strings.Contains(r.message, "never came to this call of Live") {
			t.Errorf("message %q", r.message)
		}
	}
	r := &fatalRecorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Live(r, &seccomp.Profile{Rules: []seccomp.Rule{{Names: []string{"nonsense"}}}}, func() {})
	}()
	<-done
	if os.Getenv(liveEnv) == "" && !strings.Contains(r.message, "unknown system call") {
		t.Errorf("message %q", r.message)
	}
}

// fatalRecorder keeps the message of Fatal and ends the goroutine.
type fatalRecorder struct {
	testing.TB
	message string
}

func (r *fatalRecorder) Fatal(a ...any) { r.message = fmt.Sprint(a...); runtime.Goexit() }
func (r *fatalRecorder) Fatalf(f string, a ...any) {
	r.message = fmt.Sprintf(f, a...)
	runtime.Goexit()
}
