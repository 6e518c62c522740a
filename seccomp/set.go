package seccomp

import "github.com/gostockade/stockade/internal/syscalls"

// Set is a reusable set of system calls: a group, whose name begins with '@', or a single call's name. Sets go to AllowOnly,
// and their names into Rule.Names. A group may limit arguments: TCPServer's socket call, say, is only for internet stream
// sockets.
type Set string

// IsGroup reports whether s names a group rather than one call.
func (s Set) IsGroup() bool { return len(s) > 0 && s[0] == '@' }

// Member is a part of a Set: some calls, and the conditions under which they belong to it.
type Member struct {
	Names []string // names of calls, never of sets
	Args  []Arg    // all must hold; none means any arguments
}

// Members returns the calls of the set, with the conditions under which they belong to it, and whether the set exists: a
// group must be one of this package's, a single call must exist in some ABI.
func (s Set) Members() ([]Member, bool) {
	if s.IsGroup() {
		return groupMembers(s)
	}
	if !syscalls.Known(string(s)) {
		return nil, false
	}
	return []Member{{Names: []string{string(s)}}}, true
}

// AllowOnly returns a profile that allows the calls of the given sets and refuses all others: EPERM for calls of the target's
// own ABI, ENOSYS for those with numbers above any that the sets name, so that programs fall back from calls newer than the
// profile, and the end of the process for foreign ABIs.
func AllowOnly(sets ...Set) *Profile {
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = string(s)
	}
	return &Profile{
		Default: Errno(1), // EPERM in every ABI
		Newer:   &Newer{Action: Errno(enosys(NativeArch()))},
		Rules:   []Rule{{Names: names, Action: Allow}},
	}
}

// enosys returns ENOSYS as arch numbers it.
func enosys(arch Arch) uint16 {
	if n, ok := arch.ErrnoNumber("ENOSYS"); ok {
		return n
	}
	return 38
}
