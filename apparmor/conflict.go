package apparmor

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/internal/dfa"
)

// An exec is to have one outcome, so rules that give the same file different transitions are an error. Apparmor_parser finds
// them in two places. Rules with the same text, action and priority may not differ at all (parser_merge.c). For the others
// what counts is the string matched: among the allow rules of the highest priority that match it, those without
// wildcards may not differ from each other, nor may the others; one without wildcards wins over one with (hfa.cc).

// execKind is what two transitions are compared by: where they lead, not how they were written.
type execKind struct {
	mode     ExecMode
	fallback ExecFallback
	unsafe   bool
	target   string
}

func (t ExecTransition) kind() execKind {
	k := execKind{t.Mode, t.Fallback, t.Unsafe, t.Target}
	if k.target != "" {
		k.mode = ExecNone // the table's entry counts
	}
	return k
}

// execEntry is a rule that gives exec permission, in one half or both.
type execEntry struct {
	rule  Rule
	owner Owner
	kind  execKind
	// path, or executable and label of a change_profile rule
	path, label string
	// exact says that there is no wildcard, to apparmor_parser since 4.0; literal, that there is no character class either,
	// which is what counts before. Rules may not conflict in either reading: what Resolve accepts means the same to both.
	exact, literal bool
}

// execEntries returns the rules of a profile that give exec permission, and apparmor_parser's idea of it for change_profile.
func execEntries(rules []Rule) []execEntry {
	var out []execEntry
	for _, rule := range rules {
		switch x := rule.(type) {
		case *FileRule:
			if x.Perms&Exec != 0 {
				out = append(out, execEntry{rule: x, owner: x.Owner, kind: x.Exec.kind(), path: x.Path})
			}
		case *ChangeProfileRule:
			if x.Exec != "" {
				out = append(out, execEntry{rule: x, kind: execKind{unsafe: x.Unsafe}, path: x.Exec, label: x.Target})
			}
		}
	}
	return out
}

// overlap reports whether two rules have a half in common.
func (e *execEntry) overlap(o *execEntry) bool {
	return e.owner == AnyOwner || o.owner == AnyOwner || e.owner == o.owner
}

// mergeConflicts finds rules with the same text and different transitions. It runs before slashes are made one, as there.
func (r *resolver) mergeConflicts(b *profileBuilder) bool {
	type text struct {
		path, label, target string
		subset, audit       bool
		action              Action
		priority            int
	}
	seen := map[text][]execEntry{}
	found := false
	for _, e := range execEntries(b.Rules) {
		q := e.rule.Quals()
		t := text{path: e.path, label: e.label, action: q.Action, priority: q.Priority, audit: q.Audit}
		if f, ok := e.rule.(*FileRule); ok && f.LinkTarget != "" {
			t.target, t.subset = f.LinkTarget, f.LinkSubset
		}
		known := false
		for _, o := range seen[t] {
			if o.kind != e.kind && o.overlap(&e) {
				r.conflict(b, &o, &e)
				found = true
				break
			}
			known = known || o.owner == e.owner
		}
		if !known {
			seen[t] = append(seen[t], e)
		}
	}
	return found
}

// conflict reports two rules whose transitions differ.
func (r *resolver) conflict(b *profileBuilder, first, second *execEntry) {
	a, z := first.rule.Quals(), second.rule.Quals()
	hint := "keep one transition, or raise the priority of one rule"
	if _, ok := second.rule.(*FileRule); !ok {
		hint = "safe and unsafe exclude each other for the same executable and target"
	}
	r.fail(z.Origin.Pos, z.Origin.From, fmt.Sprintf("exec transition conflicts with that of %q at %s", first.rule.String(), a.Origin.Pos), hint)
}

// execConflicts finds files to which rules of different texts give different transitions.
func (r *resolver) execConflicts(b *profileBuilder) {
	var allowed []execEntry
	for _, e := range execEntries(b.Rules) {
		if e.rule.Quals().Action == Allow {
			allowed = append(allowed, e)
		}
	}
	suspects := suspects(allowed)
	if suspects == nil {
		return
	}
	auto, err := execAutomaton(suspects)
	if err != nil {
		r.fail(b.st.Pos, b.from, fmt.Sprintf("exec rules are too many to compare: %v", err), "")
		return
	}
	reported := map[[2]int32]bool{}
	for label := 0; label < auto.Labels(); label++ {
		for _, half := range [...]Owner{OwnerOnly, OtherOnly} {
			i, k := clash(suspects, auto.Rules(int32(label)), half, func(e *execEntry) bool { return e.exact })
			if i < 0 {
				i, k = clash(suspects, auto.Rules(int32(label)), half, func(e *execEntry) bool { return e.literal })
			}
			if i >= 0 && !reported[[2]int32{i, k}] {
				reported[[2]int32{i, k}] = true
				r.conflict(b, &suspects[i], &suspects[k])
			}
		}
	}
}

