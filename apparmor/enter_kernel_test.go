//go:build kerneltest

package apparmor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/internal/sys"
)

// What happens to a whole process is tried in a child: this test binary again, with the name of what to do in the environment.

// result is what a child reports: the error's text and which of the package's errors it is, and whatever it has to say.
type result struct {
	Err   string
	Is    []string
	Facts map[string]string
}

func sentinels() map[string]error {
	return map[string]error{
		"ErrNotLoaded": ErrNotLoaded, "ErrNotAllowed": ErrNotAllowed, "ErrNoNewPrivs": ErrNoNewPrivs, "ErrNeedsExec": ErrNeedsExec,
		"ErrThreadsDiffer": ErrThreadsDiffer, "ErrNotEnforced": ErrNotEnforced, "ErrNotConfined": ErrNotConfined, "ErrReexecLoop": ErrReexecLoop,
		"ErrDisabled": ErrDisabled, "ErrOtherLSM": ErrOtherLSM, "ErrNotSupported": ErrNotSupported, "ErrNotPermitted": ErrNotPermitted,
		"ErrNoHats": ErrNoHats, "ErrNotMounted": ErrNotMounted,
	}
}

// child runs one of the tasks in a process of its own and returns what it reported.
func child(t *testing.T, task string, set func(*exec.Cmd)) result {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperTask$", "first argument", "second")
	cmd.Env = append(os.Environ(), "STOCKADE_TASK="+task)
	if set != nil {
		set(cmd)
	}
	out, err := cmd.CombinedOutput()
	var r result
	_, report, ok := strings.Cut(string(out), "REPORT ")
	if !ok || json.Unmarshal([]byte(strings.SplitN(report, "\n", 2)[0]), &r) != nil {
		t.Fatalf("task %s: %v, no report in:\n%s", task, err, out)
	}
	return r
}

