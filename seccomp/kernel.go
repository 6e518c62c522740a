package seccomp

import "github.com/gostockade/stockade/internal/sys"

// A kernel is every step that loading, probing and reading state take outside this process's memory. sys.Kernel is the real
// one; tests put failures into it. Each method is one system call, or a handful that leave nothing behind.
type kernel interface {
	Gettid() int
	Release() (string, error)

	SetNoNewPrivs() error
	NoNewPrivs() (bool, error)
	SetFilter(flags uint32, insns []sys.SockFilter) (int, error)
	ProbeFilterFlags(flags uint32) error
	ActionAvail(ret uint32) error
	SeccompMode() (int, error)
	SeccompModeCall() sys.Call

	OpenTasks(pid int) (int, error)
	ThreadIDs(tasks int) ([]int, error)
	OpenStatus(tasks, tid int) (int, error)
	ReadStart(fd int, buf []byte) (int, error)
	Read(fd int, buf []byte) (int, error)
	ReadCall(fd int, buf []byte) sys.Call
	Close(fd int) error
	CloseCall(fd int) sys.Call
}
