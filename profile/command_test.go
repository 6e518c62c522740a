//go:build linux

package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/seccomp"
)

// tasks are what a child process of the tests does.
func tasks() map[string]func(map[string]string) error {
	t := map[string]func(map[string]string) error{
		"look":   look,
		"client": clientTask,
		"fault":  faultTask,
		"wait":   func(map[string]string) error { _, err := io.Copy(io.Discard, os.Stdin); return err },
		"server": serverTask,
		"worker": workerTask,
		"parser": parserTask,
	}
	for name, task := range kernelTasks() {
		t[name] = task
	}
	return t
}

// look reports what confines the process, read without this module's help.
func look(f map[string]string) error {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "Seccomp", "Seccomp_filters", "NoNewPrivs":
			f[name] = strings.TrimSpace(value)
		}
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.Close(fd)
	}
	f["socket"] = fmt.Sprint(err)
	_, err = os.ReadFile("/etc/shadow")
	f["shadow"] = fmt.Sprint(errors.Unwrap(err))
	if label, err := os.ReadFile("/proc/self/attr/current"); err == nil {
		f["label"] = strings.TrimSpace(string(label))
	}
	f["args"] = strings.Join(os.Args[1:], "|")
	f["dir"], _ = os.Getwd()
	f["env"] = os.Getenv("STOCKADE_TEST")
	return nil
}

// noSockets lets everything happen but sockets.
func noSockets() *Profile {
	return &Profile{Name: "no sockets", Seccomp: &seccomp.Profile{
		Default: seccomp.Allow,
		Rules:   []seccomp.Rule{{Names: []string{"socket", "socketpair"}, Action: seccomp.Errno(uint16(syscall.EACCES))}},
	}}
}

// noForking also forbids what starting a child takes, so that only ChildEntry can obey it.
func noForking() *Profile {
	p := noSockets()
	p.Seccomp.Rules = append(p.Seccomp.Rules,
		seccomp.Rule{Names: []string{"vfork", "wait4", "pipe2"}, Action: seccomp.Errno(uint16(syscall.EPERM))})
	return p
}

// lookUnder runs the task look under a profile.
func lookUnder(t *testing.T, p *Profile, set func(*Cmd)) result {
	t.Helper()
	c := Command(p, os.Args[0], "one", "two three")
	c.Env = append(os.Environ(), taskEnv+"=look")
	c.Entry = entry
	if set != nil {
		set(c)
	}
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return parseReport(t, "look", string(out), err)
}

func filters(t *testing.T) int {
	t.Helper()
	s, err := seccomp.Status(0)
	if err != nil {
		t.Fatal(err)
	}
	return s.Filters
}

func TestCommandConfines(t *testing.T) {
	before := filters(t)
	for name, p := range map[string]*Profile{"from a thread": noSockets(), "through the entry": noForking()} {
		t.Run(name, func(t *testing.T) {
			r := lookUnder(t, p, nil)
			if r.Facts["Seccomp"] != "2" || r.Facts["Seccomp_filters"] != fmt.Sprint(before+1) || r.Facts["NoNewPrivs"] != "1" || r.Facts["socket"] != "permission denied" {
				t.Errorf("the child is not confined: %q", r.Facts)
			}
			if r.Facts["args"] != "one|two three" {
				t.Errorf("arguments: %q", r.Facts)
			}
		})
	}
	if after := filters(t); after != before {
		t.Errorf("this process has %d filters, had %d", after, before)
	}
	if r := runTask(t, "look", nil); r.Facts["Seccomp_filters"] != fmt.Sprint(before) || r.Facts["socket"] != "<nil>" {
		t.Errorf("a child started without a profile is confined: %q", r.Facts)
	}
}

