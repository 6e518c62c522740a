package apparmor

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// scope is where the statements of a body go: into the profile, or nowhere because a condition does not hold; and through
// which blocks.
type scope struct {
	b      *profileBuilder
	dead   bool            // a condition does not hold: check, but keep nothing
	cond   bool            // inside an if
	blocks []syntax.Prefix // qualifiers of the blocks around, outermost first
}

func (r *resolver) rulesOf(items []item, b *profileBuilder, from *Origin) {
	r.body(items, scope{b: b}, from)
}

func (r *resolver) body(items []item, s scope, from *Origin) {
	for i := range items {
		if r.stopped {
			return
		}
		r.bodyItem(&items[i], s, from)
	}
}

// included runs an included file inside a profile.
func (r *resolver) included(frag *fragment, s scope, from *Origin) {
	r.remember(frag)
	for _, e := range frag.errs {
		r.add(e, from)
	}
	r.body(frag.items, s, from)
}

func (r *resolver) bodyItem(it *item, s scope, from *Origin) {
	switch st := it.stmt.(type) {
	case *syntax.Include:
		r.include(st, from, func(frag *fragment, from *Origin) { r.included(frag, s, from) })
	case *syntax.Profile:
		r.child(it, st, s, from)
	case *syntax.If:
		r.conditional(it, st, s, from)
	case *syntax.Block:
		inner := s
		inner.blocks = append(s.blocks[:len(s.blocks):len(s.blocks)], st.Prefix)
		r.body(it.body, inner, from)
	case *syntax.ABI:
		r.abi(st, from)
	case *syntax.Alias, *syntax.VarAssign, *syntax.BoolAssign:
		r.fail(st.Base().Pos, from, "alias or variable inside a profile", "they stand before the first profile")
	case *syntax.Bad:
		if from == nil { // of an included file, the errors are at hand already
			r.fail(st.Pos, from, "text that is not policy", "Parse says what is wrong with it")
		}
	default:
		r.emit(it, s, from)
	}
}

// child resolves a child profile or hat.
func (r *resolver) child(it *item, st *syntax.Profile, s scope, from *Origin) {
	if st.Kind == syntax.PathProfile {
		r.fail(st.Pos, from, "profile inside a profile without a keyword", `write "profile" or "hat" before the name`)
		return
	}
	if !s.dead && len(s.blocks) == 0 {
		r.profile(it, st, s.b, from)
		return
	}
	if !s.dead {
		r.warn(st.Pos, from, "profile or hat inside a block of rules is dropped by apparmor_parser, so it is here")
	}
	// Check it as if it counted, and forget it.
	profiles, heads := len(r.policy.Profiles), len(r.heads)
	r.profile(it, st, &profileBuilder{Profile: &Profile{Name: s.b.Name}}, from)
	r.policy.Profiles, r.heads = r.policy.Profiles[:profiles], r.heads[:heads]
}

// conditional decides an if and runs both branches, the one that does not hold only to check it.
func (r *resolver) conditional(it *item, st *syntax.If, s scope, from *Origin) {
	value, ok := r.eval(st.Cond, from)
	then, els := s, s
	then.cond, els.cond = true, true
	then.dead = s.dead || ok && !value
	els.dead = s.dead || ok && value
	r.body(it.body, then, from)
	if len(it.els) == 0 {
		return
	}
	if b, block := it.els[0].stmt.(*syntax.Block); block && b.Prefix.IsZero() {
		r.body(it.els[0].body, els, from)
		return
	}
	r.body(it.els, els, from)
}

// emit adds a rule to the profile.
func (r *resolver) emit(it *item, s scope, from *Origin) {
	if r.rules++; r.rules > MaxRules {
		r.stop(it.stmt.Base().Pos, from, fmt.Sprintf("more than %d rules", MaxRules))
		return
	}
	if it.rule == nil {
		return // its errors are recorded
	}
	pos := it.stmt.Base().Pos
	if it.warn != "" && !s.dead {
		r.warn(pos, from, it.warn)
	}
	rule := r.instance(it.rule)
	q := rule.Quals()
	q.Origin.From = from
	if c, ok := rule.(*CapabilityRule); ok {
		r.capabilities(c, it.stmt.(*syntax.CapabilityRule))
	}
	if len(s.blocks) > 0 && !r.throughBlocks(it, rule, s, from) {
		return
	}
	if s.dead {
		return
	}
	b := s.b
	switch x := rule.(type) {
	case *allRule:
		b.all = append(b.all, x)
		return
	case *RlimitRule:
		if s.cond {
			r.warn(pos, from, "limit inside an if is dropped by apparmor_parser, so it is here")
			return
		}
	case *ChangeProfileRule:
		b.changesProfile = true
	case *FileRule:
		if x.Perms == 0 {
			return
		}
		r.transition(x, b)
	}
	if !it.vars || r.expandRule(rule, b) {
		b.Rules = append(b.Rules, rule)
	}
}

