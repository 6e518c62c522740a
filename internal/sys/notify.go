package sys

// Notification is struct seccomp_notif (include/uapi/linux/seccomp.h): a call that waits for a supervisor's answer.
type Notification struct {
	ID   uint64 // names the call in the answer
	PID  int    // the thread that made it, 0 if this pid namespace does not have it
	Nr   uint32
	Arch uint32 // AUDIT_ARCH value
	IP   uint64
	Args [6]uint64
}

// ContinueCall is SECCOMP_USER_NOTIF_FLAG_CONTINUE: the call is carried out. Linux 5.5.
const ContinueCall = 1
