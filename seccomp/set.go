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
	Names  []string // names of calls, never of sets
	Args   []Arg    // all must hold; none means any arguments
	Arches []Arch   // the ABIs on which they belong to it; none means all
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

// AllowOnly returns a profile that allows the calls of the given sets and refuses all others. Other calls of the target's own
// ABI fail with EPERM, but with ENOSYS where they are newer than Linux 5.0, so that programs and C libraries fall back from
// the likes of clone3 and openat2 as they do on older kernels. Calls of foreign ABIs end the process.
func AllowOnly(sets ...Set) *Profile {
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = string(s)
	}
	return &Profile{
		Default: Errno(1), // EPERM in every ABI
		Newer:   &Newer{Action: Errno(enosys(NativeArch())), Since: KernelVersion{5, 0}},
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