func TestHelperTask(t *testing.T) {
	name := os.Getenv("STOCKADE_TASK")
	if name == "" {
		return
	}
	task := tasks()[name]
	if task == nil {
		t.Fatalf("no task %q", name)
	}
	facts := map[string]string{}
	r := result{Facts: facts}
	if err := task(facts); err != nil {
		r.Err = err.Error()
		for name, s := range sentinels() {
			if errors.Is(err, s) {
				r.Is = append(r.Is, name)
			}
		}
		slices.Sort(r.Is)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("REPORT %s\n", data)
	os.Exit(0)
}

func tasks() map[string]func(map[string]string) error {
	return map[string]func(map[string]string) error{
		"change": func(f map[string]string) error { return enterWithThreads(f, ChangeProfile, "stockade-enforce") },
		"stack":  func(f map[string]string) error { return enterWithThreads(f, Stack, "stockade-enforce") },
		"blind":  func(f map[string]string) error { return enterWithThreads(f, ChangeProfile, "stockade-blind") },
		"nosuch": func(f map[string]string) error { return enterWithThreads(f, ChangeProfile, "stockade-nosuch") },
		"otherns": func(f map[string]string) error {
			return enterWithThreads(f, ChangeProfile, ":stockade-nosuch:stockade-enforce")
		},
		"complain": func(f map[string]string) error { return enterWithThreads(f, ChangeProfile, "stockade-complain") },
		"two":      func(f map[string]string) error { return enterTwo(f, ChangeProfile, "stockade-next") },
		"norule":   func(f map[string]string) error { return enterTwo(f, ChangeProfile, "stockade-blind") },
		"nnp": func(f map[string]string) error {
			if err := setNoNewPrivs(); err != nil {
				return err
			}
			return enterWithThreads(f, ChangeProfile, "stockade-enforce")
		},
		"nnpconfined": func(f map[string]string) error {
			if _, err := ChangeProfile("stockade-enforce", nil); err != nil {
				return err
			}
			if err := setNoNewPrivs(); err != nil {
				return err
			}
			_, err := ChangeProfile("stockade-next", nil)
			return errors.Join(err, look(f))
		},
		"differ": threadsDiffer,
		"reexec": func(f map[string]string) error {
			_, err := Reexec("stockade-enforce", nil)
			f["args"] = strings.Join(os.Args[2:], ",")
			f["mark"] = os.Getenv(reexecEnv)
			f["extra"] = os.Getenv("STOCKADE_TEST_EXTRA")
			return errors.Join(err, look(f))
		},
		"reexecstack": func(f map[string]string) error {
			_, err := Reexec("stockade-enforce", &ReexecOptions{Stack: true})
			return errors.Join(err, look(f))
		},
		"reexecnosuch": func(f map[string]string) error {
			_, err := Reexec("stockade-nosuch", nil)
			return errors.Join(err, look(f))
		},
		"reexeccomplain": func(f map[string]string) error {
			_, err := Reexec("stockade-complain", nil)
			return errors.Join(err, look(f))
		},
		"reexeclistener": reexecListener,
		"enabled":        func(f map[string]string) error { return Enabled() },
		"look":           look,
		"attack":         underAttack,
		"unmounted":      unmounted,
	}
}

func setNoNewPrivs() error {
	_, _, errno := syscall.AllThreadsSyscall6(syscall.SYS_PRCTL, 38, 1, 0, 0, 0, 0) // PR_SET_NO_NEW_PRIVS
	if errno != 0 {
		return errno
	}
	return nil
}

// look reads the labels of all threads without this package's help.
func look(f map[string]string) error {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		f["labels"] = err.Error()
		return nil
	}
	seen := map[string]int{}
	for _, e := range entries {
		data, err := os.ReadFile("/proc/self/task/" + e.Name() + "/attr/current")
		if errors.Is(err, syscall.ESRCH) || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if errors.Is(err, syscall.EINVAL) { // no security module has labels
			data, err = []byte("none"), nil
		}
		if err != nil {
			return err
		}
		seen[strings.TrimSpace(string(data))]++
	}
	var labels []string
	for label := range seen {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	f["labels"] = strings.Join(labels, " | ")
	_, err = os.ReadFile("/etc/shadow")
	f["shadow"] = errText(err)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP)
	if err == nil {
		syscall.Close(fd)
	}
	f["raw"] = errText(err)
	return nil
}

func errText(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return fmt.Sprint(err)
}

// startThreads starts n threads that try to read /etc/shadow when told to, and returns how to tell them.
func startThreads(n int) func() map[string]int {
	ready, done := make(chan bool), make(chan string)
	start := make(chan bool)
	for range n {
		go func() {
			runtime.LockOSThread()
			ready <- true
			<-start
			_, err := os.ReadFile("/etc/shadow")
			done <- errText(err)
			select {}
		}()
	}
	for range n {
		<-ready
	}
	return func() map[string]int {
		close(start)
		got := map[string]int{}
		for range n {
			got[<-done]++
		}
		return got
	}
}

func enterWithThreads(f map[string]string, enter func(string, *EnterOptions) (*Entered, error), name string) error {
	read := startThreads(20)
	e, err := enter(name, nil)
	if e != nil {
		f["entered"] = fmt.Sprintf("%s -> %s", e.Before, e.After)
		f["enough threads"] = fmt.Sprint(e.Threads >= 20)
	}
	f["threads' /etc/shadow"] = fmt.Sprint(read())
	return errors.Join(err, look(f))
}

func enterTwo(f map[string]string, enter func(string, *EnterOptions) (*Entered, error), name string) error {
	if _, err := ChangeProfile("stockade-enforce", nil); err != nil {
		return err
	}
	return enterWithThreads(f, enter, name)
}

func threadsDiffer(f map[string]string) error {
	hold := make(chan bool)
	errs := make(chan error)
	go func() {
		runtime.LockOSThread()
		a, err := openAttrs(sys.Kernel{})
		if err == nil {
			err = a.set(attrCurrent(), "changeprofile stockade-next")
		}
		errs <- err
		<-hold
	}()
	if err := <-errs; err != nil {
		return err
	}
	return enterWithThreads(f, ChangeProfile, "stockade-enforce")
}

