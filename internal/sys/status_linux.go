package sys

import (
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxThreads bounds the listing of a process's threads: no kernel gives out more ids (PID_MAX_LIMIT, include/linux/threads.h).
const maxThreads = 4 << 20

// ThreadIDs lists the threads of a process from /proc/PID/task; pid 0 is the calling process. It fails with ENODEV when what
// is mounted on /proc is not procfs.
func (Kernel) ThreadIDs(pid int) ([]int, error) {
	fd, err := unix.Open(procDir(pid)+"/task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if err := checkProcfs(fd); err != nil {
		return nil, err
	}
	var tids []int
	var names []string
	buf := make([]byte, 4096)
	for len(tids) < maxThreads {
		n, err := unix.ReadDirent(fd, buf)
		if err != nil || n == 0 {
			return tids, err
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names[:0])
		for _, name := range names {
			if tid, err := strconv.Atoi(name); err == nil {
				tids = append(tids, tid)
			}
		}
	}
	return tids, nil
}

// OpenStatus opens /proc/PID/task/TID/status; pid 0 is the calling process, tid 0 the process itself (/proc/PID/status). The
// kernel writes the text when it is read, not when it is opened, so a descriptor opened before a filter is on answers for the
// time after. ENODEV: /proc is not procfs.
func (Kernel) OpenStatus(pid, tid int) (int, error) {
	path := procDir(pid)
	if tid != 0 {
		path += "/task/" + strconv.Itoa(tid)
	}
	fd, err := unix.Open(path+"/status", unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := checkProcfs(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func procDir(pid int) string {
	if pid == 0 {
		return "/proc/self"
	}
	return "/proc/" + strconv.Itoa(pid)
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
