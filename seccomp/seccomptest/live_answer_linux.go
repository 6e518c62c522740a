package seccomptest

import (
	"bytes"
	"fmt"
	"os"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
	"github.com/gostockade/stockade/seccomp"
)

// maxText is how much of a string in the child's memory is shown.
const maxText = 256

// answer takes one waiting call, notes it, and does with it what the profile does.
func (s *supervisor) answer() {
	n, err := s.ReceiveNotification(s.listener, s.sizes)
	if err != nil {
		return // interrupted, or the caller is gone
	}
	c := callOf(n)
	action, err := s.prog.Run(c)
	if err != nil {
		action = seccomp.KillProcess
	}
	text := describe(c, func(address uint64) (string, bool) { return readText(n.PID, address) })
	if s.NotificationValid(s.listener, n.ID) != nil {
		return // interrupted by a signal; it will be made again
	}
	r := Refusal{Call: c, TID: n.PID, Action: action, Text: text}
	if !s.respond(n, action) {
		return
	}
	if action.Kind() == seccomp.Log {
		s.result.Logged = append(s.result.Logged, r)
	} else {
		s.result.Refused = append(s.result.Refused, r)
	}
	if action.Kind() < seccomp.Errno(0) {
		s.end(fmt.Sprintf("%v for %s", action, text))
	}
	if len(s.result.Refused)+len(s.result.Logged) >= MaxRefusals {
		s.end(fmt.Sprintf("%d refused calls", MaxRefusals))
	}
}

func (s *supervisor) end(why string) {
	if s.result.Ended == "" {
		s.result.Ended = why
	}
	s.kill()
}

// respond gives the profile's answer and reports whether the caller got it.
func (s *supervisor) respond(n sys.Notification, a seccomp.Action) bool {
	errno, flags := syscall.ENOSYS, uint32(0) // what trace and notify come to without a tracer and a supervisor
	switch {
	case a.Kind() < seccomp.Errno(0):
		return true // the child is killed while it waits
	case a.IsErrno():
		errno = syscall.Errno(a.Data())
	case a.Kind() == seccomp.Log:
		errno, flags = 0, sys.ContinueCall
	}
	return s.Respond(s.listener, s.sizes, n.ID, 0, errno, flags) == nil
}

// callOf names the ABI of a waiting call.
func callOf(n sys.Notification) seccomp.Call {
	c := seccomp.Call{Nr: n.Nr, Args: n.Args, IP: n.IP}
	for _, arch := range seccomp.NativeArch().Siblings() {
		if arch.AuditArch() == n.Arch && c.Arch == 0 {
			c.Arch = arch
		}
	}
	const x32Bit, skipped = 0x40000000, 0xffffffff
	if c.Arch == seccomp.AMD64 && n.Nr >= x32Bit && n.Nr != skipped {
		c.Arch = seccomp.X32
	}
	return c
}

// readText reads a string from the memory of a thread that waits. The thread's other threads can change it meanwhile: it is for
// people, nothing is decided by it.
func readText(tid int, address uint64) (string, bool) {
	if tid == 0 || address == 0 {
		return "", false
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/mem", tid))
	if err != nil {
		return "", false
	}
	defer f.Close()
	buf := make([]byte, maxText)
	n, _ := f.ReadAt(buf, int64(address)) // short where the mapping ends
	if end := bytes.IndexByte(buf[:n], 0); end >= 0 {
		return string(buf[:end]), true
	}
	if n == 0 {
		return "", false
	}
	return string(buf[:n]) + "...", true
}