func TestCommandLikeExec(t *testing.T) {
	for name, p := range map[string]*Profile{"thread": noSockets(), "entry": noForking()} {
		t.Run(name+"/dir and environment", func(t *testing.T) {
			dir := t.TempDir()
			r := lookUnder(t, p, func(c *Cmd) {
				c.Dir = dir
				c.Env = append(c.Env, "STOCKADE_TEST=a b")
			})
			if r.Facts["dir"] != dir || r.Facts["env"] != "a b" {
				t.Errorf("%q", r.Facts)
			}
		})
		t.Run(name+"/pipes", func(t *testing.T) {
			c := Command(p, "cat")
			c.Entry = entry
			in, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			go func() {
				io.WriteString(in, "through the pipe")
				in.Close()
			}()
			got, err := io.ReadAll(out)
			if err := errors.Join(err, c.Wait()); err != nil || string(got) != "through the pipe" {
				t.Errorf("%q, %v", got, err)
			}
		})
		t.Run(name+"/exit code and last words", func(t *testing.T) {
			c := Command(p, "sh", "-c", "echo out; echo err >&2; exit 3")
			c.Entry = entry
			out, err := c.Output()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 3 || string(exit.Stderr) != "err\n" || string(out) != "out\n" {
				t.Errorf("%q, %v", out, err)
			}
			c = Command(p, "sh", "-c", "echo out; echo err >&2")
			c.Entry = entry
			if out, err := c.CombinedOutput(); err != nil || string(out) != "out\nerr\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
		t.Run(name+"/extra files", func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			c := Command(p, "sh", "-c", "echo extra >&3; exec ls -l /proc/self/fd")
			c.Entry = entry
			c.ExtraFiles = []*os.File{w}
			out, err := c.Output()
			w.Close()
			got, readErr := io.ReadAll(r)
			if err := errors.Join(err, readErr); err != nil || string(got) != "extra\n" {
				t.Errorf("%q, %v", got, err)
			}
			if strings.Contains(string(out), " 4 -> pipe") || strings.Contains(string(out), " 5 -> pipe") {
				t.Errorf("the child has more than it was given:\n%s", out)
			}
		})
		t.Run(name+"/context", func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			c := CommandContext(ctx, p, "cat")
			c.Entry = entry
			in, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			cancel()
			var exit *exec.ExitError
			if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Errorf("%v, want the child killed", err)
			}
		})
		t.Run(name+"/process group and death signal", func(t *testing.T) {
			c := Command(p, "cat")
			c.Entry = entry
			pidfd := -1
			c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, PidFD: &pidfd}
			in, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			c.Stdout = &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if pgid, err := syscall.Getpgid(c.Process.Pid); err != nil || pgid != c.Process.Pid {
				t.Errorf("process group %d of process %d, %v", pgid, c.Process.Pid, err)
			}
			info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", pidfd))
			if err != nil || !strings.Contains(string(info), fmt.Sprintf("Pid:\t%d\n", c.Process.Pid)) {
				t.Errorf("the pidfd %d is not the child's: %v\n%s", pidfd, err, info)
			}
			syscall.Close(pidfd)
			io.WriteString(in, "still alive")
			in.Close()
			if err := c.Wait(); err != nil || out.String() != "still alive" {
				t.Errorf("%q, %v: the child must live though the thread that started it has nothing left to do", out.String(), err)
			}
		})
	}
}

