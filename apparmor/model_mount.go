package apparmor

// Mount flags as the kernel's mount(2) has them (linux/mount.h); names and values of apparmor_parser's mount.h.
const (
	MsRdonly      uint32 = 1 << 0
	MsNosuid      uint32 = 1 << 1
	MsNodev       uint32 = 1 << 2
	MsNoexec      uint32 = 1 << 3
	MsSync        uint32 = 1 << 4
	MsRemount     uint32 = 1 << 5
	MsMand        uint32 = 1 << 6
	MsDirsync     uint32 = 1 << 7
	MsNosymfollow uint32 = 1 << 8
	MsNoatime     uint32 = 1 << 10
	MsNodiratime  uint32 = 1 << 11
	MsBind        uint32 = 1 << 12
	MsMove        uint32 = 1 << 13
	MsRec         uint32 = 1 << 14
	MsSilent      uint32 = 1 << 15
	MsAcl         uint32 = 1 << 16
	MsUnbindable  uint32 = 1 << 17
	MsPrivate     uint32 = 1 << 18
	MsSlave       uint32 = 1 << 19
	MsShared      uint32 = 1 << 20
	MsRelatime    uint32 = 1 << 21
	MsIversion    uint32 = 1 << 23
	MsStrictatime uint32 = 1 << 24
	MsLazytime    uint32 = 1 << 25
	MsNouser      uint32 = 1 << 31
)

// The groups into which apparmor_parser sorts mount flags.
const (
	// MsMake are the propagation flags.
	MsMake = MsUnbindable | MsPrivate | MsSlave | MsShared | MsRec
	// MsCommands are the flags that select what mount(2) does.
	MsCommands = MsMove | MsRemount | MsBind | MsMake
	// MsAll is every flag a rule can name, and the value of Flags and Optional in a rule without options. MsNouser is not
	// in it: the table has it, the mask that stands for "everything" does not.
	MsAll = MsRdonly | MsNosuid | MsNodev | MsNoexec | MsSync | MsRemount | MsMand | MsDirsync | MsNosymfollow | MsNoatime |
		MsNodiratime | MsBind | MsMove | MsRec | MsSilent | MsAcl | MsUnbindable | MsPrivate | MsSlave | MsShared |
		MsRelatime | MsIversion | MsStrictatime | MsLazytime
)

// MountRule is "mount,", "mount options=(ro,nosuid) fstype=ext4 /dev/sd* -> /mnt/*,", "remount options=ro /,".
type MountRule struct {
	Qualifiers
	// Remount is set for a rule written "remount".
	Remount bool
	// Source is the pattern (AARE) of the device or the old path; "" for any. "detached" means a mount without a path.
	Source string
	// MountPoint is the pattern (AARE) after "->", or of remount's path; "" for any.
	MountPoint string
	// FSTypes are the patterns (AARE) of fstype=, any one of which must match; nil for any.
	FSTypes []string
	// Flags holds one set per "options=(...)": the mount's flags must be exactly the set, apart from Optional ones.
	// Optional holds one set per "options in (...)": flags that may be present. Neither is empty after Resolve, and the rule
	// is the union over all pairs of one from each. Without options both are MsAll; with only "in", Flags is {0}; with
	// only "=", Optional is {0}. A remount adds MsRemount to each set in Flags.
	Flags, Optional []uint32
}

// Class returns ClassMount.
func (*MountRule) Class() Class { return ClassMount }

// UmountRule is "umount,", "umount /mnt/*,". Options and file system types are accepted in text but mean nothing.
type UmountRule struct {
	Qualifiers
	MountPoint string // pattern (AARE); "" for any
}

// Class returns ClassMount.
func (*UmountRule) Class() Class { return ClassMount }

// PivotRootRule is "pivot_root,", "pivot_root oldroot=/old/ /new/ -> profile,".
type PivotRootRule struct {
	Qualifiers
	OldRoot string // pattern (AARE) of put_old; "" for any
	NewRoot string // pattern (AARE) of new_root; "" for any
	// Transition is the profile after "->"; it is parsed, but no released parser encodes it.
	Transition string
}

// Class returns ClassMount.
func (*PivotRootRule) Class() Class { return ClassMount }
