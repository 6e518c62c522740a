package apparmor

import "strings"

// addFile adds a file rule: its path, and for link permission the pair of the new name and the existing file.
func (a *automatonBuilder) addFile(r *FileRule) {
	path := a.glob(r, squeezeSlashes(r.Path))
	perms := r.Perms
	audit := FilePerms(0)
	if r.logs() {
		audit = perms
	}
	e := entry{rule: r, action: r.Action, priority: r.Priority}
	if perms&Exec != 0 && r.Action != Deny {
		e.exec = a.transition(r.Exec)
		if r.Exec.Mode == ExecInherit || r.Exec.Fallback == FallbackInherit {
			perms |= Mmap // what inherits the profile is mapped under it
		}
	}
	link := perms & Link
	if r.Action == Deny {
		// Both halves of a link must match, so a denial is recorded on the pair only.
		perms &^= Link
		audit &^= Link
	}
	e.perms, e.audit = r.halves(perms), r.halves(audit)
	if e.perms != 0 {
		a.add(path, e)
	}
	if link == 0 {
		return
	}
	target := `/[^/].*`
	if r.LinkTarget != "" {
		target = a.glob(r, squeezeSlashes(r.LinkTarget))
	}
	e.perms, e.audit, e.exec = r.halves(link), 0, 0
	if r.logs() {
		e.audit = e.perms
	}
	// apparmor_parser sets the subset bit for the owner only (its LINK_TO_LINK_SUBSET macro).
	if (r.LinkSubset || r.LinkTarget == "") && r.Owner != OtherOnly {
		e.perms |= permLinkSubset
	}
	a.add(fields(path, target), e)
}

// halves spreads permissions over the owner's and the others' half.
func (r *FileRule) halves(p FilePerms) uint32 {
	var bits uint32
	if r.Owner != OtherOnly {
		bits |= uint32(p)
	}
	if r.Owner != OwnerOnly {
		bits |= uint32(p) << otherShift
	}
	return bits
}

// anyExecutable is what change_onexec accepts when the rule names no executable.
const anyExecutable = `/[^/\x00][^\x00]*`

// addChangeProfile adds a change_profile rule. change_profile(2) matches the label alone; change_onexec(2) matches the
// executable, and then executable and label.
func (a *automatonBuilder) addChangeProfile(r *ChangeProfileRule) {
	exec := anyExecutable
	if r.Exec != "" {
		exec = a.glob(r, r.Exec)
	}
	label := a.glob(r, r.Target)
	e := entry{rule: r, action: r.Action, priority: r.Priority}
	e.perms = permChangeProf | permOnexec
	a.add(label, e)
	e.perms = permOnexec
	a.add(exec, e)
	if r.Exec != "" {
		e.perms |= fileExecBits // not for any path: a pair is never executed
		if r.Unsafe {
			e.perms |= onexecKeepsEnv
		}
	}
	a.add(fields(exec, label), e)
}

// squeezeSlashes makes repeated slashes one, but keeps exactly two at the start, which POSIX lets mean something else.
func squeezeSlashes(p string) string {
	if !strings.Contains(p, "//") {
		return p
	}
	keep := 0
	if len(p) >= 2 && p[:2] == "//" && (len(p) == 2 || p[2] != '/') {
		keep = 2
	}
	out := []byte(p[:keep])
	for i := keep; i < len(p); i++ {
		if p[i] == '/' && i > keep && p[i-1] == '/' {
			continue
		}
		out = append(out, p[i])
	}
	return string(out)
}
