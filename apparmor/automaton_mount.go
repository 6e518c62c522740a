package apparmor

import "strings"

// Permissions of the mount class (apparmor_parser's mount.h).
const (
	permPivotRoot = 1
	permMount     = 2
	permUmount    = 4
)

// Flags that matter for each thing mount(2) does (apparmor_parser's mount.h, as of 4.1). Earlier releases let a rule with
// flags for one of them also match a plain mount (CVE-2016-1585); here a rule never does.
const (
	remountFlags = MsAll &^ MsMove
	bindFlags    = MsBind | MsRec
	makeFlags    = MsAll &^ (MsNosuid | MsNoexec | MsNodev | MsNoatime | MsNodiratime | MsRelatime | MsStrictatime)
	newFlags     = MsAll &^ MsCommands
)

// addMount adds a mount rule: for every pair of required and optional flags, an entry for each thing mount(2) does that
// the rule can be about. The fields are mount point, source, type, flags.
func (a *automatonBuilder) addMount(r *MountRule) {
	for _, flags := range r.Flags {
		for _, optional := range r.Optional {
			a.addMountFlags(r, flags, optional)
		}
	}
}

// addMountFlags adds the entries of one pair of flags. Flags that name an operation select it alone; a rule without
// flags is about all of them.
func (a *automatonBuilder) addMountFlags(r *MountRule, flags, optional uint32) {
	source, types := r.Source != "", len(r.FSTypes) > 0
	all := flags == 0 || flags == MsAll
	point := r.MountPoint
	if point == "" {
		point = r.Source // propagation flags take their path in either place
	}
	for _, op := range [...]struct {
		selected   bool
		point, src string
		flags      uint32
	}{
		{(all || flags&MsRemount != 0) && !source && !types, r.MountPoint, anyText, remountFlags},
		{(all || flags&MsBind != 0) && !types, r.MountPoint, a.mountSource(r), bindFlags},
		{(all || flags&MsMake != 0) && !(source && r.MountPoint != "") && !types, point, anyText, makeFlags},
		{(all || flags&MsMove != 0) && !types, r.MountPoint, a.mountSource(r), MsMove},
		{all || (flags|optional)&^uint32(MsCommands) != 0, r.MountPoint, a.mountSource(r), newFlags},
	} {
		if !op.selected {
			continue
		}
		fstype := anyText
		if op.flags == newFlags {
			fstype = a.mountTypes(r)
		}
		a.add(fields(hexByte(dbMount)+a.globOr(r, op.point, anyText), op.src, fstype,
			mountFlagBytes(flags, optional, op.flags)), entryFor(r, permMount))
		if !all {
			return
		}
	}
}

// mountTypes returns the expression of the file system types.
func (a *automatonBuilder) mountTypes(r *MountRule) string {
	if len(r.FSTypes) == 0 {
		return anyText
	}
	alts := make([]string, len(r.FSTypes))
	for i, t := range r.FSTypes {
		alts[i] = a.glob(r, t)
	}
	return "(" + strings.Join(alts, "|") + ")"
}

// mountSource returns the expression of the source; a detached mount has none.
func (a *automatonBuilder) mountSource(r *MountRule) string {
	if r.Source == "detached" {
		return ""
	}
	return a.globOr(r, r.Source, anyText)
}

// mountFlagBytes returns the expression of a set of flags: the byte n+1 for each flag 1<<n, in order, optional ones
// skippable.
func mountFlagBytes(flags, optional, mask uint32) string {
	if flags == MsAll {
		return anyText
	}
	var b strings.Builder
	for n := range 32 {
		bit := uint32(1) << n & mask
		switch {
		case bit&optional != 0:
			b.WriteString("(" + hexByte(byte(n+1)) + "|)")
		case bit&flags != 0:
			b.WriteString(hexByte(byte(n + 1)))
		}
	}
	if b.Len() == 0 {
		return `(\xfe|)`
	}
	return b.String()
}

// addUmount adds an umount rule: the mount point.
func (a *automatonBuilder) addUmount(r *UmountRule) {
	a.add(hexByte(dbMount)+a.globOr(r, r.MountPoint, anyText), entryFor(r, permUmount))
}

// addPivotRoot adds a pivot_root rule: the new root and the old one's place.
func (a *automatonBuilder) addPivotRoot(r *PivotRootRule) {
	a.add(fields(hexByte(dbMount)+a.globOr(r, r.NewRoot, anyText), a.globOr(r, r.OldRoot, anyText)), entryFor(r, permPivotRoot))
}
