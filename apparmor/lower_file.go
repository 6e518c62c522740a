package apparmor

import (
	"errors"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

func (l *lowerer) fileRule(it *item, st *syntax.FileRule) (*FileRule, bool) {
	r := &FileRule{Qualifiers: l.quals(st.Prefix, st.Pos), Path: st.Path, Owner: owner(st.Prefix.Owner)}
	if st.Path == "" && st.Perms == "" {
		r.Path = "/{**,}"
		r.Perms = Read | Write | Append | Link | Lock | Mmap | Exec
		r.Exec.Mode = ExecInherit
		r.LinkSubset = true
		return r, l.checkExec(r, st)
	}
	letters, exec, err := syntax.SplitPerms(st.Perms)
	if err != nil {
		var e *syntax.Error
		errors.As(err, &e)
		l.fail(st.Pos, e.Message, e.Hint)
		return nil, false
	}
	r.Perms = permsOf(letters)
	if exec != "" {
		r.Perms |= Exec
		r.Exec = transitionOf(exec)
	}
	if !l.execWord(r, st) || !l.target(it, r, st) {
		return nil, false
	}
	return r, l.checkExec(r, st)
}

func owner(o syntax.Owner) Owner {
	switch o {
	case syntax.OwnerOnly:
		return OwnerOnly
	case syntax.OwnerOther:
		return OtherOnly
	}
	return AnyOwner
}

func permsOf(letters string) FilePerms {
	var p FilePerms
	for i := 0; i < len(letters); i++ {
		switch letters[i] {
		case 'r':
			p |= Read
		case 'w':
			p |= Write | Append
		case 'a':
			p |= Append
		case 'l':
			p |= Link
		case 'k':
			p |= Lock
		case 'm':
			p |= Mmap
		}
	}
	return p
}

// transitionOf reads the exec part of permissions: "ix", "Px", "cux", "x".
func transitionOf(exec string) ExecTransition {
	var t ExecTransition
	first := exec[0] | 0x20
	switch first {
	case 'i':
		t.Mode = ExecInherit
	case 'u':
		t.Mode = ExecUnconfined
	case 'p':
		t.Mode = ExecProfile
	case 'c':
		t.Mode = ExecChild
	}
	t.Unsafe = exec[0] == first && (first == 'u' || first == 'p' || first == 'c')
	if len(exec) == 3 {
		t.Fallback = FallbackInherit
		if exec[1]|0x20 == 'u' {
			t.Fallback = FallbackUnconfined
		}
	}
	return t
}

// execWord applies safe or unsafe before a rule.
func (l *lowerer) execWord(r *FileRule, st *syntax.FileRule) bool {
	if st.Exec == syntax.ExecWordNone {
		return true
	}
	if r.Perms&Exec == 0 {
		l.fail(st.Pos, "safe or unsafe on a rule without exec permission", "add a transition such as Px, or drop the word")
		return false
	}
	r.Exec.Unsafe = st.Exec == syntax.ExecUnsafe
	return true
}

// target decides what "-> target" is for, the link or the exec transition.
func (l *lowerer) target(it *item, r *FileRule, st *syntax.FileRule) bool {
	link, exec := r.Perms&Link != 0, r.Perms&Exec != 0
	if st.PermsFirst {
		switch {
		case st.Subset && r.Perms != Link:
			l.fail(st.Pos, "subset on permissions other than l", "link subset /new -> /existing,")
			return false
		case st.Target != "" && link && exec:
			l.fail(st.Pos, "target for both link and exec permission", "write two rules")
			return false
		case link && hasNamespace(st.Target):
			l.fail(st.Pos, "link permission with a profile as target", "the target of a link is a path")
			return false
		}
	}
	if st.Target == "" {
		r.LinkSubset = link
		return true
	}
	switch {
	case link && !exec:
		r.LinkTarget, r.LinkSubset = st.Target, st.Subset
		return true
	case link:
		it.warn = "the target of a rule with both link and exec permission is for exec; write two rules"
		r.LinkSubset = true
	case !exec:
		it.warn = "target without exec or link permission has no effect"
	}
	r.Exec.Target = st.Target
	return true
}

// hasNamespace reports whether a label begins with a namespace: ":ns:name".
func hasNamespace(label string) bool {
	ns, name, ok := splitLabel(strings.TrimPrefix(label, "&"))
	return ok && ns != "" && name != ""
}

// splitLabel takes ":ns:name" or ":ns://name" apart. False when the namespace is not terminated.
func splitLabel(label string) (ns, name string, ok bool) {
	rest, found := strings.CutPrefix(label, ":")
	if !found {
		return "", label, true
	}
	ns, name, ok = strings.Cut(rest, ":")
	return ns, strings.TrimPrefix(name, "//"), ok
}

// checkExec checks what a rule's action allows of its exec part.
func (l *lowerer) checkExec(r *FileRule, st *syntax.FileRule) bool {
	if msg, hint := execProblem(r); msg != "" {
		l.fail(st.Pos, msg, hint)
		return false
	}
	return true
}

// execProblem says what is wrong with the exec part of a rule under its action.
func execProblem(r *FileRule) (message, hint string) {
	if r.Perms&Exec == 0 {
		return "", ""
	}
	plain := r.Exec.Mode == ExecNone && !r.Exec.Unsafe
	switch {
	case r.Action == Deny && !plain:
		return "exec transition in a deny rule", "deny rules have plain x: deny /path x,"
	case r.Action != Deny && plain:
		return "exec permission without a transition", "write ix, Px, Cx or Ux, or a combination; plain x is for deny rules"
	}
	return "", ""
}

func (l *lowerer) linkRule(st *syntax.LinkRule) (*FileRule, bool) {
	r := &FileRule{Qualifiers: l.quals(st.Prefix, st.Pos), Path: st.Path, Owner: owner(st.Prefix.Owner), Perms: Link}
	r.LinkTarget, r.LinkSubset = st.Target, st.Subset
	return r, true
}

func (l *lowerer) changeProfile(st *syntax.ChangeProfileRule) (*ChangeProfileRule, bool) {
	l.noOwner(st.Prefix, st.Pos, "change_profile")
	r := &ChangeProfileRule{Qualifiers: l.quals(st.Prefix, st.Pos), Exec: st.Exec, Target: st.Target}
	if r.Target == "" {
		r.Target = "**"
	}
	switch {
	case st.Exec == "" && st.Word != syntax.ExecWordNone:
		l.fail(st.Pos, "safe or unsafe without an executable", "change_profile unsafe /path -> target,")
		return nil, false
	case st.Exec != "" && st.Exec[0] != '/' && !strings.HasPrefix(st.Exec, "@{"):
		l.fail(st.Pos, "executable of a change_profile rule is not a path", "it begins with / or a variable; the profile stands after ->")
		return nil, false
	}
	r.Unsafe = st.Word == syntax.ExecUnsafe
	return r, true
}
