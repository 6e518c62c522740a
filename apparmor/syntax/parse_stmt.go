package syntax

import (
	"math"
	"strconv"
)

// statement reads one statement; body says whether it is inside braces.
func (p *parser) statement(body bool) Stmt {
	switch p.tok.kind {
	case tokInclude:
		return p.include()
	case kwAbi:
		return p.abi()
	case kwAlias:
		return p.alias(body)
	case tokBoolVar:
		return p.boolAssign(body)
	case kwProfile, kwHat, tokCaret:
		return p.profile()
	case kwIf:
		return p.ifStmt()
	case kwSet:
		return p.rlimit()
	case tokSetVar:
		return p.variable(body)
	case tokID:
		return p.pathStmt(body)
	case tokRBrace:
		p.advance()
		p.fail(p.end-1, `found "}" without "{"`, "remove it, or look for a block that ends too early")
	case tokIllegal:
		p.unexpected("a rule", p.illegalHint())
	}
	return p.rule(p.prefix())
}

func (p *parser) illegalHint() string {
	switch c := p.s.src[p.tok.start]; {
	case c == '#' && p.s.matchComment(p.tok.start) == p.tok.start:
		return "end the last line with a line end, apparmor_parser requires it"
	case c == '#', p.tok.end > p.tok.start+1:
		return "include <abstractions/base>"
	case c == '"':
		return `a quoted path begins with "/, "@{ or ": and ends with a quote`
	case c == '-' || c == '<' || c == '=':
		return ""
	case c >= 0x80:
		return "policy is ASCII outside of comments, paths and quotes"
	}
	return "paths begin with / or a variable; quote text with special characters"
}

// variable reads "@{X} = values", or a file rule whose path is just a variable.
func (p *parser) variable(body bool) Stmt {
	name := p.tok
	p.advance()
	op, ok := p.assignOp()
	if !ok {
		r := &FileRule{Path: p.text(name)}
		p.fileRuleTail(r)
		return r
	}
	if body {
		p.fail(name.start, "variable set inside a profile", "variables are set before the profiles")
	}
	a := &VarAssign{Name: varName(p.text(name)), Op: op}
	for p.tok.kind == tokValue {
		a.Values = append(a.Values, p.text(p.tok))
		p.advance()
	}
	if p.tok.kind == tokIllegal && p.s.src[p.tok.start] == '\\' {
		p.unexpected("another value or the end of the line", "a backslash continues the line if a blank stands before it and the line end right behind it")
	}
	if len(a.Values) == 0 {
		p.unexpected("a value", `an empty set is written ""`)
	}
	if p.tok.kind == tokIllegal && p.s.src[p.tok.start] == ',' {
		p.unexpected("another value or the end of the line", "assignments end with the line, without a comma; quote values that have one")
	}
	p.endLine()
	return a
}

// endLine takes the line end that completes an assignment; it belongs to the white space after it.
func (p *parser) endLine() {
	switch p.tok.kind {
	case tokEOL:
		p.tok = p.s.next()
	case tokEOF:
	default:
		p.unexpected("the end of the line", "")
	}
}

// varName strips the sigil and braces.
func varName(s string) string {
	s = s[1:]
	if s[0] == '{' {
		s = s[1 : len(s)-1]
	}
	return s
}

func (p *parser) assignOp() (AssignOp, bool) {
	var op AssignOp
	switch p.tok.kind {
	case tokEquals:
		op = Assign
	case tokAddAssign:
		op = AssignAdd
	case tokCondAssign:
		op = AssignDefault
	case tokOverride:
		op = AssignOverride
	default:
		return 0, false
	}
	p.advance()
	return op, true
}

func (p *parser) boolAssign(body bool) Stmt {
	name := p.tok
	p.advance()
	op, ok := p.assignOp()
	if !ok {
		p.unexpected("an assignment", "$X = true")
	}
	if body {
		p.fail(name.start, "variable set inside a profile", "variables are set before the profiles")
	}
	a := &BoolAssign{Name: varName(p.text(name)), Op: op, Expr: p.expression()}
	if p.tok.kind == tokComma || p.tok.kind == tokIllegal && p.s.src[p.tok.start] == ',' {
		p.unexpected("the end of the line", "assignments end with the line, without a comma")
	}
	p.endLine()
	return a
}

