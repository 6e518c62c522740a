package apparmor

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// taskKernel is what of the kernel the changes of label need; tests put failures here.
type taskKernel interface {
	Gettid() int
	NoNewPrivs() (bool, error)
	LSMSelfAttr(attr uint32, id uint64) (string, error)
	SetLSMSelfAttr(attr uint32, id uint64, value string) error
	SetLSMSelfAttrAll(attr uint32, id uint64, value string) error
	OpenTaskFile(t sys.Task, name string, write bool) (int, error)
	Pread(fd int, buf []byte) (int, error)
	Write(fd int, data string) error
	Close(fd int) error
	OpenTasks(pid int) (int, error)
	ThreadIDs(tasks int) ([]int, error)
	ModuleParameter(module, name string) (string, error)
}

// attribute is one security attribute of a task, under its two names.
type attribute struct {
	lsm  uint32 // in lsm_get_self_attr(2)
	file string // in /proc/TASK/attr
}

func attrCurrent() attribute { return attribute{sys.LSMAttrCurrent, "current"} }
func attrExec() attribute    { return attribute{sys.LSMAttrExec, "exec"} }

// attrs is a way to the attributes of tasks: the system calls of Linux 6.8, which no mount can come between, or files below
// /proc/TASK.
type attrs struct {
	k        taskKernel
	syscalls bool   // lsm_get_self_attr works
	dir      string // "attr/apparmor/", or before Linux 5.8 "attr/", which AppArmor then must own
}

// openAttrs finds the way. Its error is ErrNotSupported or ErrDisabled, or that of a /proc that cannot be trusted.
func openAttrs(k taskKernel) (attrs, error) {
	a := attrs{k: k, dir: "attr/apparmor/"}
	_, err := k.LSMSelfAttr(sys.LSMAttrCurrent, sys.LSMIDAppArmor)
	switch {
	case err == nil:
		a.syscalls = true
		return a, nil
	case errors.Is(err, sys.ErrUnsupported):
		return a, caused(ErrNotSupported, err)
	case errors.Is(err, syscall.EOPNOTSUPP):
		return a, a.inactive(err)
	}
	// ENOSYS: an older kernel. Anything else: a seccomp filter answers for the kernel. Either way the files are left.
	_, err = a.readFile(sys.Task{}, attrCurrent())
	if err == nil {
		return a, nil
	}
	if !errors.Is(err, syscall.ENOENT) && !errors.Is(err, syscall.EINVAL) {
		return a, err
	}
	enabled, paramErr := k.ModuleParameter("apparmor", "enabled")
	if paramErr == nil && enabled == "Y" && errors.Is(err, syscall.ENOENT) {
		a.dir = "attr/"
		_, err = a.readFile(sys.Task{}, attrCurrent())
		return a, err
	}
	return a, a.inactive(err)
}

// inactive says why AppArmor does not answer, given how it did not.
func (a attrs) inactive(cause error) error {
	_, err := a.k.ModuleParameter("apparmor", "enabled")
	if errors.Is(err, syscall.ENOENT) {
		return caused(ErrNotSupported, cause)
	}
	a.dir = "attr/"
	other, err := a.readFile(sys.Task{}, attrCurrent())
	if err == nil && other != "" {
		return caused(ErrDisabled, fmt.Errorf("%w: it says %q", ErrOtherLSM, strings.TrimRight(other, "\n\x00")))
	}
	return caused(ErrDisabled, cause)
}

// get returns an attribute of the calling thread; an attribute that is not set is the zero Label.
func (a attrs) get(attr attribute) (Label, error) {
	var s string
	var err error
	if a.syscalls {
		s, err = a.k.LSMSelfAttr(attr.lsm, sys.LSMIDAppArmor)
	} else {
		s, err = a.readFile(sys.Task{}, attr)
	}
	if attr != attrCurrent() && (errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EINVAL)) {
		return Label{}, nil
	}
	return ParseLabel(s), err
}

// set gives the kernel a command for an attribute of the calling thread, which must be locked.
func (a attrs) set(attr attribute, command string) error {
	if a.syscalls {
		return a.k.SetLSMSelfAttr(attr.lsm, sys.LSMIDAppArmor, command)
	}
	fd, err := a.k.OpenTaskFile(sys.Task{}, a.dir+attr.file, true)
	if err != nil {
		return err
	}
	defer a.k.Close(fd)
	return a.k.Write(fd, command)
}

// readFile returns what a task's file says.
func (a attrs) readFile(t sys.Task, attr attribute) (string, error) {
	fd, err := a.k.OpenTaskFile(t, a.dir+attr.file, false)
	if err != nil {
		return "", err
	}
	defer a.k.Close(fd)
	return readAll(a.k, fd)
}

// threadIDs lists the threads of a process; pid 0 is the calling one.
func threadIDs(k taskKernel, pid int) ([]int, error) {
	tasks, err := k.OpenTasks(pid)
	if err != nil {
		return nil, err
	}
	defer k.Close(tasks)
	return k.ThreadIDs(tasks)
}

// maxStatus bounds what is read from one file of /proc, in bytes; a label or status page is far below it.
const maxStatus = 64 << 10

// readAll returns the content of a file of /proc that is generated at one read.
func readAll(k taskKernel, fd int) (string, error) {
	for size := 4096; ; size *= 2 {
		buf := make([]byte, size)
		n, err := k.Pread(fd, buf)
		if err != nil {
			return "", err
		}
		if n < size || size >= maxStatus {
			return string(buf[:n]), nil
		}
	}
}

// noNewPrivs reports whether the calling thread has no_new_privs; unknown counts as no, because it only words an error.
func (a attrs) noNewPrivs() bool {
	set, err := a.k.NoNewPrivs()
	return err == nil && set
}