// instance copies a prototype. File rules, by far the most, come from blocks of memory.
func (r *resolver) instance(rule Rule) Rule {
	f, ok := rule.(*FileRule)
	if !ok {
		return clone(rule)
	}
	if len(r.fileRules) == 0 {
		r.fileRules = make([]FileRule, 64)
	}
	c := &r.fileRules[0]
	r.fileRules = r.fileRules[1:]
	*c = *f
	return c
}

// expandRule replaces the variables in a rule.
func (r *resolver) expandRule(rule Rule, b *profileBuilder) bool {
	ok := true
	eachString(rule, func(s *string) {
		if *s == "" || !hasVariable(*s) {
			return
		}
		out, err := b.expandIn(*s)
		if err != nil {
			q := rule.Quals()
			r.fail(q.Origin.Pos, q.Origin.From, err.Error(), "")
			ok = false
			return
		}
		if out == "" {
			out = emptyPattern // not the absence of a condition
		}
		*s = out
	})
	return ok
}

// transition brings the target of an exec transition into the form of the kernel's table, and counts the table's entries.
func (r *resolver) transition(x *FileRule, b *profileBuilder) {
	t := x.Exec.Target
	if t == "" {
		return
	}
	if !hasNamespace(t) {
		i := strings.Index(t, "//")
		switch {
		case i > 0 && t[i+2:] == x.Path, x.Exec.Mode == ExecChild && t == x.Path:
			// The child is the one with the executable's name: a plain cx.
			x.Exec.Mode, x.Exec.Target = ExecChild, ""
			return
		case x.Exec.Mode == ExecChild:
			t = b.local + "//" + t
		}
	}
	x.Exec.Target = t
	if b.transitions == nil {
		b.transitions = map[string]bool{}
	}
	if !b.transitions[t] {
		b.transitions[t] = true
		if len(b.transitions) == MaxTransitions+1 {
			r.fail(x.Origin.Pos, x.Origin.From, fmt.Sprintf("more than %d different exec targets in one profile", MaxTransitions),
				"the kernel's table has no room for more; use child profiles or attachments")
		}
	}
	if x.Perms&Exec == 0 {
		x.Exec = ExecTransition{}
	}
}

// capabilities adds the capabilities of a rule that only feature sets know, and maps those that the kernel does not have.
func (r *resolver) capabilities(c *CapabilityRule, st *syntax.CapabilityRule) {
	if len(st.Names) == 0 {
		return
	}
	for _, name := range st.Names {
		if _, ok := CapabilityByName(name); ok {
			continue
		}
		n := r.newCapability(name)
		if n < 0 {
			r.fail(c.Origin.Pos, c.Origin.From, fmt.Sprintf("unknown capability %q", name), "capabilities(7) lists them; names are in lower case without CAP_")
			continue
		}
		c.Caps |= 1 << n
	}
	const sysAdmin = 21
	for n := 38; n <= 40; n++ { // perfmon, bpf and checkpoint_restore were part of sys_admin before
		if c.Caps>>n&1 != 0 && r.opts.Kernel != nil && !r.opts.Kernel.Has("caps/mask/"+CapabilityName(n)) {
			c.Caps = c.Caps&^(1<<n) | 1<<sysAdmin
		}
	}
}

// newCapability finds a capability newer than the table in the feature sets, which list all in order.
func (r *resolver) newCapability(name string) int {
	for _, f := range [...]*Features{r.policy.Features, r.opts.Kernel} {
		mask, _ := f.Value("caps/mask")
		for n, word := range strings.Fields(mask) {
			if word == name && n < 64 {
				return n
			}
		}
	}
	return -1
}