func (p *parser) include() Stmt {
	t := p.tok
	p.advance()
	text := p.s.src[t.start:t.end]
	inc := &Include{Magic: t.flags&flagMagic != 0, IfExists: t.flags&flagIfExists != 0, Legacy: t.flags&flagLegacy != 0}
	inc.Path = pathText(includePath(text, t.flags), inc.Magic)
	if inc.Path == "" {
		p.fail(t.start, "include without a path", "include <abstractions/base>")
	}
	return inc
}

// includePath returns the path's text within the text of an include token.
func includePath(text string, flags uint8) string {
	i := len("include")
	if flags&flagLegacy != 0 {
		i++
	}
	s := scanner{src: text}
	i = s.skipBlank(i)
	if flags&flagIfExists != 0 {
		i = s.skipBlank(i + len("if"))
		i += len("exists")
	}
	s.mode, s.pos = modePath, i
	s.skip()
	return text[s.pos:]
}

func (p *parser) abi() Stmt {
	p.advance()
	t := p.expect(tokID, "the path of a feature set", "abi <abi/4.0>,")
	a := &ABI{Magic: t.flags&flagMagic != 0}
	a.Path = pathText(p.s.src[t.start:t.end], a.Magic)
	if a.Path == "" {
		p.fail(t.start, "abi rule without a path", "abi <abi/4.0>,")
	}
	p.comma()
	return a
}

func (p *parser) alias(body bool) Stmt {
	start := p.tok.start
	p.advance()
	a := &Alias{From: p.text(p.expect(tokID, "a path", "alias /from -> /to,"))}
	p.expect(tokArrow, `"->"`, "alias /from -> /to,")
	a.To = p.text(p.expect(tokID, "a path", "alias /from -> /to,"))
	p.comma()
	if body {
		p.report(start, "alias inside a profile", "aliases stand before the profiles")
	}
	return a
}

// pathStmt reads what a path or word starts: a file rule, or a profile without keyword.
func (p *parser) pathStmt(body bool) Stmt {
	name := p.tok
	p.advance()
	if p.tok.kind == tokMode {
		r := &FileRule{Path: p.text(name)}
		p.fileRuleTail(r)
		return r
	}
	switch p.tok.kind {
	case tokLBrace, tokSetVar, tokCondList, tokPlus, kwFlags, tokLParen:
	case tokID:
		if is(p.s.at(p.tok.start), clAlpha) {
			p.unexpected("permissions", permsHint)
		}
	default:
		p.unexpected("permissions", fileHint)
	}
	if body {
		if p.tok.kind == tokLBrace || p.tok.kind == kwFlags {
			p.fail(name.start, "profile inside a profile without a keyword", `write "profile" or "hat" before the name`)
		}
		p.unexpected("permissions", fileHint)
	}
	pr := &Profile{Kind: PathProfile, Name: p.text(name)}
	if c := pr.Name[0]; c != '/' && c != ':' {
		p.fail(name.start, "profile name without a keyword must begin with / or :", `write "profile" before the name`)
	}
	p.header(pr)
	p.body(pr.Base(), name.start, &pr.Body)
	return pr
}

// prefix reads the qualifiers of a rule or block.
func (p *parser) prefix() (x Prefix) {
	if p.tok.kind == kwPriority {
		p.advance()
		p.expect(tokEquals, `"="`, "priority=10")
		t := p.expect(tokValue, "a number", "priority=10")
		n, err := strconv.ParseInt(p.s.src[t.start:t.end], 10, 32)
		if err != nil {
			n = math.MaxInt32 // out of every range
		}
		x.HasPriority, x.Priority = true, int(n)
	}
	if p.accept(kwAudit) {
		x.Audit = true
	}
	switch p.tok.kind {
	case kwAllow:
		x.Access = AccessAllow
	case kwDeny:
		x.Access = AccessDeny
	case kwPrompt:
		x.Access = AccessPrompt
	}
	if x.Access != AccessNone {
		p.advance()
	}
	switch p.tok.kind {
	case kwOwner:
		x.Owner = OwnerOnly
	case kwOther:
		x.Owner = OwnerOther
	}
	if x.Owner != OwnerNone {
		p.advance()
	}
	switch p.tok.kind {
	case kwPriority, kwAudit, kwAllow, kwDeny, kwPrompt, kwOwner, kwOther:
		p.unexpected("a rule", "qualifiers come once each, in the order priority=N, audit, allow or deny or prompt, owner or other")
	}
	return x
}