func reexecListener(f map[string]string) error {
	files, err := ReexecFiles()
	if err != nil {
		return err
	}
	var l net.Listener
	if len(files) > 0 {
		f["inherited"] = "yes"
		l, err = net.FileListener(files[0])
	} else {
		l, err = net.Listen("tcp", "127.0.0.1:8077")
	}
	if err != nil {
		return err
	}
	if len(files) == 0 {
		file, err := l.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		files = append(files, file)
		// A connection made before the program starts again must be served after.
		if _, err := net.Dial("tcp", "127.0.0.1:8077"); err != nil {
			return err
		}
	}
	if _, err := Reexec("stockade-enforce", &ReexecOptions{Files: files}); err != nil {
		return err
	}
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	f["accepted from"] = strings.Split(conn.RemoteAddr().String(), ":")[0]
	return look(f)
}

func hasSyscalls() bool { return !strings.Contains(os.Getenv("STOCKADE_KERNEL"), "-6.1-") }

// confined is what look finds under stockade-enforce.
func confined(t *testing.T, r result, labels string) {
	t.Helper()
	for name, want := range map[string]string{"labels": labels, "shadow": "permission denied", "raw": "permission denied"} {
		if r.Facts[name] != want {
			t.Errorf("%s: %q, want %q", name, r.Facts[name], want)
		}
	}
}

// free is what look finds in an unconfined process.
func free(t *testing.T, r result) {
	t.Helper()
	for name, want := range map[string]string{"labels": "unconfined", "shadow": "<nil>", "raw": "<nil>"} {
		if r.Facts[name] != want {
			t.Errorf("%s: %q, want %q: half applied", name, r.Facts[name], want)
		}
	}
}

func TestKernelWholeProcess(t *testing.T) {
	for _, tt := range []struct{ task, labels, entered string }{
		{"change", "stockade-enforce (enforce)", "unconfined -> stockade-enforce (enforce)"},
		{"stack", "stockade-enforce//&unconfined (enforce)", "unconfined -> stockade-enforce//&unconfined (enforce)"},
		{"nnp", "stockade-enforce (enforce)", "unconfined -> stockade-enforce (enforce)"},
	} {
		t.Run(tt.task, func(t *testing.T) {
			r := child(t, tt.task, nil)
			if !hasSyscalls() {
				if !slices.Contains(r.Is, "ErrNeedsExec") {
					t.Errorf("%q is not ErrNeedsExec", r.Err)
				}
				free(t, r)
				return
			}
			if r.Err != "" {
				t.Fatal(r.Err)
			}
			confined(t, r, tt.labels)
			if r.Facts["entered"] != tt.entered || r.Facts["enough threads"] != "true" || r.Facts["threads' /etc/shadow"] != "map[permission denied:20]" {
				t.Errorf("%q", r.Facts)
			}
		})
	}
}

// A profile that closes /proc: what has to be read back was opened before.
func TestKernelWholeProcessBlind(t *testing.T) {
	r := child(t, "blind", nil)
	if !hasSyscalls() {
		free(t, r)
		return
	}
	if r.Err != "" || r.Facts["enough threads"] != "true" || r.Facts["threads' /etc/shadow"] != "map[permission denied:20]" {
		t.Errorf("%q, %q", r.Err, r.Facts)
	}
}

