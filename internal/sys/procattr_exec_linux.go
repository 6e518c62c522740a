package sys

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Exec replaces the program of this process: execve(2). It returns only on failure. Of all threads the calling one goes on, and
// its attributes are the new program's.
func (Kernel) Exec(path string, args, env []string) error { return syscall.Exec(path, args, env) }

// SetCloseOnExec says whether a descriptor is closed when this process starts another program in its place.
func (Kernel) SetCloseOnExec(fd int, on bool) error {
	var flags int
	if on {
		flags = unix.FD_CLOEXEC
	}
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, flags)
	return err
}

// WaitEnded returns when a child process has ended, and leaves it to be waited for: waitid(2) with WNOWAIT. It returns at once if there is no
// such child.
func (Kernel) WaitEnded(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// threadAlive reports whether a thread of this process exists: tgkill(2) with no signal.
func threadAlive(tid int) bool { return unix.Tgkill(unix.Getpid(), tid, 0) == nil }
