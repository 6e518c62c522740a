package oci_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// A containerRuntime is an installed OCI runtime with the import options that describe it.
type containerRuntime struct {
	name    string
	command []string
	opts    oci.ImportOptions
}

// containerRuntimes returns runc and crun.
func containerRuntimes(t *testing.T) []containerRuntime {
	t.Helper()
	testenv.Root(t)
	runc, crun := testenv.Tool(t, "runc"), testenv.Tool(t, "crun")
	version, err := exec.Command(runc, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := knownCalls(t)
	runcOpts := oci.ImportOptions{Arch: seccomp.NativeArch(), Runtime: oci.Runc, Known: known}
	if regexp.MustCompile(`^runc version 1\.[01]\.`).Match(version) {
		runcOpts.Runtime = oci.Runc11
	}
	// crun 1.8 does not run where cgroup v1 and v2 are mixed: it gets a mount namespace that has v2 alone.
	private := []string{testenv.Tool(t, "unshare"), "-m", "sh", "-c", `mount -t cgroup2 none /sys/fs/cgroup && exec "$0" "$@"`, crun, "--cgroup-manager=disabled"}
	return []containerRuntime{
		{"runc", []string{runc}, runcOpts},
		{"crun", private, oci.ImportOptions{Arch: seccomp.NativeArch(), Runtime: oci.Crun, Known: known}},
	}
}

// knownCalls returns the release of Linux whose calls the installed libseccomp knows. Its version does not tell, because
// distributions update the tables alone (Debian's 2.5.4 knows more than 2.5.4's changelog says), but the library holds the names.
func knownCalls(t *testing.T) (known seccomp.KernelVersion) {
	t.Helper()
	paths, err := filepath.Glob("/usr/lib/*/libseccomp.so.2")
	if err != nil || len(paths) != 1 {
		testenv.Missing(t, "want one libseccomp.so.2 below /usr/lib, found %v", paths)
	}
	lib, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct { // a call that came with each release
		name string
		seccomp.KernelVersion
	}{
		{"process_mrelease", seccomp.KernelVersion{Major: 5, Minor: 15}}, {"futex_waitv", seccomp.KernelVersion{Major: 5, Minor: 16}},
		{"set_mempolicy_home_node", seccomp.KernelVersion{Major: 5, Minor: 17}}, {"cachestat", seccomp.KernelVersion{Major: 6, Minor: 5}},
		{"fchmodat2", seccomp.KernelVersion{Major: 6, Minor: 6}}, {"futex_requeue", seccomp.KernelVersion{Major: 6, Minor: 7}},
		{"statmount", seccomp.KernelVersion{Major: 6, Minor: 8}}, {"mseal", seccomp.KernelVersion{Major: 6, Minor: 10}},
		{"uretprobe", seccomp.KernelVersion{Major: 6, Minor: 11}}, {"setxattrat", seccomp.KernelVersion{Major: 6, Minor: 13}},
		{"open_tree_attr", seccomp.KernelVersion{Major: 6, Minor: 15}}, {"file_getattr", seccomp.KernelVersion{Major: 6, Minor: 17}},
	} {
		if bytes.Contains(lib, []byte("\x00"+r.name+"\x00")) {
			known = r.KernelVersion
		}
	}
	return known
}

// A bundle is a directory with a root file system that holds testdata/probe.
type bundle struct{ dir string }

func newBundle(t *testing.T) bundle {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"rootfs/proc", "rootfs/dev", "rootfs/sys"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "rootfs", "probe"), "./testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bundle{dir}
}

// configure writes the container's configuration.
func (b bundle) configure(t *testing.T, s *specs.LinuxSeccomp, caps []string, args ...string) {
	t.Helper()
	c := specs.Spec{
		Version: "1.0.2",
		Process: &specs.Process{
			Args: append([]string{"/probe"}, args...), Cwd: "/", NoNewPrivileges: true, Env: []string{"PATH=/"},
			Capabilities: &specs.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps},
		},
		Root:   &specs.Root{Path: "rootfs"},
		Mounts: []specs.Mount{{Destination: "/proc", Type: "proc", Source: "proc"}},
		Linux: &specs.Linux{
			Seccomp:    s,
			Namespaces: []specs.LinuxNamespace{{Type: specs.PIDNamespace}, {Type: specs.MountNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace}},
		},
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "config.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (rt containerRuntime) run(b bundle, args ...string) ([]byte, error) {
	all := append(append([]string(nil), rt.command...), args...)
	cmd := exec.Command(all[0], all[1:]...)
	cmd.Dir = b.dir
	return cmd.CombinedOutput()
}

