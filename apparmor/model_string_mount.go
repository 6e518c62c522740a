package apparmor

import (
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// mountFlag is one word of options=: the bits it sets, or the bits it says must be clear.
type mountFlag struct {
	name       string
	set, clear uint32
}

// mountFlags is apparmor_parser's table of mount options (mount.cc), the preferred name of each flag first.
var mountFlags = [...]mountFlag{
	{"ro", MsRdonly, 0}, {"r", MsRdonly, 0}, {"read-only", MsRdonly, 0}, {"rw", 0, MsRdonly}, {"w", 0, MsRdonly},
	{"suid", 0, MsNosuid}, {"nosuid", MsNosuid, 0}, {"dev", 0, MsNodev}, {"nodev", MsNodev, 0},
	{"exec", 0, MsNoexec}, {"noexec", MsNoexec, 0}, {"sync", MsSync, 0}, {"async", 0, MsSync},
	{"remount", MsRemount, 0}, {"mand", MsMand, 0}, {"nomand", 0, MsMand}, {"dirsync", MsDirsync, 0},
	{"symfollow", 0, MsNosymfollow}, {"nosymfollow", MsNosymfollow, 0}, {"atime", 0, MsNoatime}, {"noatime", MsNoatime, 0},
	{"diratime", 0, MsNodiratime}, {"nodiratime", MsNodiratime, 0}, {"bind", MsBind, 0}, {"B", MsBind, 0},
	{"move", MsMove, 0}, {"M", MsMove, 0}, {"rbind", MsBind | MsRec, 0}, {"R", MsBind | MsRec, 0},
	{"silent", MsSilent, 0}, {"verbose", MsSilent, 0}, {"loud", 0, MsSilent}, {"acl", MsAcl, 0}, {"noacl", 0, MsAcl},
	{"unbindable", MsUnbindable, 0}, {"make-unbindable", MsUnbindable, 0},
	{"runbindable", MsUnbindable | MsRec, 0}, {"make-runbindable", MsUnbindable | MsRec, 0},
	{"private", MsPrivate, 0}, {"make-private", MsPrivate, 0}, {"rprivate", MsPrivate | MsRec, 0}, {"make-rprivate", MsPrivate | MsRec, 0},
	{"slave", MsSlave, 0}, {"make-slave", MsSlave, 0}, {"rslave", MsSlave | MsRec, 0}, {"make-rslave", MsSlave | MsRec, 0},
	{"shared", MsShared, 0}, {"make-shared", MsShared, 0}, {"rshared", MsShared | MsRec, 0}, {"make-rshared", MsShared | MsRec, 0},
	{"relatime", MsRelatime, 0}, {"norelatime", 0, MsRelatime}, {"iversion", MsIversion, 0}, {"noiversion", 0, MsIversion},
	{"strictatime", MsStrictatime, 0}, {"nostrictatime", 0, MsStrictatime}, {"lazytime", MsLazytime, 0}, {"nolazytime", 0, MsLazytime},
	{"user", 0, MsNouser}, {"nouser", MsNouser, 0},
}

// MountFlagsByName returns the flags an option word stands for: those it sets and those it requires to be clear. False when
// there is no such word.
func MountFlagsByName(name string) (set, clear uint32, ok bool) {
	for _, f := range mountFlags {
		if f.name == name {
			return f.set, f.clear, true
		}
	}
	return 0, 0, false
}

// mountFlagWords names the flags of a set, with commas between.
func mountFlagWords(flags uint32) string { return strings.Join(mountFlagNames(flags), ", ") }

// mountFlagNames names the flags of a set, compound words first.
func mountFlagNames(flags uint32) []string {
	var out []string
	if flags&MsRec != 0 {
		for _, f := range mountFlags {
			if f.set&MsRec != 0 && flags&f.set == f.set {
				out = append(out, f.name)
				flags &^= f.set &^ MsRec
			}
		}
		flags &^= MsRec
	}
	for _, f := range mountFlags {
		if f.set != 0 && flags&f.set == f.set {
			out = append(out, f.name)
			flags &^= f.set
		}
	}
	return out
}

// String returns the rule in canonical text.
func (r *MountRule) String() string {
	st := &syntax.MountRule{Prefix: r.stmtPrefix(), Op: syntax.Mount, Source: r.Source, Target: r.MountPoint}
	implied := uint32(0)
	if r.Remount {
		st.Op, st.Source, st.Target, implied = syntax.Remount, r.MountPoint, "", MsRemount
	}
	for _, f := range r.Flags {
		if f != MsAll && f&^implied != 0 {
			st.Conds = append(st.Conds, syntax.Cond{Name: "options", Op: syntax.CondEq, Values: mountFlagNames(f &^ implied)})
		}
	}
	for _, f := range r.Optional {
		if f != MsAll && f != 0 && !(r.Remount && f == remountOptional) {
			st.Conds = append(st.Conds, syntax.Cond{Name: "options", Op: syntax.CondIn, Values: mountFlagNames(f)})
		}
	}
	if len(r.FSTypes) > 0 {
		st.Conds = append(st.Conds, syntax.Cond{Name: "fstype", Op: syntax.CondEq, Values: r.FSTypes})
	}
	return syntax.FormatStmt(st)
}

// remountOptional is Optional of "remount," without options: everything but move and remount itself.
const remountOptional = MsAll &^ (MsMove | MsRemount)

// String returns the rule in canonical text.
func (r *UmountRule) String() string {
	return syntax.FormatStmt(&syntax.MountRule{Prefix: r.stmtPrefix(), Op: syntax.Umount, Source: r.MountPoint})
}

// String returns the rule in canonical text.
func (r *PivotRootRule) String() string {
	return syntax.FormatStmt(&syntax.MountRule{Prefix: r.stmtPrefix(), Op: syntax.PivotRoot, Conds: eq("oldroot", r.OldRoot),
		Source: r.NewRoot, Target: r.Transition})
}
