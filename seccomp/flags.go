package seccomp

import "strings"

// Flags change how a filter is installed (SECCOMP_FILTER_FLAG_*, include/uapi/linux/seccomp.h). The zero value sets none;
// installing on all threads (TSYNC) is not a flag here, because it is what Load always does unless told otherwise.
type Flags uint32

// The flags, with the kernel's values.
const (
	FlagTSync            Flags = 1 << 0 // SECCOMP_FILTER_FLAG_TSYNC: all threads get the filter. Linux 3.17.
	FlagLog              Flags = 1 << 1 // SECCOMP_FILTER_FLAG_LOG: log every action but allow. Linux 4.14.
	FlagSpecAllow        Flags = 1 << 2 // SECCOMP_FILTER_FLAG_SPEC_ALLOW: no speculative store bypass mitigation. Linux 4.17.
	FlagNewListener      Flags = 1 << 3 // SECCOMP_FILTER_FLAG_NEW_LISTENER: a descriptor for notifications. Linux 5.0.
	FlagTSyncESRCH       Flags = 1 << 4 // SECCOMP_FILTER_FLAG_TSYNC_ESRCH: a thread that cannot follow is ESRCH. Linux 5.7.
	FlagWaitKillableRecv Flags = 1 << 5 // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, with FlagNewListener. Linux 5.19.

	allFlags = FlagWaitKillableRecv<<1 - 1
)

var flagNames = [...]string{"TSYNC", "LOG", "SPEC_ALLOW", "NEW_LISTENER", "TSYNC_ESRCH", "WAIT_KILLABLE_RECV"}

// Valid reports whether only flags named above are set.
func (f Flags) Valid() bool { return f&^allFlags == 0 }

// String returns the flags' names joined by "|", "0" when none is set.
func (f Flags) String() string {
	if f == 0 {
		return "0"
	}
	var names []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if !f.Valid() {
		names = append(names, "unknown")
	}
	return strings.Join(names, "|")
}

// ParseFlag reads one flag's name, with or without SECCOMP_FILTER_FLAG_ before it.
func ParseFlag(s string) (Flags, bool) {
	s = strings.TrimPrefix(s, "SECCOMP_FILTER_FLAG_")
	for i, name := range flagNames {
		if name == s {
			return 1 << i, true
		}
	}
	return 0, false
}
