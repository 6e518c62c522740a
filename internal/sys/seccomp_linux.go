package sys

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Operations of seccomp(2), include/uapi/linux/seccomp.h.
const (
	seccompSetModeFilter  = 1
	seccompGetActionAvail = 2
	seccompGetNotifSizes  = 3
)

// sockFprog has the layout of struct sock_fprog; the compiler pads before the pointer as C does.
type sockFprog struct {
	len    uint16
	filter *SockFilter
}

// Gettid returns the id of the calling thread.
func (Kernel) Gettid() int { return unix.Gettid() }

// SetNoNewPrivs sets no_new_privs on the calling thread: prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), Linux 3.5.
func (Kernel) SetNoNewPrivs() error {
	_, _, errno := syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// NoNewPrivs reports whether no_new_privs is set on the calling thread: prctl(PR_GET_NO_NEW_PRIVS).
func (Kernel) NoNewPrivs() (bool, error) {
	r, _, errno := syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0)
	if errno != 0 {
		return false, errno
	}
	return r == 1, nil
}

// SetFilter calls seccomp(SECCOMP_SET_MODE_FILTER, flags, insns). The result is the kernel's: with SECCOMP_FILTER_FLAG_TSYNC
// alone a positive one is the id of the thread that could not follow, with SECCOMP_FILTER_FLAG_NEW_LISTENER it is the
// listener's descriptor. It does not let the scheduler run, so the caller stays where it is.
func (Kernel) SetFilter(flags uint32, insns []SockFilter) (int, error) {
	if len(insns) == 0 || len(insns) > MaxFilter {
		return 0, syscall.EINVAL
	}
	prog := sockFprog{len: uint16(len(insns)), filter: &insns[0]}
	r, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, seccompSetModeFilter, uintptr(flags), uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(insns)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

// ProbeFilterFlags asks whether the kernel knows the flags by passing no program: EFAULT says it does, EINVAL that it does not.
// Nothing is installed either way, and the result is never nil.
func (Kernel) ProbeFilterFlags(flags uint32) error {
	_, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, seccompSetModeFilter, uintptr(flags), 0)
	if errno == 0 {
		return syscall.EIO // a filter was on that answers with success
	}
	return errno
}

// ActionAvail asks whether the kernel knows a return value of filters: nil, EOPNOTSUPP, or EINVAL before Linux 4.14.
func (Kernel) ActionAvail(ret uint32) error {
	_, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, seccompGetActionAvail, 0, uintptr(unsafe.Pointer(&ret)))
	if errno != 0 {
		return errno
	}
	return nil
}

// NotifSizes asks for the sizes of the notification structures, Linux 5.0.
func (Kernel) NotifSizes() (NotifSizes, error) {
	var sizes NotifSizes
	_, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, seccompGetNotifSizes, 0, uintptr(unsafe.Pointer(&sizes)))
	if errno != 0 {
		return NotifSizes{}, errno
	}
	return sizes, nil
}

// SeccompMode returns the calling thread's mode (0 none, 2 filter): prctl(PR_GET_SECCOMP). In mode 1, strict, the call kills.
func (Kernel) SeccompMode() (int, error) {
	r, _, errno := syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_GET_SECCOMP, 0, 0, 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

// SeccompModeCall is the call that SeccompMode makes.
func (Kernel) SeccompModeCall() Call {
	return Call{Nr: unix.SYS_PRCTL, Args: [6]uint64{unix.PR_GET_SECCOMP}}
}

// Release returns the kernel's release, as uname -r.
func (Kernel) Release() (string, error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "", err
	}
	return unix.ByteSliceToString(name.Release[:]), nil
}
