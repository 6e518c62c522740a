package syntax

import "strings"

// canon writes statements in canonical form: one line, one space between words, quotes only where needed. Every string is
// written so that the scanner reads it back, or else in quotes: a string that cannot stand somewhere makes the text fail
// to parse, it never becomes policy.
type canon struct {
	b     strings.Builder
	tight bool // the next word follows without a space: it is the first in parentheses
}

// FormatStmt returns one statement in canonical form, without the text around it. Of a statement with a body it is the part
// up to "{".
func FormatStmt(st Stmt) string { return canonical(st) }

func canonical(st Stmt) string {
	var c canon
	c.stmt(st)
	return c.b.String()
}

// word writes s with a space before it, if s is not empty and something stands there already.
func (c *canon) word(s string) {
	if s == "" {
		return
	}
	if c.b.Len() > 0 && !c.tight {
		c.b.WriteByte(' ')
	}
	c.tight = false
	c.b.WriteString(s)
}

// open and close write the parentheses around words.
func (c *canon) open() {
	c.b.WriteByte('(')
	c.tight = true
}

func (c *canon) close() {
	c.b.WriteByte(')')
	c.tight = false
}

// str writes a string as the mode's scanner can read it.
func (c *canon) str(m mode, s string) { c.word(text(m, s)) }

// text returns s bare if the scanner, in mode m, reads it as one token with the value s, else quoted.
func text(m mode, s string) string {
	if fits(m, s) {
		return s
	}
	return quote(s)
}

// fits reports whether the scanner, in mode m, reads s followed by a blank or comma as one token with the value s.
func fits(m mode, s string) bool {
	if s == "" || m == modeValue && s[0] == '(' || s[0] == '#' || strings.IndexByte(s, '\r') >= 0 {
		return false
	}
	for _, follow := range [...]string{" \n", ",\n"} {
		if follow == ",\n" && m != modePolicy && m != modeValue && m != modeTarget && m != modeMount && m != modeMqueue {
			continue
		}
		sc := scanner{src: s + follow, mode: m, stack: []mode{modePolicy}}
		t := sc.next()
		if t.start != 0 || t.end != len(s) || unescape(s) != s && t.kind != tokSetVar {
			return false
		}
		switch t.kind {
		case tokID, tokValue, tokSetVar:
		case tokPerm:
			return false
		default:
			return false
		}
	}
	return true
}

func (c *canon) prefix(p Prefix) {
	if p.HasPriority {
		c.word("priority=" + itoa(p.Priority))
	}
	if p.Audit {
		c.word("audit")
	}
	c.word([...]string{"", "allow", "deny", "prompt"}[p.Access&3])
	c.word([...]string{"", "owner", "other", ""}[p.Owner&3])
}

func (c *canon) stmt(st Stmt) {
	switch st := st.(type) {
	case *ABI:
		c.word("abi")
		c.path(st.Path, st.Magic)
	case *Include:
		c.word("include")
		if st.IfExists {
			c.word("if exists")
		}
		c.path(st.Path, st.Magic)
		return
	case *Alias:
		c.word("alias")
		c.str(modePolicy, st.From)
		c.arrow(st.To)
	case *VarAssign:
		c.word(variable('@', st.Name))
		c.word(st.Op.String())
		for _, v := range st.Values {
			c.str(modeAssign, v)
		}
		return
	case *BoolAssign:
		c.word(variable('$', st.Name))
		c.word(st.Op.String())
		c.expr(st.Expr, 0)
		return
	case *Profile:
		c.profile(st)
		return
	case *If:
		c.word("if")
		c.expr(st.Cond, 0)
		c.word("{")
		return
	case *Block:
		c.prefix(st.Prefix)
		c.word("{")
		return
	case *Bad:
		c.b.WriteString(st.text)
		return
	default:
		c.rule(st)
	}
	c.b.WriteByte(',')
}

// variable returns sigil{name}; a name that is none gives text that does not parse.
func variable(sigil byte, name string) string {
	s := string(sigil) + "{" + name + "}"
	sc := scanner{src: s}
	if sc.matchVariable(0, sigil) != len(s) {
		return string(sigil) + quote(name)
	}
	return s
}

func (c *canon) path(path string, magic bool) {
	if !magic {
		c.word(quote(path))
		return
	}
	s := "<" + path + ">"
	sc := scanner{src: s}
	if sc.matchMagic(0) != len(s) || path != "" && path[0] == '"' || pathText(s, true) != path {
		s = "<" + quote(path) + ">"
	}
	c.word(s)
}

func (c *canon) arrow(target string) {
	if target != "" {
		c.word("->")
		c.str(modeTarget, target)
	}
}

func (c *canon) profile(p *Profile) {
	switch p.Kind {
	case PlainProfile:
		c.word("profile")
		c.str(modeName, p.Name)
	case PathProfile:
		c.str(modePolicy, p.Name)
	case HatProfile:
		c.word("hat")
		c.str(modeName, p.Name)
	case CaretHat:
		c.word("^" + text(modeName, p.Name))
	}
	if p.Attachment != "" {
		c.str(modePolicy, p.Attachment)
	}
	c.group(p.Group)
	if len(p.Identities) > 0 {
		c.word("+identities=")
		c.list(p.Identities)
	}
	if len(p.Flags) > 0 {
		c.word("flags=")
		c.list(p.Flags)
	}
	c.word("{")
}

// list writes "(a, b)".
func (c *canon) list(values []string) {
	c.open()
	for i, v := range values {
		if i > 0 {
			c.b.WriteByte(',')
		}
		c.str(modeList, v)
	}
	c.close()
}
