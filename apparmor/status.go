package apparmor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// Enabled returns nil if AppArmor is active in the running kernel and answers for this process, else ErrNotSupported, ErrDisabled (with
// ErrOtherLSM if that is why) or the error of a /proc that cannot be trusted. It says nothing about securityfs; see ReadStatus.
func Enabled() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, err := openAttrs(sys.Kernel{})
	if err != nil {
		return fmt.Errorf("apparmor: %w", err)
	}
	return nil
}

// Status is what the kernel tells about AppArmor and this process.
type Status struct {
	Modules  []string // active security modules in their order, from /sys/kernel/security/lsm; nil if unreadable
	Holder   string   // the one of them that holds /proc/self/attr/current: "apparmor", "selinux", "smack", or ""
	Syscalls bool     // lsm_get_self_attr(2) works, so ChangeProfile does
	Mount    string   // where AppArmor's directory is, "/sys/kernel/security/apparmor"; "" if it is not mounted
	Label    Label    // of the calling thread
}

// ReadStatus returns the status; the error is that of Enabled, and then the status has what could be found nevertheless.
func ReadStatus() (*Status, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var k sys.Kernel
	s := &Status{}
	if place, err := k.SecurityFS(); err == nil {
		s.Mount = place + "/apparmor"
	}
	if list, err := os.ReadFile("/sys/kernel/security/lsm"); err == nil {
		s.Modules = strings.Split(strings.TrimSpace(string(list)), ",")
		s.Holder = holder(s.Modules)
	}
	a, err := openAttrs(k)
	if err != nil {
		return s, fmt.Errorf("apparmor: %w", err)
	}
	s.Syscalls = a.syscalls
	s.Label, err = a.get(attrCurrent())
	return s, err
}

// holder returns the first module that has the attribute files: they are exclusive modules, of which the first speaks.
func holder(modules []string) string {
	i := slices.IndexFunc(modules, func(m string) bool { return m == "apparmor" || m == "selinux" || m == "smack" })
	if i < 0 {
		return ""
	}
	return modules[i]
}

// CurrentLabel returns the label of the calling thread.
func CurrentLabel() (Label, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, err := openAttrs(sys.Kernel{})
	if err != nil {
		return Label{}, fmt.Errorf("apparmor: %w", err)
	}
	return a.get(attrCurrent())
}

// ThreadLabel is the label of one thread.
type ThreadLabel struct {
	TID   int
	Label Label
}

// ThreadLabels returns the label of every thread of a process; pid 0 is the calling one. Threads that end meanwhile are left out.
// It needs the right to read the process's files in /proc.
func ThreadLabels(pid int) ([]ThreadLabel, error) {
	var k sys.Kernel
	a, err := openAttrs(k)
	if err != nil {
		return nil, fmt.Errorf("apparmor: %w", err)
	}
	tids, err := threadIDs(k, pid)
	if err != nil {
		return nil, fmt.Errorf("apparmor: threads of process %d: %w", pid, err)
	}
	var out []ThreadLabel
	for _, tid := range tids {
		s, err := a.readFile(sys.Task{PID: pid, TID: tid}, attrCurrent())
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("apparmor: label of thread %d: %w", tid, err)
		}
		out = append(out, ThreadLabel{TID: tid, Label: ParseLabel(s)})
	}
	return out, nil
}

// ProcessLabel returns the label of a process's first thread. ESRCH or ENOENT: there is no such process.
func ProcessLabel(pid int) (Label, error) {
	a, err := openAttrs(sys.Kernel{})
	if err != nil {
		return Label{}, fmt.Errorf("apparmor: %w", err)
	}
	s, err := a.readFile(sys.Task{PID: pid}, attrCurrent())
	if err != nil {
		return Label{}, fmt.Errorf("apparmor: label of process %d: %w", pid, err)
	}
	return ParseLabel(s), nil
}

// PeerLabel returns the label of the process that connected the other end of a Unix socket, as it was at that time. conn is a
// *net.UnixConn or anything else with a socket below. ErrNotSupported: the kernel keeps no such label, as Linux before 6.17 does
// not unless it is Ubuntu's.
func PeerLabel(conn syscall.Conn) (Label, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return Label{}, fmt.Errorf("apparmor: label of a peer: %w", err)
	}
	var s string
	var sockErr error
	err = raw.Control(func(fd uintptr) { s, sockErr = sys.Kernel{}.PeerSecurity(int(fd)) })
	if err = errors.Join(err, sockErr); err != nil {
		if errors.Is(err, syscall.ENOPROTOOPT) {
			err = caused(ErrNotSupported, err)
		}
		return Label{}, fmt.Errorf("apparmor: label of a peer: %w", err)
	}
	return ParseLabel(s), nil
}

// Profiles lists the loaded profiles of this process's policy namespace, hats and child profiles as "web//hat", each with its mode.
// ErrNotMounted: securityfs is not there. The file is root's on some systems.
func Profiles() ([]Label, error) {
	f, err := sys.Kernel{}.OpenAppArmorFile("profiles", os.O_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("apparmor: loaded profiles: %w", notMounted(err))
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("apparmor: loaded profiles: %w", err)
	}
	return parseProfiles(string(data)), nil
}

// parseProfiles reads the lines "name (mode)" of the file profiles.
func parseProfiles(s string) []Label {
	var out []Label
	for line := range strings.Lines(s) {
		if line = strings.TrimRight(line, "\n"); line != "" {
			out = append(out, ParseLabel(line))
		}
	}
	return out
}

// KernelFeatures returns the feature set of the running kernel. ErrNotMounted: securityfs is not there.
func KernelFeatures() (*Features, error) {
	place, err := sys.Kernel{}.SecurityFS()
	if err != nil {
		return nil, fmt.Errorf("apparmor: features: %w", notMounted(err))
	}
	return ReadFeatures(os.DirFS(place + "/apparmor/features"))
}

// notMounted words the absence of securityfs.
func notMounted(err error) error {
	switch {
	case errors.Is(err, sys.ErrUnsupported):
		return caused(ErrNotSupported, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV):
		return caused(ErrNotMounted, err)
	}
	return err
}
