package profile

import (
	"fmt"

	"github.com/gostockade/stockade/seccomp"
)

// runtimeCall is a system call that the Go runtime or package syscall makes while a child is started, with the arguments that a filter may
// look at; the others are taken as zero.
type runtimeCall struct {
	name string
	args [seccomp.MaxArgs]uint64
}

// Flags of clone(2) that syscall.StartProcess passes: SIGCHLD, CLONE_VFORK, CLONE_VM and, where the kernel can, CLONE_PIDFD
// (include/uapi/linux/sched.h). The numbers are the same in every ABI.
const (
	forkFlags  = 0x11 | 0x4000 | 0x100
	clonePidfd = 0x1000
)

// startCalls are what a thread does between taking the filter and its end, when it starts a child: package syscall's forkExec (Go 1.25 and
// 1.26, exec_linux.go) and what the runtime may have to do meanwhile. Were one of them refused, the process as a whole could hang or crash.
func startCalls() []runtimeCall {
	calls := []runtimeCall{
		{name: "clone", args: [6]uint64{forkFlags}}, {name: "clone", args: [6]uint64{forkFlags | clonePidfd}},
		{name: "fcntl", args: [6]uint64{0, 1030}}, // F_DUPFD_CLOEXEC
	}
	for _, name := range []string{
		"pipe2", "read", "write", "close", "exit", "dup3", "wait4", "waitid",
		"futex", "mmap", "munmap", "madvise", "sched_yield", "nanosleep", "tgkill", "getpid", "gettid",
		"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "epoll_ctl", "epoll_pwait", "eventfd2",
	} {
		calls = append(calls, runtimeCall{name: name})
	}
	return calls
}

// execCalls are what is needed in any case.
func execCalls() []runtimeCall { return []runtimeCall{{name: "execve"}} }

// forbidden returns the names of the calls that the profile does not allow on the running kernel.
func forbidden(p *seccomp.Profile, calls []runtimeCall) ([]string, error) {
	arch := seccomp.NativeArch()
	var out []string
	for _, c := range calls {
		nr, ok := arch.Number(c.name)
		if !ok {
			continue // this ABI does it with another call, such as mmap2; its presence in a filter goes with the others'
		}
		args := c.args
		if c.name == "clone" && (arch == seccomp.S390X || arch == seccomp.S390) {
			args[0], args[1] = args[1], args[0]
		}
		action, err := p.Simulate(seccomp.Call{Arch: arch, Nr: nr, Args: args})
		if err != nil {
			return nil, fmt.Errorf("simulate %s: %w", c.name, err)
		}
		if action.Kind() != seccomp.Allow && action.Kind() != seccomp.Log {
			out = append(out, c.name)
		}
	}
	return out, nil
}