func TestKernelWholeProcessErrors(t *testing.T) {
	for _, tt := range []struct{ task, want, labels string }{
		{"nosuch", "ErrNotLoaded", "unconfined"},
		{"otherns", "ErrNotLoaded", "unconfined"},
		{"complain", "ErrNotEnforced", "unconfined"},
		{"norule", "ErrNotAllowed", "stockade-enforce (enforce)"},
		{"nnpconfined", "ErrNoNewPrivs", "stockade-enforce (enforce)"},
		{"differ", "ErrThreadsDiffer", "stockade-next (enforce) | unconfined"},
	} {
		t.Run(tt.task, func(t *testing.T) {
			r := child(t, tt.task, nil)
			if !hasSyscalls() && tt.task != "complain" {
				tt.want = "ErrNeedsExec"
			}
			if !slices.Contains(r.Is, tt.want) {
				t.Errorf("%q is %q, want %s", r.Err, r.Is, tt.want)
			}
			if !hasSyscalls() && (tt.task == "norule" || tt.task == "nnpconfined") {
				return
			}
			if r.Facts["labels"] != tt.labels {
				t.Errorf("labels afterwards %q, want %q", r.Facts["labels"], tt.labels)
			}
		})
	}
	if hasSyscalls() {
		if r := child(t, "two", nil); r.Err != "" || r.Facts["labels"] != "stockade-next (enforce)" {
			t.Errorf("a change that a rule allows: %q, %q", r.Err, r.Facts)
		}
	}
}

func TestKernelReexec(t *testing.T) {
	r := child(t, "reexec", func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "STOCKADE_TEST_EXTRA=a b") })
	if r.Err != "" {
		t.Fatal(r.Err)
	}
	confined(t, r, "stockade-enforce (enforce)")
	if r.Facts["args"] != "first argument,second" || r.Facts["mark"] != "" || r.Facts["extra"] != "a b" {
		t.Errorf("arguments and environment: %q", r.Facts)
	}
	if r := child(t, "reexecstack", nil); r.Err != "" || !strings.HasPrefix(r.Facts["labels"], "stockade-enforce//&unconfined (") {
		t.Errorf("stack: %q, %q", r.Err, r.Facts)
	}
	r = child(t, "reexeclistener", nil)
	if r.Err != "" || r.Facts["inherited"] != "yes" || r.Facts["accepted from"] != "127.0.0.1" {
		t.Errorf("listener: %q, %q", r.Err, r.Facts)
	}
	confined(t, r, "stockade-enforce (enforce)")
}

func TestKernelReexecErrors(t *testing.T) {
	for task, want := range map[string]string{"reexecnosuch": "ErrNotLoaded", "reexeccomplain": "ErrNotEnforced"} {
		r := child(t, task, nil)
		if !slices.Contains(r.Is, want) {
			t.Errorf("%s: %q is %q, want %s", task, r.Err, r.Is, want)
		}
		free(t, r)
	}
	r := child(t, "reexec", func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, reexecEnv+"=stockade-enforce") })
	if !slices.Contains(r.Is, "ErrReexecLoop") {
		t.Errorf("told that it was started again: %q", r.Err)
	}
	free(t, r)
}

// onThread runs f on a thread that ends with it.
func onThread(f func()) { sys.OnOwnThread(f, nil) }

// A child started from a thread with an arrangement comes up under the profile, this process stays as it was.
func TestKernelOnExec(t *testing.T) {
	for name, tt := range map[string]struct {
		arrange func(string) error
		want    string
	}{"change": {ChangeOnExec, "stockade-enforce (enforce)"}, "stack": {StackOnExec, "stockade-enforce//&unconfined"}} {
		onThread(func() {
			if err := tt.arrange("stockade-enforce"); err != nil {
				t.Error(err)
				return
			}
			pending, err := PendingOnExec()
			if err != nil || !pending.Has("stockade-enforce") {
				t.Errorf("%s: pending %q, %v", name, pending, err)
			}
			r := child(t, "look", nil)
			if !strings.HasPrefix(r.Facts["labels"], tt.want) || r.Facts["shadow"] != "permission denied" {
				t.Errorf("%s: %q", name, r.Facts)
			}
		})
	}
	free(t, child(t, "look", nil))
	onThread(func() {
		if err := ChangeOnExec("stockade-nosuch"); !errors.Is(err, ErrNotLoaded) {
			t.Errorf("%v, want ErrNotLoaded", err)
		}
		if p, err := PendingOnExec(); err != nil || p != (Label{}) {
			t.Errorf("pending %q, %v after a failure", p, err)
		}
	})
}

