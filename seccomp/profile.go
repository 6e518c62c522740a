package seccomp

import "strconv"

// Profile says what happens to each system call. The zero value kills the process at its first call. The package comment
// gives the exact meaning.
type Profile struct {
	// Default is for calls of the listed ABIs that no rule matches.
	Default Action
	// Foreign is for calls of ABIs that are not listed. The zero value kills the process, and that is almost always right:
	// a filter written for one ABI is evaded by calling through another.
	Foreign Action
	// Newer, if not nil, is for calls that no rule matches and that are newer than the profile knows; see Newer.
	Newer *Newer
	// Arches lists the ABIs the rules speak about. A program is compiled for those of them that the target's kernel can
	// serve. Nil means the target ABI alone, so that 386 and x32 calls are foreign on amd64.
	Arches []Arch
	// Flags are for loading the filter. They do not change which calls are allowed.
	Flags Flags
	// Rules are tried together, not in order: the most restrictive matching one wins.
	Rules []Rule
}

// Rule gives an action to some system calls. The zero value names no call.
type Rule struct {
	// Names of system calls, and of sets of them, which begin with '@'. A name that an ABI does not have means nothing there; a
	// name that no ABI has is an error.
	Names []string
	// Action for the calls that match.
	Action Action
	// Args must all hold for the rule to match. Several conditions on one argument are allowed and make a range.
	Args []Arg
	// Arches limits the rule to some of the profile's ABIs; nil means all of them.
	Arches []Arch
	// Direct keeps the rule away from multiplexed calls: without it a rule for socket also governs socketcall(SYS_SOCKET, ...) on
	// the ABIs that have it. There a filter cannot see the call's own arguments, which lie in memory, so a rule with Args acts
	// conservatively: it applies to every such call if its action is more restrictive than what the call would get otherwise,
	// and not at all if it is less.
	Direct bool
	// Origin tells people where the rule came from (a file and line, a JSON pointer). It has no meaning.
	Origin string
}

// Newer is the answer to system calls newer than the profile knows. A program probing for a new call expects ENOSYS and then
// falls back; the default's EPERM would make it fail.
type Newer struct {
	// Action for those calls, usually Errno(38), ENOSYS.
	Action Action
	// Since is the newest kernel the profile was written for: calls introduced later are newer, and so are numbers above the
	// newest one that this package's tables know. The zero value instead takes every number above the highest one that a rule
	// names in that ABI, as runc does, but for 32-bit ARM: its private numbers, from 0xf0000 on (__ARM_NR_BASE in
	// arch/arm/include/uapi/asm/unistd.h), count for runc as the highest, and here not.
	Since KernelVersion
}

// KernelVersion is a Linux release, such as {6, 12}. The zero value means none was given.
type KernelVersion struct{ Major, Minor uint8 }

// IsZero reports whether no version was given.
func (v KernelVersion) IsZero() bool { return v == KernelVersion{} }

// String returns the version as uname -r begins, "6.12".
func (v KernelVersion) String() string {
	return strconv.Itoa(int(v.Major)) + "." + strconv.Itoa(int(v.Minor))
}

// Less reports whether v is older than w.
func (v KernelVersion) Less(w KernelVersion) bool {
	return v.Major < w.Major || v.Major == w.Major && v.Minor < w.Minor
}

// Call is one system call as a filter sees it (struct seccomp_data, include/uapi/linux/seccomp.h).
type Call struct {
	Arch Arch            // the ABI it was made through
	Nr   uint32          // its number there; X32's include 0x40000000
	Args [MaxArgs]uint64 // its arguments; of a 32-bit ABI's only the lower halves count
	IP   uint64          // address of the calling instruction; no profile looks at it
}
