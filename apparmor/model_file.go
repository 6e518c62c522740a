package apparmor

import "strings"

// FilePerms is a set of file permissions. The values are those of apparmor_parser and the kernel's old encoding (immunix.h).
type FilePerms uint16

// The file permissions. Policy's "w" sets Write and Append together; "a" sets Append alone.
const (
	Exec   FilePerms = 1 << iota // x: execute; the transition is in FileRule.Exec
	Write                        // w: create, delete, truncate, write, change attributes
	Read                         // r
	Append                       // a: open for append
	Link                         // l: create a hard link at this path
	Lock                         // k
	Mmap                         // m: map executable
)

// String returns the letters policy uses, "rwlkmx" without the exec transition.
func (p FilePerms) String() string {
	var b strings.Builder
	for _, x := range [...]struct {
		bit FilePerms
		c   byte
	}{{Mmap, 'm'}, {Read, 'r'}, {Write, 'w'}, {Append, 'a'}, {Link, 'l'}, {Lock, 'k'}, {Exec, 'x'}} {
		if p&x.bit == 0 || x.bit == Append && p&Write != 0 {
			continue
		}
		b.WriteByte(x.c)
	}
	return b.String()
}

// Owner narrows a file rule to accesses by the file's owner or by others.
type Owner uint8

// Who a file rule is for. The kernel calls a task the owner when its fsuid is the file's uid.
const (
	AnyOwner  Owner = iota
	OwnerOnly       // "owner": only when fsuid == file uid
	OtherOnly       // "other": only when fsuid != file uid
)

// FileRule is a rule about paths: "/etc/passwd r,", "file,", "owner /x/** rwk,", "/bin/id Px -> id,", "link /a -> /b,".
type FileRule struct {
	Qualifiers
	// Path is the pattern (AARE) of the path: variables are already alternations, repeated slashes are one, aliases are
	// extra rules. Escapes that matter to a pattern ("\*", "\[", "\,", "\\") are still there; others are the byte itself.
	// "file," has the path "/{**,}".
	Path string
	// Perms are the permissions the rule is about. Never 0 after Resolve.
	Perms FilePerms
	// Owner narrows the rule; AnyOwner covers both halves of the permissions.
	Owner Owner
	// Exec is the transition on execution; only meaningful when Perms has Exec. It is the zero value in deny rules.
	// A rule with ix also grants Mmap: apparmor_parser adds it when it builds the automaton, Resolve does not.
	Exec ExecTransition

	// LinkTarget is the pattern (AARE) the new link's source must match, when Perms has Link. "" means any absolute path,
	// and then LinkSubset is set.
	LinkTarget string
	// LinkSubset requires the permissions on the new name to be a subset of those on the old one.
	LinkSubset bool
}

// Class returns ClassFile.
func (*FileRule) Class() Class { return ClassFile }

// ExecMode is the kind of profile transition on exec.
type ExecMode uint8

// The exec modes: the letter before x. The zero value is for deny rules, which have none.
const (
	ExecNone       ExecMode = iota
	ExecInherit             // ix: keep the current profile
	ExecUnconfined          // ux, Ux: run unconfined
	ExecProfile             // px, Px: the profile that attaches, or the named one
	ExecChild               // cx, Cx: a child of the current profile
)

// ExecFallback is what happens when the profile of a p or c transition does not exist.
type ExecFallback uint8

// The fallbacks: the letter between p or c and x.
const (
	FallbackNone       ExecFallback = iota // the exec is denied
	FallbackInherit                        // pix, cix: keep the current profile
	FallbackUnconfined                     // pux, cux: run unconfined
)

// ExecTransition is the transition of an exec rule. Two rules for the same path with different transitions conflict.
type ExecTransition struct {
	Mode     ExecMode
	Fallback ExecFallback
	// Unsafe keeps the environment (LD_PRELOAD and such): the lower-case ux, px and cx, or the word unsafe. The zero value
	// is secure execution (AT_SECURE), except for ix, which the kernel never makes secure.
	Unsafe bool
	// Target names the profile to enter ("-> target"), "" for none. It is the label as the kernel's transition table
	// holds it: "name", ":ns:name", "&name" to stack on the current profile, "a//&b". For cx it already has the parent:
	// "parent//child". It is text, not a pattern, and variables in it are not expanded (as in apparmor_parser).
	Target string
}

// String returns the transition as policy writes it, without target: "ix", "Px", "cux".
func (e ExecTransition) String() string {
	var mode string
	switch e.Mode {
	case ExecNone:
		return "x"
	case ExecInherit:
		return "ix"
	case ExecUnconfined:
		mode = "U"
	case ExecProfile:
		mode = "P"
	case ExecChild:
		mode = "C"
	}
	if e.Unsafe {
		mode = strings.ToLower(mode)
	}
	switch e.Fallback {
	case FallbackInherit:
		mode += "i"
	case FallbackUnconfined:
		mode += "u"
	}
	return mode + "x"
}

// ChangeProfileRule allows change_profile(2): "change_profile -> target,", "change_profile /bin/x -> target,".
type ChangeProfileRule struct {
	Qualifiers
	// Exec is the pattern (AARE) of the executable for change_onexec; "" means any.
	Exec string
	// Unsafe keeps the environment at that exec; only meaningful with Exec.
	Unsafe bool
	// Target is the pattern (AARE) of the label to enter, "**" when none was written. It may begin with ":ns:" or "&".
	Target string
}

// Class returns ClassChangeProfile.
func (*ChangeProfileRule) Class() Class { return ClassChangeProfile }
