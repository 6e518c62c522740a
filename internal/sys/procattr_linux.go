package sys

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"unsafe"

	pathrs "github.com/cyphar/filepath-securejoin/pathrs-lite"
	"github.com/cyphar/filepath-securejoin/pathrs-lite/procfs"
	"golang.org/x/sys/unix"
)

// procRootIno is the inode number of the root of every procfs mount: PROC_ROOT_INO (include/linux/proc_ns.h before 6.17,
// include/uapi/linux/fs.h after).
const procRootIno = 1

// OpenTaskFile opens a file of a task's directory in /proc ("attr/current", "attr/apparmor/exec", "status"), to write if
// write is set and else to read, and returns a descriptor for Pread, Write and Close.
//
// It stops the attacks in which somebody who shapes the mounts of a container puts something else where the file should be:
// another file system on /proc, a bind mount or symbolic link over one file of it, another file of procfs itself
// (CVE-2019-16884, CVE-2019-19921, CVE-2025-52881 of runc). The lookup starts at the root of a procfs and may enter no other mount and follow no
// magic link (openat2(2), Linux 5.6). If /proc does not allow that, it starts again at a procfs mount of its own, which takes privileges; making and
// dropping one is slow, so it is not the first choice. What is left is refused: EXDEV, ELOOP, ENODEV, or an error of pathrs-lite. It
// cannot stop an attacker who controls the kernel or this process.
func (Kernel) OpenTaskFile(t Task, name string, write bool) (int, error) {
	if !validAttr(name) {
		return -1, syscall.EINVAL
	}
	flags := unix.O_RDONLY
	if write {
		flags = unix.O_WRONLY
	}
	fd, err := openHostProc(t, name, flags)
	if err == nil || err == unix.EMFILE || err == unix.ENFILE {
		return fd, err
	}
	fd, privateErr := openPrivateProc(t, name, flags)
	if privateErr == nil {
		return fd, nil
	}
	// Of two errors the first one is about the file itself if nothing is wrong with /proc.
	if err == unix.ENOENT || err == unix.ESRCH || err == unix.EACCES || err == unix.EPERM {
		return -1, err
	}
	return -1, privateErr
}

// again calls f until a signal does not interrupt it. Go sends itself signals all the time, and AppArmor's commands wait interruptibly for
// a mutex of the process (fs/proc/base.c, proc_pid_attr_write).
func again(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}

// openPrivateProc opens the file through a procfs mount made for the purpose, or the best substitute for one.
func openPrivateProc(t Task, name string, flags int) (int, error) {
	proc, err := procfs.OpenProcRoot()
	if err != nil {
		return -1, err
	}
	defer proc.Close()
	var handle *os.File
	switch dir := t.dir(); {
	case t == Task{}:
		var done procfs.ProcThreadSelfCloser
		if handle, done, err = proc.OpenThreadSelf(name); err == nil {
			defer done()
		}
	case t.PID == 0:
		handle, err = proc.OpenSelf(strings.TrimPrefix(dir, "self/") + "/" + name)
	default:
		handle, err = proc.OpenRoot(dir + "/" + name)
	}
	if err != nil {
		return -1, err
	}
	defer handle.Close()
	f, err := pathrs.Reopen(handle, flags)
	if err != nil {
		return -1, err
	}
	defer f.Close()
	conn, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	ctlErr := conn.Control(func(h uintptr) {
		fd, err = unix.FcntlInt(h, unix.F_DUPFD_CLOEXEC, 0)
	})
	return fd, errors.Join(ctlErr, err)
}

// openHostProc opens the file below /proc itself, which must be the root of a procfs, without crossing into any other mount.
func openHostProc(t Task, name string, flags int) (int, error) {
	root, fd := -1, -1
	err := again(func() (err error) {
		root, err = unix.Open("/proc", unix.O_PATH|unix.O_NOFOLLOW|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return -1, err
	}
	defer unix.Close(root)
	if err := checkProcfs(root); err != nil {
		return -1, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(root, &st); err != nil {
		return -1, err
	}
	if st.Ino != procRootIno {
		return -1, syscall.ENODEV
	}
	how := unix.OpenHow{
		Flags:   uint64(flags) | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS,
	}
	err = again(func() (err error) {
		fd, err = unix.Openat2(root, t.dir()+"/"+name, &how)
		return err
	})
	if err != nil {
		return -1, err
	}
	if err := checkProcfs(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Write makes one write(2) of all of data; a short one is EIO, because the kernel files it is for take a command whole.
func (Kernel) Write(fd int, data string) error {
	b := []byte(data)
	return again(func() error {
		n, _, errno := syscall.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != 0 {
			return errno
		}
		if int(n) != len(b) {
			return syscall.EIO
		}
		return nil
	})
}

// Pread reads from the start of fd into buf without moving the descriptor's offset, so that a file of /proc is generated anew.
func (Kernel) Pread(fd int, buf []byte) (n int, err error) {
	err = again(func() (err error) {
		n, err = unix.Pread(fd, buf, 0)
		return err
	})
	return n, err
}
