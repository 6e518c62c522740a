//go:build linux

package seccomp

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
)

// A goBuild is one way to build testdata/goruntime.
type goBuild struct {
	name, toolchain, goarch string
	cgo                     bool
}

var goBuilds = []goBuild{
	{"current", "", "", false},
	{"current/cgo", "", "", true},
	{"previous", previousToolchain, "", false},
	{"previous/cgo", previousToolchain, "", true},
	{"current/386", "", "386", false},
}

// The works of testdata/goruntime that the runtime does alone.
const runtimeWorks = "gc memory goroutines timers threads preempt poller trace notify fault random procs idle"

// TestGoRuntime runs real Go programs with everything forbidden but the sets, on pain of death, and shows that each dies when it
// does what its sets lack.
func TestGoRuntime(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs for about a minute")
	}
	for _, b := range goBuilds {
		t.Run(b.name, func(t *testing.T) {
			program := b.build(t)
			for _, tt := range goRuntimeRuns(b) {
				t.Run(tt.name, func(t *testing.T) {
					tt.check(t, program)
				})
			}
		})
	}
}

// A goRun is one run of the program under one filter.
type goRun struct {
	name  string
	flags string
	works string
	want  string         // a line that standard output ends with, "done" unless the program is to fail
	exit  syscall.Signal // the signal that ends it, 0 for none
}

func goRuntimeRuns(b goBuild) []goRun {
	if b.cgo {
		// The C library's allocator counts processors by reading /sys; its threads try clone3 first.
		const sets = "-enosys clone3 -sets @go-runtime,@cgo,@file-read"
		return []goRun{
			{"runtime", sets, runtimeWorks + " cpuprofile cgo forbidden", "ok cgo", syscall.SIGSYS},
			{"network", sets + ",@tcp-server,@net-client", "tls udp", "done", 0},
			{"refusing", "-refuse -sets @go-runtime,@cgo", "gc cpuprofile cgo", "done", 0},
			{"without cgo's set", "-sets @go-runtime,@file-read", "cgo", "confined", syscall.SIGSYS},
			{"crash", sets, "crash", "confined", syscall.SIGABRT},
		}
	}
	runs := []goRun{
		{"runtime", "-sets @go-runtime", runtimeWorks + " forbidden", "ok idle", syscall.SIGSYS},
		{"crash", "-sets @go-runtime", "crash", "confined", syscall.SIGABRT},
		// A profile names the files mapped, from /proc/self/maps.
		{"profile", "-sets @go-runtime,@file-read", "cpuprofile", "done", 0},
		{"refusing", "-refuse -sets @go-runtime", "gc cpuprofile", "done", 0},
		{"files", "-sets @go-runtime,@file-read", "files", "done", 0},
		{"no writing", "-sets @go-runtime,@file-read", "files write", "ok files", syscall.SIGSYS},
		{"writing", "-sets @go-runtime,@file-read,@file-write", "files write", "done", 0},
		{"no exec", "-sets @go-runtime,@file-read", "exec", "confined", syscall.SIGSYS},
	}
	if b.goarch == "386" {
		// Sockets are made through socketcall there, which the sets do not open, and other programs are of the foreign ABI.
		return append(runs, goRun{"socketcall", "-sets @go-runtime,@tcp-server,@net-client", "tls", "confined", syscall.SIGSYS})
	}
	return append(runs,
		goRun{"https", "-sets @go-runtime,@tcp-server,@net-client", "gc tls threads tls", "done", 0},
		goRun{"https reading files", "-sets @go-runtime,@tcp-server,@net-client,@file-read", "tls cpuprofile files", "done", 0},
		goRun{"server alone", "-sets @go-runtime,@tcp-server", "tls", "confined", syscall.SIGSYS},
		goRun{"udp", "-sets @go-runtime,@udp", "udp", "done", 0},
		goRun{"unix socket", "-sets @go-runtime,@unix-socket", "unix", "done", 0},
		goRun{"wrong socket", "-sets @go-runtime,@udp", "unix", "confined", syscall.SIGSYS},
		goRun{"exec", "-sets @exec -enosys clone3", "exec", "done", 0})
}

// build builds the program, or ends the test where this machine cannot.
func (b goBuild) build(t *testing.T) string {
	t.Helper()
	goTool := testenv.Tool(t, "go")
	env := append(os.Environ(), "CGO_ENABLED=0")
	if b.cgo {
		testenv.Tool(t, "gcc")
		env = append(env, "CGO_ENABLED=1")
	}
	if b.goarch != "" {
		if runtime.GOARCH != "amd64" {
			t.Skipf("only amd64 kernels run %s programs", b.goarch)
		}
		env = append(env, "GOARCH="+b.goarch)
	}
	if b.toolchain != "" {
		env = append(env, "GOTOOLCHAIN="+b.toolchain)
		cmd := exec.Command(goTool, "version")
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			testenv.Missing(t, "no toolchain %s: %v\n%s", b.toolchain, err, out)
		}
	}
	program := filepath.Join(t.TempDir(), "goruntime")
	cmd := exec.Command(goTool, "build", "-o", program, "./testdata/goruntime")
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// check runs the program and compares how it ends.
func (r goRun) check(t *testing.T, program string) {
	t.Helper()
	cmd := exec.Command(program, append(strings.Fields(r.flags), strings.Fields(r.works)...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if last = lines.Text(); last == "send SIGUSR1" {
			if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // how it ended is what is compared
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	ended := syscall.Signal(0)
	if status.Signaled() {
		ended = status.Signal()
	}
	if last != r.want || ended != r.exit || r.exit == 0 && status.ExitStatus() != 0 {
		t.Errorf("%v after %q, want %q and %v\n%s", cmd.ProcessState, last, r.want, r.exit, stderr.Bytes())
	}
}

// TestGoStart executes a Go program with the filter already on.
func TestGoStart(t *testing.T) {
	program := os.Getenv("STOCKADE_TEST_PROGRAM") // in the child
	if program == "" {
		program = goBuild{name: "current"}.build(t)
		t.Setenv("STOCKADE_TEST_PROGRAM", program)
	}
	for _, tt := range []struct {
		name string
		sets []string
		ok   bool
	}{
		{"both sets", []string{string(GoRuntime), string(GoStart)}, true},
		{"runtime alone", []string{string(GoRuntime), "execve"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := child(t, func() error {
				prog, err := Compile(&Profile{Rules: []Rule{{Names: tt.sets, Action: Allow}}}, nil)
				if err != nil {
					return err
				}
				// This thread alone: the rest of this process is not what the sets are for.
				if _, err := Load(prog, &LoadOptions{ThisThread: true}); err != nil {
					return err
				}
				args := []string{program, "-free"}
				return syscall.Exec(program, append(args, "gc", "goroutines", "timers", "threads", "poller", "idle"), os.Environ())
			})
			switch {
			case tt.ok && (!got.state.Success() || !strings.HasSuffix(got.output, "done\n")):
				t.Errorf("%v\n%s", got.state, got.output)
			case !tt.ok && got.signal() != syscall.SIGSYS:
				t.Errorf("%v, want SIGSYS\n%s", got.state, got.output)
			}
		})
	}
}