// oldKernel is the running kernel with less on it: no system calls for attributes, and on demand only the files that AppArmor had
// before Linux 5.8, attr/current and attr/exec.
type oldKernel struct {
	sys.Kernel
	legacy bool
}

func (k oldKernel) LSMSelfAttr(uint32, uint64) (string, error)     { return "", syscall.ENOSYS }
func (k oldKernel) SetLSMSelfAttr(uint32, uint64, string) error    { return syscall.ENOSYS }
func (k oldKernel) SetLSMSelfAttrAll(uint32, uint64, string) error { return syscall.ENOSYS }
func (k oldKernel) OpenTaskFile(t sys.Task, name string, write bool) (int, error) {
	if k.legacy && strings.HasPrefix(name, "attr/apparmor/") {
		return -1, syscall.ENOENT
	}
	return k.Kernel.OpenTaskFile(t, name, write)
}

func TestKernelOnlyFiles(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		k := oldKernel{legacy: legacy}
		onThread(func() {
			if err := onExec(k, enterRequest{op: "change on exec", command: "exec ", name: "stockade-enforce"}); err != nil {
				t.Errorf("legacy %v: %v", legacy, err)
				return
			}
			confined(t, child(t, "look", nil), "stockade-enforce (enforce)")
		})
		onThread(func() {
			if err := onExec(k, enterRequest{op: "change on exec", command: "exec ", name: "stockade-nosuch"}); !errors.Is(err, ErrNotLoaded) {
				t.Errorf("legacy %v: %v, want ErrNotLoaded", legacy, err)
			}
		})
		a, err := openAttrs(k)
		if err != nil || a.syscalls || (a.dir == "attr/") != legacy {
			t.Errorf("legacy %v: %+v, %v", legacy, a, err)
		}
	}
}

func TestKernelHat(t *testing.T) {
	onThread(func() {
		if _, err := ChangeHat("hat1"); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("unconfined: %v, want ErrNotPermitted", err)
		}
		a, err := openAttrs(sys.Kernel{})
		if err == nil {
			err = a.set(attrCurrent(), "changeprofile stockade-enforce")
		}
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := ChangeHat("nohat"); !errors.Is(err, ErrNotLoaded) {
			t.Errorf("no such hat: %v, want ErrNotLoaded", err)
		}
		if err := DryRunHat("nohat", "hat2"); err != nil {
			t.Errorf("dry run of a hat: %v", err)
		}
		h, err := ChangeHat("nohat", "hat1")
		if err != nil {
			t.Error(err)
			return
		}
		label, err := CurrentLabel()
		_, passwd := os.ReadFile("/etc/passwd")
		if err != nil || label.Name != "stockade-enforce//hat1" || !errors.Is(passwd, syscall.EACCES) {
			t.Errorf("in the hat: %q, %v; /etc/passwd: %v", label, err, passwd)
		}
		onThread(func() {
			if err := h.Restore(); !errors.Is(err, ErrWrongThread) {
				t.Errorf("restored by another goroutine: %v", err)
			}
		})
		if err := h.Restore(); err != nil {
			t.Error(err)
		}
		if err := h.Restore(); !errors.Is(err, ErrWrongThread) {
			t.Errorf("restored twice: %v", err)
		}
		runtime.LockOSThread() // Restore has unlocked; this thread must still end here
		label, err = CurrentLabel()
		_, passwd = os.ReadFile("/etc/passwd")
		if err != nil || label.Name != "stockade-enforce" || passwd != nil {
			t.Errorf("after the hat: %q, %v; /etc/passwd: %v", label, err, passwd)
		}
	})
	onThread(func() {
		a, err := openAttrs(sys.Kernel{})
		if err == nil {
			err = a.set(attrCurrent(), "changeprofile stockade-next")
		}
		if _, hatErr := ChangeHat("hat1"); err != nil || !errors.Is(hatErr, ErrNoHats) {
			t.Errorf("a profile without hats: %v, %v, want ErrNoHats", err, hatErr)
		}
	})
}

