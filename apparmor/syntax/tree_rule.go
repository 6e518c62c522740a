package syntax

// Access is the qualifier allow, deny or prompt.
type Access uint8

// The access qualifiers.
const (
	AccessNone Access = iota // not written; means allow
	AccessAllow
	AccessDeny
	AccessPrompt
)

// Owner is the qualifier owner or other.
type Owner uint8

// The owner qualifiers.
const (
	OwnerNone Owner = iota
	OwnerOnly       // owner, or its old name user
	OwnerOther
)

// Prefix is the qualifiers before a rule or block, in the only order policy allows.
type Prefix struct {
	HasPriority bool
	Priority    int
	Audit       bool
	Access      Access
	Owner       Owner
}

// IsZero reports whether there are no qualifiers.
func (p Prefix) IsZero() bool { return p == Prefix{} }

// FileRule is a rule about a path: "/path rw," or "rw /path,".
type FileRule struct {
	Node
	Prefix Prefix
	// Keyword is the word "file" before the rule. A rule that is only "file," has no Path and no Perms.
	Keyword bool
	// Exec is "safe", "unsafe" or nothing, before the path.
	Exec ExecWord
	Path string
	// Perms are the permission letters as written: "rwPx".
	Perms string
	// PermsFirst is the form "rw /path,"; Subset is only possible there.
	PermsFirst bool
	Subset     bool
	// Target is the profile or link target after "->".
	Target string
}

// ExecWord is the word safe or unsafe.
type ExecWord uint8

// The exec words.
const (
	ExecWordNone ExecWord = iota
	ExecSafe
	ExecUnsafe
)

// LinkRule is "link subset /new -> /existing,".
type LinkRule struct {
	Node
	Prefix Prefix
	Subset bool
	Path   string
	Target string
}

// CapabilityRule is "capability net_admin,".
type CapabilityRule struct {
	Node
	Prefix Prefix
	Names  []string
}

// Class is the keyword of a class rule.
type Class uint8

// The classes of class rules.
const (
	Network Class = iota
	Unix
	Dbus
	Signal
	Ptrace
	Mqueue
	Userns
	IOUring
)

// String returns the keyword.
func (c Class) String() string {
	names := [...]string{"network", "unix", "dbus", "signal", "ptrace", "mqueue", "userns", "io_uring"}
	if int(c) < len(names) {
		return names[c]
	}
	return "invalid"
}

// ClassRule is a rule that begins with the name of its class: "dbus send bus=session peer=(label=x),". The classes differ in the
// words they know, not in their form.
type ClassRule struct {
	Node
	Prefix Prefix
	Class  Class
	// Perms are the permission words; "()" and no word at all both give none.
	Perms []string
	// Names are the bare words: family, type and protocol of a network rule, the queue of a mqueue rule.
	Names []string
	Conds []Cond
	// Group is peer=(...); nil for none.
	Group *Group
}

// MountOp is the keyword of a mount rule.
type MountOp uint8

// The mount rules.
const (
	Mount MountOp = iota
	Remount
	Umount
	PivotRoot
)

// String returns the keyword.
func (op MountOp) String() string {
	return [...]string{"mount", "remount", "umount", "pivot_root"}[op&3]
}

// MountRule is "mount options=ro /dev/sda -> /mnt,", and its relatives.
type MountRule struct {
	Node
	Prefix Prefix
	Op     MountOp
	Conds  []Cond
	// Source is the bare path: of mount the device, of the others the mount point or new root; "" when there is none. A path
	// that was written as "" is the pattern "{,}", here and in Target.
	Source string
	// Target is what stands after "->": of mount the mount point, of pivot_root the profile.
	Target string
	// TargetConds are conditions after "->"; apparmor_parser knows the form and rejects it.
	TargetConds []Cond
}

// RlimitRule is "set rlimit nofile <= 1024,".
type RlimitRule struct {
	Node
	Resource string
	Value    string
	Unit     string
}

// ChangeProfileRule is "change_profile unsafe /bin/x -> target,".
type ChangeProfileRule struct {
	Node
	Prefix Prefix
	Word   ExecWord
	Exec   string
	Target string
}

// AllRule is "all,".
type AllRule struct {
	Node
	Prefix Prefix
}

// CondOp is the operator of a condition.
type CondOp uint8

// The operators of conditions.
const (
	CondNone CondOp = iota // a name alone, possible in groups
	CondEq                 // =
	CondIn                 // in
	CondSet                // :=
)

// String returns the operator.
func (op CondOp) String() string { return [...]string{"", "=", "in", ":="}[op&3] }

// Cond is one condition: name=value, name=(values), name in (values).
type Cond struct {
	Pos    Pos
	Name   string
	Op     CondOp
	Values []string
}

// Group is a name with conditions in parentheses: peer=(label=x name=y).
type Group struct {
	Pos   Pos
	Name  string
	Conds []Cond
}
