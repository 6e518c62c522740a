package apparmor

import (
	"github.com/gostockade/stockade/apparmor/syntax"
)

// Resolving has two steps. Lowering looks at one file alone: it turns each rule statement into a prototype of the resolved
// rule and finds what is wrong whatever the variables are. It is done once for an included file and kept in the Cache.
// Running then goes through the lowered files in the order of the text, with the variables and the profile at hand.

// fragment is a lowered file.
type fragment struct {
	file  *syntax.File
	size  int
	items []item
	errs  syntax.ErrorList
}

// item is a lowered statement.
type item struct {
	stmt syntax.Stmt
	rule Rule   // prototype; nil for statements that are no rules, and bad ones
	vars bool   // some string of the prototype has a variable
	warn string // a remark, if not empty
	body []item // of a profile, block or if
	els  []item // of an if: its else branch, which is one *syntax.If or *syntax.Block
}

// lowerFile lowers a parsed file.
func lowerFile(f *syntax.File) *fragment {
	l := &lowerer{file: f}
	frag := &fragment{file: f, size: f.Size(), items: l.list(f.Stmts)}
	frag.errs = l.errs
	return frag
}

type lowerer struct {
	file *syntax.File
	errs syntax.ErrorList
}

func (l *lowerer) fail(pos syntax.Pos, message, hint string) {
	if len(l.errs) < syntax.MaxErrors {
		l.errs = append(l.errs, &syntax.Error{Pos: pos, Message: message, Hint: hint, Line: l.file.LineAt(pos.Line)})
	}
}

func (l *lowerer) list(stmts []syntax.Stmt) []item {
	items := make([]item, len(stmts))
	for i, st := range stmts {
		l.stmt(&items[i], st)
	}
	return items
}

func (l *lowerer) stmt(it *item, st syntax.Stmt) {
	it.stmt = st
	switch st := st.(type) {
	case *syntax.Profile:
		it.body = l.list(st.Body.Stmts)
	case *syntax.Block:
		if st.Prefix.Priority != 0 {
			l.fail(st.Pos, "priority on a block", "give each rule its priority")
		}
		it.body = l.list(st.Body.Stmts)
	case *syntax.If:
		it.body = l.list(st.Body.Stmts)
		if st.Else != nil {
			it.els = make([]item, 1)
			l.stmt(&it.els[0], st.Else)
		}
	default:
		l.rule(it, st)
	}
}

// rule lowers a rule statement; others are left to running.
func (l *lowerer) rule(it *item, st syntax.Stmt) {
	switch st := st.(type) {
	case *syntax.FileRule:
		it.set(l.fileRule(it, st))
	case *syntax.LinkRule:
		it.set(l.linkRule(st))
	case *syntax.ChangeProfileRule:
		it.set(l.changeProfile(st))
	case *syntax.CapabilityRule:
		it.set(l.capability(it, st))
	case *syntax.RlimitRule:
		it.set(l.rlimit(st))
	case *syntax.MountRule:
		it.set(l.mount(st))
	case *syntax.ClassRule:
		it.set(l.class(it, st))
	case *syntax.AllRule:
		q := l.quals(st.Prefix, st.Pos)
		if st.Prefix.Priority != 0 {
			l.fail(st.Pos, "priority on an all rule", "")
		}
		l.noOwner(st.Prefix, st.Pos, "all")
		it.rule = &allRule{Qualifiers: q}
	}
}

// set stores a prototype and notes whether it has variables.
func (it *item) set(rule Rule, ok bool) {
	if !ok {
		return
	}
	it.rule = rule
	eachString(rule, func(s *string) {
		if !it.vars && hasVariable(*s) {
			it.vars = true
		}
	})
}

func hasVariable(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '@' && s[i+1] == '{' {
			return true
		}
	}
	return false
}

// allRule stands for "all," until running expands it.
type allRule struct{ Qualifiers }

func (*allRule) Class() Class     { return 0 }
func (r *allRule) String() string { return syntax.FormatStmt(&syntax.AllRule{Prefix: r.stmtPrefix()}) }

// quals returns the head of a rule.
func (l *lowerer) quals(p syntax.Prefix, pos syntax.Pos) Qualifiers {
	q := Qualifiers{Action: Allow, Audit: p.Audit, Origin: Origin{Pos: pos}}
	switch p.Access {
	case syntax.AccessDeny:
		q.Action = Deny
	case syntax.AccessPrompt:
		q.Action = PromptUser
	}
	if p.HasPriority {
		q.Priority = p.Priority
		if p.Priority < MinPriority || p.Priority > MaxPriority {
			l.fail(pos, "priority out of range", "it is between -1000 and 1000")
		}
	}
	return q
}

func (l *lowerer) noOwner(p syntax.Prefix, pos syntax.Pos, class string) {
	if p.Owner != syntax.OwnerNone {
		l.fail(pos, "owner or other on a "+class+" rule", "they are for file and link rules")
	}
}