func TestKernelDryRun(t *testing.T) {
	if err := DryRun("stockade-enforce"); err != nil {
		t.Error(err)
	}
	if err := DryRun("stockade-nosuch"); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("%v, want ErrNotLoaded", err)
	}
	onThread(func() {
		a, err := openAttrs(sys.Kernel{})
		if err == nil {
			err = a.set(attrCurrent(), "changeprofile stockade-enforce")
		}
		if err != nil {
			t.Error(err)
		}
		if err := DryRun("stockade-next"); err != nil {
			t.Error(err)
		}
		if err := DryRun("stockade-blind"); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%v, want ErrNotAllowed", err)
		}
	})
	free(t, child(t, "look", nil))
}

func TestKernelQuery(t *testing.T) {
	for _, tt := range []struct {
		path string
		perm QueryPerms
		want bool
	}{
		{"/etc/shadow", QueryRead, false},
		{"/etc/shadow", QueryWrite, false},
		{"/etc/hostname", QueryRead, true},
		{"/tmp/x", QueryRead | QueryWrite | QueryCreate, true},
	} {
		a, err := QueryFile("stockade-enforce", tt.path)
		if err != nil || a.Allowed(tt.perm) != tt.want {
			t.Errorf("%s %#x: %+v, %v; want %v", tt.path, tt.perm, a, err, tt.want)
		}
	}
	if _, err := QueryFile("stockade-nosuch", "/x"); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("%v, want ErrNotLoaded", err)
	}
}

func TestKernelStatus(t *testing.T) {
	if err := Enabled(); err != nil {
		t.Error(err)
	}
	s, err := ReadStatus()
	if err != nil {
		t.Fatal(err)
	}
	if s.Holder != "apparmor" || s.Mount != "/sys/kernel/security/apparmor" || s.Syscalls != hasSyscalls() || s.Label.Name != "unconfined" || !slices.Contains(s.Modules, "yama") {
		t.Errorf("%+v", s)
	}
	profiles, err := Profiles()
	if err != nil || !slices.Contains(profiles, Label{"stockade-complain", "complain"}) || !slices.Contains(profiles, Label{"stockade-enforce//hat1", "enforce"}) {
		t.Errorf("%v, %v", profiles, err)
	}
	features, err := KernelFeatures()
	if err != nil || !features.Has("domain/stack/yes") || !features.Has("caps/mask/chown") {
		t.Errorf("features: %v\n%v", err, features)
	}
	threads, err := ThreadLabels(0)
	if err != nil || len(threads) < 2 || threads[0].Label.Name != "unconfined" {
		t.Errorf("threads: %v, %v", threads, err)
	}
	if l, err := ProcessLabel(1); err != nil || l.Name != "unconfined" {
		t.Errorf("process 1: %q, %v", l, err)
	}
	if _, err := ProcessLabel(1 << 21); !gone(err) {
		t.Errorf("no such process: %v", err)
	}
}

func TestKernelPeerLabel(t *testing.T) {
	l, err := net.Listen("unix", "@stockade-peer")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	onThread(func() {
		if err := ChangeOnExec("stockade-enforce"); err != nil {
			t.Error(err)
			return
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelperDial$")
		cmd.Env = append(os.Environ(), "STOCKADE_DIAL=@stockade-peer")
		if err := cmd.Start(); err != nil {
			t.Error(err)
			return
		}
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		label, err := PeerLabel(conn.(*net.UnixConn))
		// Both of Debian's kernels are older than the labels of Unix peers.
		if !errors.Is(err, ErrNotSupported) || label != (Label{}) {
			t.Errorf("%q, %v; want ErrNotSupported", label, err)
		}
		conn.Close()
		cmd.Wait()
	})
}

func TestHelperDial(t *testing.T) {
	if addr := os.Getenv("STOCKADE_DIAL"); addr != "" {
		if conn, err := net.Dial("unix", addr); err == nil {
			io.Copy(io.Discard, conn)
		}
		os.Exit(0)
	}
}
