package sys

import (
	"strconv"
	"strings"
)

// Task names one thread whose files in /proc are meant. The zero value is the calling thread, which must be locked to its
// goroutine from before the call until after the last use of what it returned.
type Task struct {
	PID int // process; 0 is the calling one
	TID int // thread; 0 is the calling thread, or with a PID the process's first thread
}

// dir returns the task's directory below the root of procfs.
func (t Task) dir() string {
	switch {
	case t == Task{}:
		return "thread-self"
	case t.PID == 0:
		return "self/task/" + strconv.Itoa(t.TID)
	case t.TID == 0:
		return strconv.Itoa(t.PID)
	}
	return strconv.Itoa(t.PID) + "/task/" + strconv.Itoa(t.TID)
}

// validAttr reports whether name is a security attribute or status file of a task and cannot lead elsewhere.
func validAttr(name string) bool {
	rest, attr := strings.CutPrefix(name, "attr/")
	if !attr {
		return name == "status" || name == "mounts"
	}
	rest = strings.TrimPrefix(rest, "apparmor/")
	return rest != "" && !strings.ContainsAny(rest, "/.\x00")
}
