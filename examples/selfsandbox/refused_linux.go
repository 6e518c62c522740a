package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/gostockade/stockade/seccomp"
)

// A trial is a call that must be refused. Its arguments are such that it does no harm where it is not: without a filter the
// kernel refuses it for a reason of its own, or gives a socket, which is closed.
type trial struct {
	what string
	do   func() error
}

// Numbers from the kernel's headers that package syscall lacks, and some that mean nothing.
const (
	afVSOCK   = 40
	noProcess = 1<<31 - 1
	noCommand = 1<<31 - 1
	noFile    = "/nonexistent"
)

var trials = [...]trial{
	{"ptrace: take over another process", func() error { return syscall.PtraceAttach(noProcess) }},
	{"mount: change what is where", func() error { return syscall.Mount("none", noFile, "none", 0, "") }},
	{"bpf: load a program into the kernel", bpf},
	{"unshare: get namespaces of one's own", func() error { return syscall.Unshare(syscall.CLONE_NEWUSER) }},
	{"execve: become another program", func() error { return syscall.Exec(noFile, nil, nil) }},
	{"openat: open a file", func() error { _, err := syscall.Open(noFile, syscall.O_RDONLY, 0); return err }},
	{"socket: talk to the hypervisor (AF_VSOCK)", func() error { return socket(afVSOCK) }},
	{"socket: talk to local daemons (AF_UNIX)", func() error { return socket(syscall.AF_UNIX) }},
}

func bpf() error {
	nr, _ := seccomp.NativeArch().Number("bpf")
	if _, _, errno := syscall.Syscall(uintptr(nr), noCommand, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

func socket(family int) error {
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.Close(fd)
	}
	return err
}

// attempt makes every call and returns the kernel's answers.
func attempt() []error {
	var answers []error
	for _, t := range trials {
		answers = append(answers, t.do())
	}
	return answers
}

// refusedHere tries the first call on the calling thread.
func refusedHere() error {
	if err := trials[0].do(); err != syscall.EPERM {
		return fmt.Errorf("ptrace: %v", err)
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

func printRefused(out io.Writer, before, after []error, other entry) bool {
	ok := true
	line := func(what, before, now string, asPromised bool) {
		if !asPromised {
			now, ok = now+"   NOT AS PROMISED", false
		}
		fmt.Fprintf(out, "  %-44s %-14s %s\n", what, before, now)
	}
	fmt.Fprintf(out, "\n%-46s %-14s %s\n", "Refused", "before", "now")
	for i, t := range trials {
		line(t.what, errnoName(before[i]), errnoName(after[i]), after[i] == syscall.EPERM)
	}
	line("int 0x80: evade the filter as a 386 program", other.before, other.now, other.ok)
	return ok
}

// errnoName returns an answer as programmers know it.
func errnoName(err error) string {
	if err == nil {
		return "allowed"
	}
	errno, ok := err.(syscall.Errno)
	if !ok {
		return err.Error()
	}
	if name, ok := seccomp.NativeArch().ErrnoName(uint16(errno)); ok {
		return name
	}
	return errno.Error()
}
