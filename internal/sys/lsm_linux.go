package sys

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lsmFlagSingle asks for one security module's attribute: LSM_FLAG_SINGLE (include/uapi/linux/lsm.h).
const lsmFlagSingle = 1

// maxLSMCtx bounds what the kernel is given room to answer with, in bytes; its own limit is a page.
const maxLSMCtx = 64 << 10

// LSMSelfAttr returns an attribute of the calling thread as the security module id tells it: lsm_get_self_attr(2), Linux 6.8.
// ENOSYS: an older kernel. EOPNOTSUPP: that module is not active. ENOENT: the attribute is not set.
func (Kernel) LSMSelfAttr(attr uint32, id uint64) (string, error) {
	buf := make([]byte, 512)
	for {
		copy(buf, encodeLSMCtx(id, ""))
		size := uint32(len(buf))
		_, _, errno := syscall.RawSyscall6(unix.SYS_LSM_GET_SELF_ATTR, uintptr(attr), uintptr(unsafe.Pointer(&buf[0])),
			uintptr(unsafe.Pointer(&size)), lsmFlagSingle, 0, 0)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.E2BIG && int(size) > len(buf) && size <= maxLSMCtx:
			buf = make([]byte, size)
			continue
		case errno != 0:
			return "", errno
		}
		return decodeLSMCtx(buf[:min(int(size), len(buf))], id)
	}
}

// SetLSMSelfAttr sets an attribute of the calling thread alone: lsm_set_self_attr(2), Linux 6.8. The thread must be locked.
func (Kernel) SetLSMSelfAttr(attr uint32, id uint64, value string) error {
	ctx := encodeLSMCtx(id, value)
	err := again(func() error {
		_, _, errno := syscall.RawSyscall6(unix.SYS_LSM_SET_SELF_ATTR, uintptr(attr), uintptr(unsafe.Pointer(&ctx[0])), uintptr(len(ctx)), 0, 0, 0)
		return errnoError(errno)
	})
	runtime.KeepAlive(ctx)
	return err
}

// errnoError returns an errno as an error, which 0 is not.
func errnoError(errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}

// SetLSMSelfAttrAll sets an attribute of every thread of the process. The runtime makes the call on one thread first and returns
// its error with nothing changed; after a success there it makes it on all others and ends the process should one of them
// answer otherwise, so the caller must know beforehand that all threads are alike. ENOTSUP: the binary uses cgo, whose threads
// the runtime cannot reach.
func (Kernel) SetLSMSelfAttrAll(attr uint32, id uint64, value string) error {
	ctx := encodeLSMCtx(id, value)
	err := again(func() error { // the first thread alone can be interrupted: the others make the call with all signals blocked
		_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_LSM_SET_SELF_ATTR, uintptr(attr), uintptr(unsafe.Pointer(&ctx[0])), uintptr(len(ctx)), 0, 0, 0)
		return errnoError(errno)
	})
	runtime.KeepAlive(ctx)
	return err
}

// PeerSecurity returns the security label of the process at the other end of a connected Unix socket, as the first security
// module that has one tells it: getsockopt(SO_PEERSEC). ENOPROTOOPT: no module has one, or not for this socket.
func (Kernel) PeerSecurity(fd int) (string, error) {
	s, err := unix.GetsockoptString(fd, unix.SOL_SOCKET, unix.SO_PEERSEC)
	return s, err
}

// SetNoNewPrivsAll sets no_new_privs on every thread of the process. ENOTSUP: the binary uses cgo.
func (Kernel) SetNoNewPrivsAll() error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
