package seccomp

import (
	"fmt"
	"strconv"
	"strings"
)

// Action is what the kernel does with a system call. Actions order by restrictiveness: a < b means that a is the more
// restrictive, and the zero value is KillProcess. The low 16 bits carry data for Errno, Trap and Trace.
//
// The value is the kernel's SECCOMP_RET_* value with its top bit inverted (include/uapi/linux/seccomp.h), which turns the
// kernel's signed precedence order into unsigned order.
type Action uint32

// The eight actions, most restrictive first.
const (
	// KillProcess ends the whole process as if by SIGSYS. SECCOMP_RET_KILL_PROCESS, Linux 4.14.
	KillProcess Action = 0x0000_0000
	// KillThread ends only the calling thread. SECCOMP_RET_KILL_THREAD, Linux 3.5. A Go program hangs when it loses a
	// thread; use KillProcess.
	KillThread Action = 0x8000_0000
	// Trap sends SIGSYS to the calling thread; data is siginfo's si_errno. SECCOMP_RET_TRAP, Linux 3.5.
	Trap Action = 0x8003_0000
	// errnoAction refuses the call with an error number, its data. SECCOMP_RET_ERRNO, Linux 3.5.
	errnoAction Action = 0x8005_0000
	// Notify asks a supervising process. SECCOMP_RET_USER_NOTIF, Linux 5.0.
	Notify Action = 0xffc0_0000
	// Trace asks an attached ptrace(2) tracer; without one the call fails with ENOSYS. Data is the event message.
	// SECCOMP_RET_TRACE, Linux 3.5.
	Trace Action = 0xfff0_0000
	// Log lets the call happen and logs it. SECCOMP_RET_LOG, Linux 4.14.
	Log Action = 0xfffc_0000
	// Allow lets the call happen. SECCOMP_RET_ALLOW, Linux 3.5.
	Allow Action = 0xffff_0000
)

// MaxErrno is the largest error number a filter can return; the kernel lowers larger ones to it (MAX_ERRNO,
// include/linux/err.h).
const MaxErrno = 4095

const (
	retFlip    = 0x8000_0000 // the bit in which an Action differs from its SECCOMP_RET_* value
	actionMask = 0xffff_0000 // SECCOMP_RET_ACTION_FULL
	dataMask   = 0x0000_ffff // SECCOMP_RET_DATA
)

// Errno refuses the call with error number n of the target ABI (EPERM is 1 everywhere, ENOSYS is 38 but for MIPS and
// PA-RISC). 0 makes the call a no-op that succeeds. Numbers above MaxErrno are rejected by Profile.Validate.
func Errno(n uint16) Action { return errnoAction | Action(n) }

// TrapWith is Trap with data for siginfo's si_errno.
func TrapWith(data uint16) Action { return Trap | Action(data) }

// TraceWith is Trace with data for the tracer, read with PTRACE_GETEVENTMSG.
func TraceWith(data uint16) Action { return Trace | Action(data) }

// ActionFromRet returns the action the kernel takes for a filter's return value: an unknown action kills the process,
// error numbers above MaxErrno are lowered to it, data that the kernel does not look at is cleared.
func ActionFromRet(ret uint32) Action {
	a := Action(ret ^ retFlip)
	switch a.Kind() {
	case errnoAction:
		if a.Data() > MaxErrno {
			return Errno(MaxErrno)
		}
		return a
	case Trap, Trace:
		return a
	case KillThread, Notify, Log, Allow:
		return a.Kind()
	}
	return KillProcess
}

// Kind returns the action without its data: one of KillProcess, KillThread, Trap, Errno(0), Notify, Trace, Log, Allow.
func (a Action) Kind() Action { return a & actionMask }

// Data returns the low 16 bits: the error number of Errno, the message of Trap and Trace, 0 for the others.
func (a Action) Data() uint16 { return uint16(a & dataMask) }

// IsErrno reports whether the action refuses the call with an error number.
func (a Action) IsErrno() bool { return a.Kind() == errnoAction }

// Ret returns the SECCOMP_RET_* value, data included, that a filter returns for this action.
func (a Action) Ret() uint32 { return uint32(a) ^ retFlip }

// Valid reports whether a is one of the eight actions, with data only where it has a meaning and an error number of at most
// MaxErrno.
func (a Action) Valid() bool { return ActionFromRet(a.Ret()) == a }

// actionNames are the names String and ParseAction use, most restrictive first.
var actionNames = [...]struct {
	kind Action
	name string
}{
	{KillProcess, "kill_process"}, {KillThread, "kill_thread"}, {Trap, "trap"}, {errnoAction, "errno"},
	{Notify, "notify"}, {Trace, "trace"}, {Log, "log"}, {Allow, "allow"},
}

// String returns the kernel's name for the action as actions_avail spells it (Documentation/userspace-api/seccomp_filter),
// with the data of errno, trap and trace behind it: "kill_process", "errno 1", "trace 7".
func (a Action) String() string {
	for _, n := range actionNames {
		if n.kind != a.Kind() {
			continue
		}
		if a.IsErrno() || a.Data() != 0 {
			return n.name + " " + strconv.Itoa(int(a.Data()))
		}
		return n.name
	}
	return fmt.Sprintf("action(%#x)", a.Ret())
}

// ParseAction reads what String writes: a name and, for errno, trap and trace, an optional number after a space. An errno
// needs its number.
func ParseAction(s string) (Action, error) {
	name, number, hasData := strings.Cut(s, " ")
	for _, n := range actionNames {
		if n.name != name {
			continue
		}
		if !hasData {
			if n.kind == errnoAction {
				return 0, fmt.Errorf("action %q: errno needs a number, as in \"errno 1\"", s)
			}
			return n.kind, nil
		}
		data, err := strconv.ParseUint(number, 10, 16)
		if err != nil || number != strconv.FormatUint(data, 10) {
			return 0, fmt.Errorf("action %q: data must be a number from 0 to 65535 in plain digits", s)
		}
		if a := n.kind | Action(data); a.Valid() {
			return a, nil
		}
		return 0, fmt.Errorf("action %q: data is out of range or has no meaning for %s", s, name)
	}
	return 0, fmt.Errorf("action %q is unknown", s)
}
