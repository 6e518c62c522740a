package seccomp

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// Mode is a thread's seccomp mode, SECCOMP_MODE_* (include/uapi/linux/seccomp.h). The zero value is no confinement at all.
type Mode uint8

// The modes.
const (
	ModeDisabled Mode = 0 // every call reaches the kernel
	ModeStrict   Mode = 1 // only read, write, _exit and sigreturn. Linux 2.6.12.
	ModeFilter   Mode = 2 // one or more filters decide. Linux 3.5.
)

// String returns "disabled", "strict" or "filter".
func (m Mode) String() string {
	switch m {
	case ModeDisabled:
		return "disabled"
	case ModeStrict:
		return "strict"
	case ModeFilter:
		return "filter"
	}
	return "mode " + strconv.Itoa(int(m))
}

// FiltersUnknown is State.Filters where the kernel does not count them, before Linux 5.9.
const FiltersUnknown = -1

// State is what /proc says about one thread's confinement (Documentation/filesystems/proc.rst).
type State struct {
	TID        int  // the thread's id
	Mode       Mode // the line "Seccomp:", Linux 3.8
	Filters    int  // how many filters are on: "Seccomp_filters:", Linux 5.9 (commit c818c03b661c), or FiltersUnknown
	NoNewPrivs bool // "NoNewPrivs:", Linux 4.10
}

// String returns "thread 12: filter, 2 filters, no_new_privs".
func (s State) String() string {
	out := "thread " + strconv.Itoa(s.TID) + ": " + s.Mode.String()
	if s.Filters >= 0 {
		out += ", " + strconv.Itoa(s.Filters) + " filters"
	}
	if s.NoNewPrivs {
		out += ", no_new_privs"
	}
	return out
}

// Status reads the confinement of a process's main thread from /proc/PID/status; pid 0 is the calling process. Other threads
// of the process may differ: ThreadStatus reads them all. It returns an error wrapping fs.ErrNotExist when there is no such
// process or /proc is not mounted, and ErrNotSupported where the kernel has no seccomp.
func Status(pid int) (State, error) {
	if pid < 0 {
		return State{}, fmt.Errorf("seccomp: status of process %d: %w", pid, ErrInvalid)
	}
	states, err := readThreads(sys.Kernel{}, pid, true)
	if err != nil {
		return State{}, fmt.Errorf("seccomp: status of process %d: %w", pid, err)
	}
	return states[0], nil
}

// ThreadStatus reads the confinement of every thread of a process, in the kernel's order; pid 0 is the calling process.
// Threads that end meanwhile are left out. Errors are those of Status.
func ThreadStatus(pid int) ([]State, error) {
	if pid < 0 {
		return nil, fmt.Errorf("seccomp: threads of process %d: %w", pid, ErrInvalid)
	}
	states, err := readThreads(sys.Kernel{}, pid, false)
	if err != nil {
		return nil, fmt.Errorf("seccomp: threads of process %d: %w", pid, err)
	}
	return states, nil
}

// readThreads reads the state of a process's main thread, or of all its threads.
func readThreads(k kernel, pid int, mainOnly bool) ([]State, error) {
	tasks, err := k.OpenTasks(pid)
	if err != nil {
		return nil, procError(err)
	}
	states, err := readTasks(k, tasks, pid, mainOnly)
	if cerr := k.Close(tasks); err == nil && cerr != nil {
		err = procError(cerr)
	}
	return states, err
}

func readTasks(k kernel, tasks, pid int, mainOnly bool) ([]State, error) {
	var tids []int
	var err error
	switch {
	case !mainOnly:
		if tids, err = k.ThreadIDs(tasks); err != nil {
			return nil, procError(err)
		}
	case pid == 0:
		tids = []int{syscall.Getpid()}
	default:
		tids = []int{pid}
	}
	states := make([]State, 0, len(tids))
	for _, tid := range tids {
		s, err := readState(k, tasks, tid)
		if isGone(err) && !mainOnly {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("thread %d: %w", tid, err)
		}
		states = append(states, s)
	}
	return states, nil
}

// A status text has about 1.5 KB, plus up to 11 bytes for each supplementary group, of which there are at most 65536.
const (
	statusSize    = 4 << 10
	maxStatusSize = 1 << 20
)

// readState opens, reads and closes one status file.
func readState(k kernel, tasks, tid int) (State, error) {
	fd, err := k.OpenStatus(tasks, tid)
	if err != nil {
		return State{}, procError(err)
	}
	s, _, err := readWhole(k, fd)
	if cerr := k.Close(fd); err == nil && cerr != nil {
		err = procError(cerr)
	}
	return s, err
}

// readWhole reads a status file, and returns a buffer that has room for it as well.
func readWhole(k kernel, fd int) (State, []byte, error) {
	for size := statusSize; ; size *= 2 {
		buf := make([]byte, size)
		n, err := k.ReadStart(fd, buf)
		if err != nil {
			return State{}, nil, procError(err)
		}
		if n > size/2 && size < maxStatusSize {
			continue // perhaps cut off, and too little room if it grows
		}
		s, err := parseStatus(buf[:n])
		return s, buf, err
	}
}

// isGone reports whether the error means that a thread has ended.
func isGone(err error) bool { return errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.ENOENT) }

// procError puts words to what a missing or foreign /proc answers.
func procError(err error) error {
	switch {
	case errors.Is(err, sys.ErrUnsupported):
		return notLinux()
	case errors.Is(err, syscall.ENODEV):
		return fmt.Errorf("what is mounted on /proc is not procfs: %w", err)
	}
	return fmt.Errorf("reading /proc: %w", err)
}

// errStatus is a status text that does not look like the kernel's.
var errStatus = errors.New("malformed status text")

// parseStatus reads the lines of /proc/PID/status that concern seccomp. Each may appear once; numbers are decimal.
func parseStatus(text []byte) (State, error) {
	s := State{TID: -1, Filters: FiltersUnknown}
	mode, nnp := -1, -1
	for len(text) > 0 {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break // cut off by the end of the buffer
		}
		text = rest
		key, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		var field *int
		var limit int
		switch string(key) {
		case "Pid":
			field, limit = &s.TID, 1<<31-1
		case "Seccomp":
			field, limit = &mode, 2
		case "Seccomp_filters":
			field, limit = &s.Filters, 1<<31-1
		case "NoNewPrivs":
			field, limit = &nnp, 1
		default:
			continue
		}
		n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
		if err != nil || n < 0 || n > limit || *field != -1 {
			return State{}, fmt.Errorf("%w: line %q", errStatus, line)
		}
		*field = n
	}
	if s.TID < 0 {
		return State{}, fmt.Errorf("%w: no line \"Pid:\"", errStatus)
	}
	if mode < 0 {
		return State{}, fmt.Errorf("no line \"Seccomp:\": %w", &NotSupportedError{Feature: "seccomp", Since: KernelVersion{3, 8}})
	}
	s.Mode, s.NoNewPrivs = Mode(mode), nnp == 1
	return s, nil
}
