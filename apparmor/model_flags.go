package apparmor

import "strconv"

// Mode says what the kernel does when a profile does not allow an access.
type Mode uint8

// The profile modes, "flags=(complain)" and so on. No mode written means Enforce.
const (
	Enforce      Mode = iota // deny and log
	Complain                 // allow and log as ALLOWED; explicit deny rules still deny
	Kill                     // deny, log and send Flags.KillSignal (default SIGKILL)
	Unconfined               // the profile only labels: nothing is mediated except user namespaces
	Prompt                   // ask the user-space listener
	DefaultAllow             // allow unless a rule denies; packed as Unconfined for today's kernels (5.0)
)

// String returns the word used in profile flags.
func (m Mode) String() string {
	names := [...]string{"enforce", "complain", "kill", "unconfined", "prompt", "default_allow"}
	if int(m) < len(names) {
		return names[m]
	}
	return "mode(" + strconv.Itoa(int(m)) + ")"
}

// Flags are the profile flags other than the mode. The zero value is what a profile without flags has.
type Flags struct {
	// Audit logs every access, allowed ones too.
	Audit bool
	// Debug sets the kernel's debug bit for the profile.
	Debug bool
	// Interruptible lets a task waiting for a prompt's answer be interrupted (kernel feature policy/profile/interruptible).
	Interruptible bool

	// ChrootRelative resolves paths from the task's chroot, NamespaceRelative from the mount namespace's root (default).
	ChrootRelative, NamespaceRelative bool
	// MediateDeleted mediates deleted files by their last name, DelegateDeleted treats them as delegated (default).
	MediateDeleted, DelegateDeleted bool
	// AttachDisconnected gives paths outside the task's namespace a leading DisconnectedPath (default "/"), instead of
	// denying them; NoAttachDisconnected is the default, written out.
	AttachDisconnected, NoAttachDisconnected bool
	// ChrootAttach and ChrootNoAttach do the same for paths outside a chroot.
	ChrootAttach, ChrootNoAttach bool
	// AttachDisconnectedIPC is attach_disconnected.ipc, for message queues.
	AttachDisconnectedIPC bool
	// DisconnectedPath is attach_disconnected.path=, an absolute path without trailing slash; "" when not given or "/".
	DisconnectedPath string
	// DisconnectedIPC is attach_disconnected.ipc=, in the same form.
	DisconnectedIPC string
	// KillSignal is kill.signal=; 0 means the kernel's default, SIGKILL.
	KillSignal SignalNumber
	// Errno is error=, the errno a denial returns instead of EACCES; 0 means EACCES.
	Errno int
}