func TestCommandErrors(t *testing.T) {
	noExec := noSockets()
	noExec.Seccomp.Rules = append(noExec.Seccomp.Rules, seccomp.Rule{Names: []string{"execve"}, Action: seccomp.Errno(1)})
	before := filters(t)
	for name, tt := range map[string]struct {
		start func() error
		want  error
	}{
		"bypass":        {func() error { return Command(noSockets(), "true").Cmd.Start() }, ErrBypassed},
		"bypass by Run": {func() error { return Command(noSockets(), "true").Cmd.Run() }, ErrBypassed},
		"no entry":      {func() error { return Command(noForking(), "true").Start() }, ErrNeedsEntry},
		"no execve":     {func() error { return Command(noExec, "true").Start() }, ErrExecForbidden},
		"not found":     {func() error { return Command(noSockets(), "no-such-program-anywhere").Start() }, exec.ErrNotFound},
		"no such file":  {func() error { return Command(noSockets(), "/no/such/file").Start() }, syscall.ENOENT},
		"no such file, entry": {func() error {
			c := Command(noForking(), "/no/such/file")
			c.Entry = entry
			return c.Start()
		}, ErrNotConfined},
		"not executable": {func() error {
			name := filepath.Join(t.TempDir(), "data")
			if err := os.WriteFile(name, []byte("no program"), 0o755); err != nil {
				return err
			}
			return Command(noSockets(), name).Start()
		}, syscall.ENOEXEC},
		"no directory": {func() error {
			c := Command(noSockets(), "/bin/true")
			c.Dir = "/no/such/directory"
			return c.Start()
		}, syscall.ENOENT},
	} {
		if err := tt.start(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	c := Command(noSockets(), "true")
	if err := c.Run(); err != nil {
		t.Error(err)
	}
	if err := c.Start(); err == nil {
		t.Error("started twice")
	}
	if err := c.Cmd.Start(); err == nil {
		t.Error("started again through exec.Cmd")
	}
	if after := filters(t); after != before {
		t.Errorf("this process has %d filters, had %d", after, before)
	}
}

// Without AppArmor in the kernel, or without the profile, a profile with that half starts nothing and changes nothing.
func TestCommandWithoutAppArmor(t *testing.T) {
	absent := func(err error) bool {
		return errors.Is(err, apparmor.ErrNotSupported) || errors.Is(err, apparmor.ErrDisabled) || errors.Is(err, apparmor.ErrNotLoaded)
	}
	p := noSockets()
	p.AppArmor = &AppArmor{Profile: "stockade-nowhere-loaded"}
	c := Command(p, "true")
	if err := c.Start(); !absent(err) || c.Process != nil {
		t.Errorf("%v, process %v", err, c.Process)
	}
	before, err := seccomp.ThreadStatus(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := Apply(p, nil); !absent(err) && !errors.Is(err, apparmor.ErrNeedsExec) {
		t.Fatalf("%v", err)
	}
	if after, err := seccomp.Status(0); err != nil || after != before[0] {
		t.Errorf("half applied: %v, before %v, %v", after, before[0], err)
	}
}

// stress starts n children from g goroutines. Each checks itself; what they cost must be given back.
func stress(t *testing.T, p *Profile, n, g int, program string, args ...string) {
	t.Helper()
	// What is made once for all, like the poller, is made now.
	warm := Command(p, program, args...)
	warm.Entry = entry
	if out, err := warm.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	fds := count(t, "/proc/self/fd")
	before := filters(t)
	work := make(chan int)
	var wg sync.WaitGroup
	for range g {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range work {
				c := Command(p, program, args...)
				c.Entry = entry
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
		}()
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
	if after := count(t, "/proc/self/fd"); after > fds {
		t.Errorf("%d descriptors, %d before", after, fds)
	}
	if z := zombies(t); len(z) > 0 {
		t.Errorf("children that nobody waited for: %v", z)
	}
	states, err := seccomp.ThreadStatus(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		if s.Filters > before {
			t.Errorf("a thread with the children's filter is left: %v", s)
		}
	}
}

// zombies lists the children of this process that have ended and were not waited for.
func zombies(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // ended meanwhile
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if fields[0] == "Z" && fields[1] == fmt.Sprint(os.Getpid()) {
			out = append(out, name)
		}
	}
	return out
}

func count(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestCommandStress(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	check := fmt.Sprintf(`grep -q "^Seccomp:.2$" /proc/self/status && grep -q "^Seccomp_filters:.%d$" /proc/self/status && grep -q "^NoNewPrivs:.1$" /proc/self/status`, filters(t)+1)
	stress(t, noSockets(), n, 32, "sh", "-c", check)
}

func TestCommandStressEntry(t *testing.T) {
	stress(t, noForking(), 100, 16, "grep", "-q", "^Seccomp:.2$", "/proc/self/status")
}
