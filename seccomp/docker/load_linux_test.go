package docker

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/gostockade/stockade/seccomp"
)

const loadEnv = "STOCKADE_TEST_LOAD"

func TestMain(m *testing.M) {
	if os.Getenv(loadEnv) == "1" {
		loadChild()
	}
	os.Exit(m.Run())
}

// loadChild installs the program on standard input and ends at once, with the kernel's error number as its status: most inputs are no
// filters that a Go program could live under, but all of them let it end.
func loadChild() {
	wire, err := io.ReadAll(os.Stdin)
	if err != nil || len(wire) == 0 {
		os.Exit(255)
	}
	filter := make([]syscall.SockFilter, len(wire)/8)
	if err := binary.Read(bytes.NewReader(wire), binary.NativeEndian, filter); err != nil {
		os.Exit(255)
	}
	prog := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	const prSetNoNewPrivs, prSetSeccomp, seccompModeFilter = 38, 22, 2 // include/uapi/linux/prctl.h, seccomp.h
	runtime.LockOSThread()
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0)
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(syscall.SYS_PRCTL, prSetSeccomp, seccompModeFilter, uintptr(unsafe.Pointer(&prog)))
	}
	syscall.RawSyscall(syscall.SYS_EXIT_GROUP, uintptr(errno), 0, 0)
}

// TestInputsLoad hands every input for this machine to the kernel.
func TestInputsLoad(t *testing.T) {
	loaded := 0
	for _, in := range inputs(t) {
		if in.target != seccomp.NativeArch() {
			continue
		}
		prog, err := seccomp.Compile(in.profile, &seccomp.CompileOptions{Target: in.target})
		if err != nil {
			t.Fatal(err)
		}
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), loadEnv+"=1")
		child.Stdin = bytes.NewReader(prog.Bytes())
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", in.name, err, out)
		}
		loaded++
	}
	if loaded == 0 {
		t.Skipf("no input is for %v", seccomp.NativeArch())
	}
}
