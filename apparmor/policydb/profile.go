package policydb

// Profile is one record of a policy stream: a profile, a child profile or a hat.
type Profile struct {
	// Version is the record's version word: bits 0-9 the kernel ABI (5 to 9), bit 11 force complain, bits 12-19 the parser's
	// ABI, bits 20 and up the policy version.
	Version   uint32
	Namespace string // "" for the namespace the policy is loaded into
	Name      string // flattened: "parent//child"
	Rename    string // kernel only; apparmor_parser never writes it
	Attach    string // kernel only; apparmor_parser never writes it

	// XMatch matches the executables the profile attaches to; nil when the name is the only attachment.
	XMatch *DB
	// XMatchLen is the length the attachment counts for when several profiles match an executable.
	XMatchLen uint32

	Disconnected    string // prefix of disconnected paths
	DisconnectedIPC string // prefix of disconnected message queues
	KillSignal      uint32 // 0 for SIGKILL
	Errno           uint32 // 0 for EACCES

	Flags     uint32 // FlagHat and so on
	Mode      Mode
	Audit     bool   // log every access
	PathFlags uint32 // PathMediateDeleted and so on

	Caps       Caps
	Identities []string
	Xattrs     []string // names of the extended attributes XMatch continues with
	Rlimits    *Rlimits // nil when the profile sets none
	// Families are socket permissions by address family, for kernels before 4.17; nil when network mediation is in Policy.
	Families []Family
	Secmark  []Secmark // kernel only

	Policy *DB // every class but files; nil when the profile has no such automaton
	File   *DB // file permissions; nil when the profile has no file rules
	// Data are the key and value pairs that userspace may store with a profile.
	Data []Datum
}

// Flags of Profile.Flags (apparmor_parser's profile.h, the kernel's policy_unpack.c).
const (
	FlagHat           = 1 << 0
	FlagDebug1        = 1 << 1
	FlagDebug2        = 1 << 2
	FlagInterruptible = 1 << 3
	FlagPromptCompat  = 1 << 4
)

// Flags of Profile.PathFlags (the kernel's include/path.h).
const (
	PathAttachDisconnected = 0x4
	PathChrootRelative     = 0x8
	PathChrootAttach       = 0x10
	PathAttachIPC          = 0x20
	PathMediateDeleted     = 0x10000
)

// Mode is the profile mode as packed (the kernel's PACKED_MODE_).
type Mode uint32

// The packed modes.
const (
	Enforce Mode = iota
	Complain
	Kill
	Unconfined
	User // prompt
)

// Caps are four sets of capabilities; bit n is capability n.
type Caps struct {
	Allow, Audit, Quiet, Extended uint64
}

// Rlimits are resource limits: Values[n] holds when bit n of Mask is set. n is the kernel's generic resource number.
type Rlimits struct {
	Mask   uint32
	Values []uint64
}

// Family is the permissions on the sockets of one address family; bit n is socket type n.
type Family struct {
	Allow, Audit, Quiet uint16
}

// Secmark is a packet label rule.
type Secmark struct {
	Audit, Deny uint8
	Label       string
}

// Datum is one value stored with a profile.
type Datum struct {
	Key   string
	Value []byte
}

// DB is an automaton with what its accept values refer to.
type DB struct {
	DFA *DFA
	// Perms is the permission table that accept values index, in streams with permstable32; nil when the accept values
	// are the permissions themselves.
	Perms        []Perm
	PermsVersion uint32
	// Transitions are the labels that exec permissions refer to, in table order. ":ns:name" for a namespaced one.
	Transitions []string
}

// Perm is a row of a permission table (the kernel's struct aa_perms).
type Perm struct {
	Allow, Deny, Subtree, Cond     uint32
	Kill, Complain, Prompt         uint32
	Audit, Quiet, Hide             uint32
	XIndex, Tag, Label, Reserved32 uint32
}
