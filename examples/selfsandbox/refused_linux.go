package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"unsafe"

	"github.com/gostockade/stockade/seccomp"
)

// A trial is a call that must be refused. Its arguments are such that it does no harm where it is not: without a filter the
// kernel refuses it for a reason of its own, or gives a socket, which is closed.
type trial struct {
	what string
	name string
	args [5]uintptr
}

// Numbers from the kernel's headers that package syscall lacks.
const (
	afVSOCK      = 40
	cloneNewUser = 0x10000000
	noProcess    = 1<<31 - 1
	noCommand    = 1<<31 - 1
)

func trials() []trial {
	missing := uintptr(unsafe.Pointer(unsafe.StringData("/nonexistent\x00")))
	return []trial{
		{"ptrace: take over another process", "ptrace", [5]uintptr{syscall.PTRACE_ATTACH, noProcess}},
		{"mount: change what is where", "mount", [5]uintptr{missing, missing, missing}},
		{"bpf: load a program into the kernel", "bpf", [5]uintptr{noCommand}},
		{"unshare: get namespaces of one's own", "unshare", [5]uintptr{cloneNewUser}},
		{"execve: become another program", "execve", [5]uintptr{missing}},
		{"openat: open a file", "openat", [5]uintptr{^uintptr(99), missing}}, // AT_FDCWD
		{"socket: talk to the hypervisor (AF_VSOCK)", "socket", [5]uintptr{afVSOCK, syscall.SOCK_STREAM}},
		{"socket: talk to local daemons (AF_UNIX)", "socket", [5]uintptr{syscall.AF_UNIX, syscall.SOCK_STREAM}},
	}
}

// attempt makes every call and returns the kernel's answers.
func attempt() []syscall.Errno {
	var answers []syscall.Errno
	for _, t := range trials() {
		answers = append(answers, t.do())
	}
	return answers
}

func (t trial) do() syscall.Errno {
	nr, ok := seccomp.NativeArch().Number(t.name)
	if !ok {
		return syscall.ENOSYS
	}
	r, _, errno := syscall.Syscall6(uintptr(nr), t.args[0], t.args[1], t.args[2], t.args[3], t.args[4], 0)
	if errno == 0 && t.name == "socket" {
		syscall.Close(int(r))
	}
	return errno
}

// refusedHere tries the first call on the calling thread.
func refusedHere() error {
	if errno := trials()[0].do(); errno != syscall.EPERM {
		return fmt.Errorf("ptrace: %v", errno)
	}
	return nil
}

// childArg makes this program a child that enters the kernel as a 32-bit program would, confines itself, and does it again.
const childArg = "-confined-child"

// What the child says before each step that may end it.
const (
	saysPossible = "possible"
	saysConfined = "confined"
	saysAlive    = "alive"
)

// confinedChild never returns. It is killed if all is well.
func confinedChild() {
	getpid386()
	fmt.Println(saysPossible)
	if err := seccomp.Apply(policy, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(saysConfined)
	getpid386()
	fmt.Println(saysAlive)
	os.Exit(0)
}

// entry says what became of the other entry into the kernel.
type entry struct {
	before, now string
	ok          bool
}

// runChild runs the child to its end and reads from its words and its death what happened.
func runChild() entry {
	if !has386 {
		return entry{"none", "none", true}
	}
	out, err := exec.Command("/proc/self/exe", childArg).Output()
	var signal syscall.Signal
	if exit, ok := err.(*exec.ExitError); ok {
		signal = exit.Sys().(syscall.WaitStatus).Signal()
	}
	said := strings.Fields(string(out))
	switch {
	case len(said) == 0 && signal == syscall.SIGSEGV:
		return entry{"impossible", "impossible", true} // a kernel without 32-bit programs
	case len(said) == 2 && signal == syscall.SIGSYS:
		return entry{"allowed", "killed", true}
	}
	return entry{"allowed", fmt.Sprintf("%v, %v", said, err), false}
}

func printRefused(out io.Writer, before, after []syscall.Errno, other entry) bool {
	ok := true
	line := func(what, before, now string, asPromised bool) {
		if !asPromised {
			now, ok = now+"   NOT AS PROMISED", false
		}
		fmt.Fprintf(out, "  %-44s %-14s %s\n", what, before, now)
	}
	fmt.Fprintf(out, "\n%-46s %-14s %s\n", "Refused", "before", "now")
	for i, t := range trials() {
		line(t.what, errnoName(before[i]), errnoName(after[i]), after[i] == syscall.EPERM)
	}
	line("int 0x80: evade the filter as a 386 program", other.before, other.now, other.ok)
	return ok
}

// errnoName returns an answer as programmers know it.
func errnoName(e syscall.Errno) string {
	if e == 0 {
		return "allowed"
	}
	if name, ok := seccomp.NativeArch().ErrnoName(uint16(e)); ok {
		return name
	}
	return e.Error()
}
