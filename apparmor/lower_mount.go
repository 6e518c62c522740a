package apparmor

import (
	"fmt"
	"slices"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// mount lowers mount, remount, umount and pivot_root rules.
func (l *lowerer) mount(st *syntax.MountRule) (Rule, bool) {
	l.noOwner(st.Prefix, st.Pos, "mount")
	q := l.quals(st.Prefix, st.Pos)
	if st.Op == syntax.PivotRoot {
		return l.pivotRoot(st, q)
	}
	if len(st.TargetConds) > 0 {
		l.fail(st.TargetConds[0].Pos, "condition on a mount point", "conditions stand right after the word mount")
		return nil, false
	}
	r := &MountRule{Qualifiers: q, Remount: st.Op == syntax.Remount, Source: st.Source, MountPoint: st.Target}
	if st.Op != syntax.Mount {
		r.Source, r.MountPoint = "", st.Source
	}
	ok := true
	for i := range st.Conds {
		ok = l.mountCond(r, &st.Conds[i]) && ok
	}
	if !ok {
		return nil, false
	}
	if st.Op == syntax.Umount {
		return &UmountRule{Qualifiers: q, MountPoint: r.MountPoint}, true
	}
	r.defaults()
	if !r.encodable() {
		l.fail(st.Pos, "mount rule that can match nothing", "bind, move and propagation options go with neither a file system type nor options for a new mount, and propagation with one path only")
		return nil, false
	}
	return r, true
}

func (l *lowerer) pivotRoot(st *syntax.MountRule, q Qualifiers) (Rule, bool) {
	r := &PivotRootRule{Qualifiers: q, NewRoot: st.Source, Transition: st.Target}
	for _, c := range st.Conds {
		if c.Name != "oldroot" || len(c.Values) == 0 {
			l.fail(c.Pos, fmt.Sprintf("unknown condition %q in a pivot_root rule", c.Name), "pivot_root oldroot=/old/ /new/,")
			return nil, false
		}
		if r.OldRoot = c.Values[0]; r.OldRoot == "" {
			r.OldRoot = emptyPattern
		}
	}
	return r, true
}

func (l *lowerer) mountCond(r *MountRule, c *syntax.Cond) bool {
	if c.Op != syntax.CondEq && c.Op != syntax.CondIn {
		l.fail(c.Pos, fmt.Sprintf("operator of mount condition %s must be = or in", c.Name), "")
		return false
	}
	switch c.Name {
	case "fstype", "vfstype":
		r.FSTypes = append(r.FSTypes, c.Values...)
		return true
	case "options", "option":
		return l.mountOptions(r, c)
	}
	l.fail(c.Pos, fmt.Sprintf("unknown mount condition %q", c.Name), "mount conditions are options and fstype")
	return false
}

func (l *lowerer) mountOptions(r *MountRule, c *syntax.Cond) bool {
	var set, clear uint32
	for _, v := range c.Values {
		s, n, ok := MountFlagsByName(v)
		if !ok {
			l.fail(c.Pos, fmt.Sprintf("unknown mount option %q", v), "several options are written options=(ro, nosuid); file system specific ones cannot be")
			return false
		}
		set |= s
		clear |= n
	}
	if c.Op == syntax.CondIn {
		r.Optional = appendNew(r.Optional, set|clear)
		return l.mountPairs(r, c)
	}
	if r.Remount {
		set |= MsRemount
	}
	if set&clear != 0 {
		l.fail(c.Pos, "mount options that exclude each other", `"options in (...)" allows either`)
		return false
	}
	r.Flags = appendNew(r.Flags, set)
	return l.mountPairs(r, c)
}

// appendNew adds a flag set that is not there yet.
func appendNew(list []uint32, set uint32) []uint32 {
	if slices.Contains(list, set) {
		return list
	}
	return append(list, set)
}

// mountPairs bounds the pairs of a set of flags and a set of optional ones, each of which the kernel's policy spells out.
func (l *lowerer) mountPairs(r *MountRule, c *syntax.Cond) bool {
	if max(1, len(r.Flags))*max(1, len(r.Optional)) <= MaxMountOptions {
		return true
	}
	l.fail(c.Pos, fmt.Sprintf("more than %d combinations of options in one mount rule", MaxMountOptions), "write several rules")
	return false
}

// defaults fills in what the options leave open.
func (r *MountRule) defaults() {
	switch {
	case len(r.Flags)+len(r.Optional) == 0 && r.Remount:
		r.Flags, r.Optional = []uint32{MsRemount}, []uint32{remountOptional}
	case len(r.Flags)+len(r.Optional) == 0:
		r.Flags, r.Optional = []uint32{MsAll}, []uint32{MsAll}
	case len(r.Flags) == 0 && r.Remount:
		r.Flags = []uint32{MsRemount}
	case len(r.Flags) == 0:
		r.Flags = []uint32{0}
	case len(r.Optional) == 0:
		r.Optional = []uint32{0}
	}
}

// encodable reports whether some pair of flag sets gives a mount the kernel can be asked about (mnt_rule::gen_flag_rules in
// apparmor_parser's mount.cc).
func (r *MountRule) encodable() bool {
	for _, f := range r.Flags {
		for _, o := range r.Optional {
			switch {
			case f == 0, f == MsAll,
				f&MsRemount != 0 && r.Source == "" && r.FSTypes == nil,
				f&MsBind != 0 && r.FSTypes == nil,
				f&MsMake != 0 && (r.Source == "" || r.MountPoint == "") && r.FSTypes == nil,
				f&MsMove != 0 && r.FSTypes == nil,
				(f|o)&^MsCommands != 0:
				return true
			}
		}
	}
	return false
}