// containerID returns a name that no other test run uses.
func containerID(rt containerRuntime, b bundle) string {
	return "stockade-" + rt.name + "-" + strconv.Itoa(os.Getpid()) + "-" + filepath.Base(filepath.Dir(b.dir))[:8]
}

// start starts a container that makes one harmless call and ends, and returns how that went.
func (rt containerRuntime) start(t *testing.T, b bundle, s *specs.LinuxSeccomp) error {
	t.Helper()
	_, err := rt.try(t, b, s, "getppid")
	return err
}

// try starts a container whose program makes the named calls, and returns what it prints. It gives up on one that hangs, as a program
// does that has lost a thread.
func (rt containerRuntime) try(t *testing.T, b bundle, s *specs.LinuxSeccomp, calls ...string) (string, error) {
	t.Helper()
	b.configure(t, s, nil, append([]string{"try"}, calls...)...)
	id := containerID(rt, b)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, rt.command[0], append(append([]string(nil), rt.command[1:]...), "run", id)...)
	cmd.Dir = b.dir
	out, err := cmd.Output()
	rt.run(b, "delete", "--force", id)
	return string(out), err
}

// filterOf starts a container with the document, reads the filter that the runtime installed in it from the kernel, and ends the
// container.
func (rt containerRuntime) filterOf(t *testing.T, b bundle, s *specs.LinuxSeccomp, caps []string) []bpf.RawInstruction {
	t.Helper()
	b.configure(t, s, caps, "wait")
	id, pidFile := containerID(rt, b), filepath.Join(b.dir, "pid")
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	all := append(append([]string(nil), rt.command...), "run", "--detach", "--pid-file", pidFile, id)
	cmd := exec.Command(all[0], all[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.dir, in, in
	err = cmd.Run()
	in.Close()
	defer rt.run(b, "delete", "--force", id)
	// The runtime can be done before the program has begun; the program's first word says that the filter is in force.
	if err := out.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	said, _ := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasSuffix(said, "ready\n") {
		t.Fatalf("%s run: %v: %s", rt.name, err, said)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	code, err := readFilter(pid)
	if err != nil {
		t.Fatalf("%s: %v", rt.name, err)
	}
	return code
}

// readFilter returns the only seccomp filter of a process, as the kernel has it.
func readFilter(pid int) (code []bpf.RawInstruction, err error) {
	const ptraceSeccompGetFilter = 0x420c // include/uapi/linux/ptrace.h, Linux 4.4; needs CONFIG_CHECKPOINT_RESTORE
	runtime.LockOSThread()                // ptrace belongs to a thread
	defer runtime.UnlockOSThread()
	if err := syscall.PtraceAttach(pid); err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	defer func() { err = errors.Join(err, syscall.PtraceDetach(pid)) }()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, syscall.WALL, nil); err != nil {
		return nil, fmt.Errorf("wait: %w", err)
	}
	get := func(index uintptr, buf unsafe.Pointer) (int, error) {
		n, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, ptraceSeccompGetFilter, uintptr(pid), index, uintptr(buf), 0, 0)
		if errno != 0 {
			return 0, fmt.Errorf("PTRACE_SECCOMP_GET_FILTER %d: %w", index, errno)
		}
		return int(n), nil
	}
	if _, err := get(1, nil); !errors.Is(err, syscall.ENOENT) {
		return nil, fmt.Errorf("want exactly one filter; asking for a second one: %v", err)
	}
	n, err := get(0, nil)
	if err != nil {
		return nil, err
	}
	raw := make([]syscall.SockFilter, n)
	if _, err := get(0, unsafe.Pointer(&raw[0])); err != nil {
		return nil, err
	}
	for _, f := range raw {
		code = append(code, bpf.RawInstruction{Op: f.Code, Jt: f.Jt, Jf: f.Jf, K: f.K})
	}
	return code, nil
}
