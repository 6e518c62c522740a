package sys

import (
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxThreads bounds the listing of a process's threads: no kernel gives out more ids (PID_MAX_LIMIT, include/linux/threads.h).
const maxThreads = 4 << 20

// OpenTasks opens the directory /proc/PID/task; pid 0 is the calling process. It fails with ENODEV when what is mounted on
// /proc is not procfs.
func (Kernel) OpenTasks(pid int) (int, error) {
	path := "/proc/self/task"
	if pid != 0 {
		path = "/proc/" + strconv.Itoa(pid) + "/task"
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := checkProcfs(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// ThreadIDs lists the threads of the process whose task directory is open. The directory is read from where it stands.
func (Kernel) ThreadIDs(tasks int) ([]int, error) {
	var tids []int
	buf := make([]byte, 1024)
	for len(tids) < maxThreads {
		n, err := unix.ReadDirent(tasks, buf)
		if err != nil || n == 0 {
			return tids, err
		}
		_, _, names := unix.ParseDirent(buf[:n], -1, nil)
		for _, name := range names {
			if tid, err := strconv.Atoi(name); err == nil {
				tids = append(tids, tid)
			}
		}
	}
	return tids, nil
}

// OpenStatus opens TID/status in an open task directory. The kernel writes the text when it is read, not when it is opened, so a
// descriptor opened before a filter is on answers for the time after.
func (Kernel) OpenStatus(tasks, tid int) (int, error) {
	return unix.Openat(tasks, strconv.Itoa(tid)+"/status", unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
}

// checkProcfs refuses a file of another file system, so that nothing mounted over /proc can answer for the kernel.
func checkProcfs(fd int) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return err
	}
	if uint32(st.Type) != unix.PROC_SUPER_MAGIC {
		return syscall.ENODEV
	}
	return nil
}

// ReadStart reads the beginning of a status file and leaves its position there, so that Read reads it anew.
func (Kernel) ReadStart(fd int, buf []byte) (int, error) { return unix.Pread(fd, buf, 0) }

// Read makes one read(2) of fd into buf and nothing else: no retry, no scheduling.
func (Kernel) Read(fd int, buf []byte) (int, error) {
	if len(buf) == 0 {
		return 0, nil
	}
	n, _, errno := syscall.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// ReadCall is the call that Read makes; buf must be on the heap to stay where it is.
func (Kernel) ReadCall(fd int, buf []byte) Call {
	return Call{Nr: unix.SYS_READ, Args: [6]uint64{uint64(fd), uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buf)))), uint64(len(buf))}}
}

// Close makes one close(2) and nothing else.
func (Kernel) Close(fd int) error {
	_, _, errno := syscall.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// CloseCall is the call that Close makes.
func (Kernel) CloseCall(fd int) Call {
	return Call{Nr: unix.SYS_CLOSE, Args: [6]uint64{uint64(fd)}}
}
