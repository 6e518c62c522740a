package apparmor

import (
	"github.com/gostockade/stockade/apparmor/syntax"
)

// throughBlocks applies the qualifiers of the blocks around a rule, the innermost first. Only file and change_profile rules
// pass through a block; apparmor_parser drops all others, and so does Resolve, with a warning.
func (r *resolver) throughBlocks(it *item, rule Rule, s scope, from *Origin) bool {
	switch rule.(type) {
	case *FileRule, *ChangeProfileRule:
	default:
		if !s.dead {
			r.warn(it.stmt.Base().Pos, from, "rule inside a block is dropped by apparmor_parser unless it is a file rule, so it is here")
		}
		return false
	}
	written := prefixOf(it.stmt).Access != syntax.AccessNone
	for i := len(s.blocks) - 1; i >= 0; i-- {
		p := s.blocks[i]
		if msg := applyPrefix(rule, p, written); msg != "" {
			r.fail(it.stmt.Base().Pos, from, msg, "")
			return false
		}
		written = written || p.Access != syntax.AccessNone
	}
	return true
}

func prefixOf(st syntax.Stmt) syntax.Prefix {
	switch st := st.(type) {
	case *syntax.FileRule:
		return st.Prefix
	case *syntax.LinkRule:
		return st.Prefix
	case *syntax.ChangeProfileRule:
		return st.Prefix
	}
	return syntax.Prefix{}
}

// applyPrefix adds a block's qualifiers to a rule in it, and says what is wrong if they do not fit. Written says that the
// rule's action was written, by it or by a block further in.
func applyPrefix(rule Rule, p syntax.Prefix, written bool) string {
	q := rule.Quals()
	action := Allow
	switch p.Access {
	case syntax.AccessDeny:
		action = Deny
	case syntax.AccessPrompt:
		action = PromptUser
	}
	if p.Access != syntax.AccessNone && written && action != q.Action {
		return "qualifier " + q.Action.String() + " of the rule conflicts with that of its block, " + action.String()
	}
	audited := q.Audit && q.Action != Deny
	if p.Access != syntax.AccessNone {
		q.Action = action
	}
	switch {
	case q.Action == Deny && (p.Audit || audited):
		q.Audit = true
	case p.Access == syntax.AccessDeny:
		q.Audit = false // even if the rule says "audit deny"
	case p.Audit:
		q.Audit = true
	}
	f, ok := rule.(*FileRule)
	if !ok {
		return blockChangeProfile(rule.(*ChangeProfileRule))
	}
	switch {
	case p.Owner == syntax.OwnerNone:
	case f.Owner == AnyOwner:
		f.Owner = owner(p.Owner)
	case f.Owner != owner(p.Owner):
		f.Perms = 0 // for nobody
		return ""
	}
	msg, _ := execProblem(f)
	return msg
}

// blockChangeProfile checks a change_profile rule in a block. Apparmor_parser takes the executable it names for exec
// permission, and rejects it as one without a transition.
func blockChangeProfile(c *ChangeProfileRule) string {
	if c.Exec == "" {
		return ""
	}
	switch {
	case c.Action == Deny && c.Unsafe:
		return "unsafe change_profile rule in a deny block"
	case c.Action != Deny && !c.Unsafe:
		return "change_profile rule with an executable in a block; write it outside of the block"
	}
	return ""
}