// clash returns two entries among those that match a string whose transitions differ and both count; or -1.
func clash(entries []execEntry, rules []int32, half Owner, exact func(*execEntry) bool) (int32, int32) {
	top := MinPriority - 2
	for _, i := range rules {
		if e := &entries[i]; e.owner == AnyOwner || e.owner == half {
			top = max(top, e.rule.Quals().Priority)
		}
	}
	first := [2]int32{-1, -1} // without and with wildcards
	for _, i := range rules {
		e := &entries[i]
		if e.owner != AnyOwner && e.owner != half || e.rule.Quals().Priority != top {
			continue
		}
		group := 0
		if !exact(e) {
			group = 1
		}
		switch f := first[group]; {
		case f < 0:
			first[group] = i
		case entries[f].kind != e.kind:
			return f, i
		}
	}
	return -1, -1
}

// execAutomaton matches the entries' paths, or executables and labels.
func execAutomaton(entries []execEntry) (*dfa.DFA, error) {
	b := dfa.NewBuilder(dfa.Limits{})
	for i := range entries {
		re, err := entries[i].regex()
		if err != nil {
			return nil, err
		}
		expr, err := dfa.Parse(re)
		if err != nil {
			return nil, err
		}
		if err := b.Add(expr, int32(i)); err != nil {
			return nil, err
		}
	}
	return b.Build()
}

func (e *execEntry) regex() (string, error) {
	re, err := dfa.Glob(e.path, dfa.GlobPath)
	if err != nil || e.label == "" {
		return re, err
	}
	label, err := dfa.Glob(e.label, dfa.GlobPath)
	return re + `\x00` + label, err
}

// exactRegex reports whether an expression has no wildcard: no repetition, any-byte or negated class. Plain classes and
// alternations are exact to apparmor_parser.
func exactRegex(re string) bool {
	for i := 0; i < len(re); i++ {
		switch re[i] {
		case '\\':
			i++
		case '*', '+', '.':
			return false
		case '[':
			if i+1 < len(re) && re[i+1] == '^' {
				return false
			}
			i = classEnd(re, i)
		}
	}
	return true
}

// classEnd returns the offset of the ] that ends the class at i.
func classEnd(re string, i int) int {
	for j := i + 1; j < len(re); j++ {
		switch re[j] {
		case '\\':
			j++
		case ']':
			if j > i+1 {
				return j
			}
		}
	}
	return len(re)
}

// suspects leaves those entries that could clash, and what could outrank them; nil when there are none. It compares the
// literal beginnings of patterns, which tells most of them apart.
func suspects(entries []execEntry) []execEntry {
	const manyPairs = 2048
	if uniform(entries) {
		return nil
	}
	for i := range entries {
		if re, err := entries[i].regex(); err == nil {
			entries[i].exact = exactRegex(re)
			x, err := dfa.Parse(re)
			entries[i].literal = err == nil && x.Exact()
		}
	}
	if len(entries) > manyPairs {
		return entries // telling them apart would take longer than the automaton
	}
	prefixes := make([][]string, len(entries))
	for i := range entries {
		prefixes[i] = literalPrefixes(entries[i].path)
	}
	clashing := false
	involved := make([]bool, len(entries))
	for i := range entries {
		for k := i + 1; k < len(entries); k++ {
			a, z := &entries[i], &entries[k]
			if !touch(prefixes[i], prefixes[k]) {
				continue
			}
			involved[i], involved[k] = true, true
			if a.kind != z.kind && (a.exact == z.exact || a.literal == z.literal) && a.overlap(z) && a.rule.Quals().Priority == z.rule.Quals().Priority {
				clashing = true
			}
		}
	}
	if !clashing {
		return nil
	}
	var out []execEntry
	for i, e := range entries {
		if involved[i] {
			out = append(out, e)
		}
	}
	return out
}

// uniform reports whether all entries have the same transition.
func uniform(entries []execEntry) bool {
	for i := range entries {
		if entries[i].kind != entries[0].kind {
			return false
		}
	}
	return true
}

// touch reports whether patterns with these beginnings can match the same string.
func touch(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.HasPrefix(x, y) || strings.HasPrefix(y, x) {
				return true
			}
		}
	}
	return false
}

// literalPrefixes returns beginnings of which every match of a pattern has one: the text up to the first wildcard, for each
// choice of the alternatives before it. A pattern without wildcards ends in NUL there, which no path holds.
func literalPrefixes(p string) []string {
	const most = 32
	out := []string{""}
	for p != "" {
		i := strings.IndexAny(p, `*?[{\`)
		if i < 0 {
			return appendAll(out, p+"\x00")
		}
		out = appendAll(out, p[:i])
		if p[i] != '{' {
			return out
		}
		alts, rest, ok := firstGroup(p[i:])
		if !ok || len(alts)*len(out) > most {
			return out
		}
		var next []string
		for _, prefix := range out {
			for _, a := range alts {
				next = append(next, prefix+a)
			}
		}
		out, p = next, rest
	}
	return appendAll(out, "\x00")
}

func appendAll(list []string, s string) []string {
	for i := range list {
		list[i] += s
	}
	return list
}

// firstGroup splits "{a,b}rest"; false when an alternative is not plain text.
func firstGroup(p string) (alts []string, rest string, ok bool) {
	end := strings.IndexByte(p, '}')
	if end < 0 || strings.ContainsAny(p[1:end], `*?[{\`) {
		return nil, "", false
	}
	return strings.Split(p[1:end], ","), p[end+1:], true
}
