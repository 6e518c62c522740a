package apparmor

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// symbols is the variables of one policy, or those of one profile on top of them. Sets and booleans share their names.
type symbols struct {
	m     map[string]*symbol
	outer *symbols
}

// get returns the variable of a name, or nil.
func (v *symbols) get(name string) *symbol {
	if s := v.m[name]; s != nil || v.outer == nil {
		return s
	}
	return v.outer.get(name)
}

type symbol struct {
	boolean   bool // it is a boolean
	value     bool
	values    []string // as written: sorted, each once
	expanded  []string // without variables; nil until first used, then never computed again
	expanding bool
}

func newSymbols() *symbols { return &symbols{m: map[string]*symbol{}} }

// add merges values into a sorted set.
func (s *symbol) add(values []string) {
	s.values = sortedSet(append(s.values[:len(s.values):len(s.values)], values...))
}

func sortedSet(values []string) []string {
	sort.Strings(values)
	out := values[:0]
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			out = append(out, v)
		}
	}
	return out
}

// assign applies "@{X} = values".
func (r *resolver) assign(st *syntax.VarAssign, from *Origin) {
	old := r.vars.m[st.Name]
	switch {
	case st.Op == syntax.AssignAdd && old == nil:
		r.fail(st.Pos, from, fmt.Sprintf("values added to @{%s}, which is not set yet", st.Name), "set it with = first, or include the file that does")
		return
	case st.Op == syntax.AssignAdd && old.boolean:
		r.fail(st.Pos, from, fmt.Sprintf("values added to %s, which is a boolean", st.Name), "")
		return
	case st.Op == syntax.AssignAdd:
		old.add(st.Values)
		return
	case old != nil && st.Op == syntax.AssignDefault:
		return
	case old != nil && st.Op == syntax.Assign:
		r.fail(st.Pos, from, fmt.Sprintf("variable @{%s} is already set", st.Name), "add values with +=, replace them with :=, or give a default with ?=")
		return
	}
	s := &symbol{}
	s.add(st.Values)
	r.vars.m[st.Name] = s
}

// assignBool applies "$X = expression".
func (r *resolver) assignBool(st *syntax.BoolAssign, from *Origin) {
	if st.Op == syntax.AssignAdd {
		r.fail(st.Pos, from, "+= on a boolean", "a boolean is set with = or ?= or :=")
		return
	}
	value, ok := r.eval(st.Expr, from)
	if !ok {
		return
	}
	if r.vars.m[st.Name] != nil {
		switch st.Op {
		case syntax.Assign:
			r.fail(st.Pos, from, fmt.Sprintf("variable $%s is already set", st.Name), "replace it with :=, or give a default with ?=")
			return
		case syntax.AssignDefault:
			return
		}
	}
	r.vars.m[st.Name] = &symbol{boolean: true, value: value}
}

// varRef finds the first variable in a string: s[start:end] is "@{name}". Start is -1 when there is none.
func varRef(s string) (start, end int) {
	start = -1
	escaped := false
	for i := strings.IndexAny(s, `@\`); i >= 0 && i < len(s); i++ {
		switch s[i] {
		case '\\':
			escaped = !escaped
			continue
		case '@':
			if !escaped && i+1 < len(s) && s[i+1] == '{' {
				start = i
				i += 2
			}
		case '}':
			if !escaped && start >= 0 {
				return start, i + 1
			}
		}
		escaped = false
	}
	return -1, -1
}

// Kinds of text between "@{" and "}".
const (
	varOK = iota
	varComma
	varBad
)

// checkVar says what a reference is. Some policy has an at-sign before an alternation: "@{a,b}".
func checkVar(name string) int {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		switch {
		case letter, i > 0 && (c == '_' || '0' <= c && c <= '9'):
		case i > 0 && c == ',':
			return varComma
		default:
			return varBad
		}
	}
	return varOK
}

// expandSet returns the values of a set variable without variables in them.
func (v *symbols) expandSet(name string) ([]string, error) {
	s := v.get(name)
	switch {
	case s == nil:
		return nil, fmt.Errorf("variable @{%s} is not set", name)
	case s.boolean:
		return nil, fmt.Errorf("variable %s is a boolean, used as a set", name)
	case s.expanded != nil:
		return s.expanded, nil
	case s.expanding:
		return nil, fmt.Errorf("variable @{%s} refers to itself", name)
	}
	s.expanding = true
	defer func() { s.expanding = false }()
	work := append([]string(nil), s.values...)
	var out []string
	size := 0
	for len(work) > 0 {
		value := work[len(work)-1]
		work = work[:len(work)-1]
		if size += len(value) + 1; size > MaxExpansion {
			return nil, fmt.Errorf("the values of @{%s} take more than %d bytes", name, MaxExpansion)
		}
		start, end := varRef(value)
		if start < 0 {
			out = append(out, value)
			continue
		}
		inner, err := v.expandSet(value[start+2 : end-1])
		if err != nil {
			return nil, fmt.Errorf("%w, in a value of @{%s}", err, name)
		}
		for _, x := range inner {
			work = append(work, value[:start]+x+value[end:])
		}
	}
	s.expanded = sortedSet(out)
	return s.expanded, nil
}

// expand replaces the variables in a string by alternations of their values.
func (v *symbols) expand(s string) (string, error) {
	if !strings.Contains(s, "@{") {
		return s, nil
	}
	var done strings.Builder
	for {
		start, end := varRef(s)
		if start < 0 {
			break
		}
		name := s[start+2 : end-1]
		switch checkVar(name) {
		case varBad:
			return "", fmt.Errorf("%q is not a variable's name; names have letters, digits and _, and begin with a letter", s[start:end])
		case varComma:
			done.WriteString(s)
			return done.String(), nil
		}
		values, err := v.expandSet(name)
		if err != nil {
			return "", err
		}
		done.WriteString(s[:start])
		s = alternation(values, s[:start], s[end:]) + s[end:]
		if done.Len()+len(s) > MaxExpansion {
			return "", fmt.Errorf("text with variables grows over %d bytes", MaxExpansion)
		}
	}
	done.WriteString(s)
	return done.String(), nil
}

// alternation writes the values of a variable as a pattern: {a,b}, or just a. Where an alternation touches a slash, the
// values lose theirs, as in apparmor_parser; slashes that a single value doubles are left to whoever reads a path.
func alternation(values []string, prefix, suffix string) string {
	trimLeft := len(values) > 1 && strings.HasSuffix(prefix, "/")
	trimRight := len(values) > 1 && strings.HasPrefix(suffix, "/")
	var b strings.Builder
	for i, x := range values {
		if trimLeft {
			x = strings.TrimLeft(x, "/")
		}
		if trimRight {
			x = strings.TrimRight(x, "/")
		}
		switch {
		case len(values) > 1 && i == 0:
			b.WriteByte('{')
		case i > 0:
			b.WriteByte(',')
		}
		b.WriteString(x)
	}
	if len(values) > 1 {
		b.WriteByte('}')
	}
	return b.String()
}
