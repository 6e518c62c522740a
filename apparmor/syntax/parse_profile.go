package syntax

// profile reads a profile, child profile or hat that begins with a keyword or "^".
func (p *parser) profile() Stmt {
	start := p.tok.start
	pr := &Profile{}
	switch p.tok.kind {
	case kwHat:
		pr.Kind = HatProfile
	case tokCaret:
		pr.Kind = CaretHat
	}
	p.advance()
	pr.Name = p.text(p.expect(tokID, "a name on the same line", "profile name {"))
	p.header(pr)
	p.body(pr.Base(), start, &pr.Body)
	return pr
}

// header reads what stands between a profile's name and its "{".
func (p *parser) header(pr *Profile) {
	if p.tok.kind == tokID || p.tok.kind == tokSetVar {
		pr.Attachment = p.text(p.tok)
		if a := pr.Attachment; a[0] != '/' && (a[0] != '@' || len(a) < 2 || a[1] != '{') {
			p.unexpected("an attachment path", "a header is: profile name /attachment xattrs=(...) flags=(...) {; names with spaces are quoted")
		}
		p.advance()
	}
	if p.tok.kind == tokCondList {
		pr.Group = p.group()
	}
	for p.accept(tokPlus) {
		p.expect(kwIdentities, `"identities=("`, "+identities=(name)")
		p.expect(tokEquals, `"="`, "+identities=(name)")
		p.expect(tokLParen, `"("`, "+identities=(name)")
		pr.Identities = append(pr.Identities, p.values("an identity")...)
	}
	switch {
	case p.accept(kwFlags):
		p.expect(tokEquals, `"="`, "flags=(complain)")
		p.expect(tokLParen, `"("`, "flags=(complain)")
		pr.Flags = p.values("a flag")
	case p.accept(tokLParen):
		pr.BareFlags = true
		pr.Flags = p.values("a flag")
	}
	if p.tok.kind != tokLBrace {
		p.unexpected(`"{"`, headerHint(p.tok.kind, pr))
	}
}

func headerHint(k kind, pr *Profile) string {
	if n := len(pr.Name); n > 0 && pr.Name[n-1] == '{' {
		return `put a space between the name and "{"`
	}
	if k == tokID || k == tokMode {
		return "a header is: profile name attachment xattrs=(...) flags=(...) {"
	}
	return ""
}

// values reads one or more values and the closing parenthesis.
func (p *parser) values(want string) []string {
	var out []string
	for p.tok.kind == tokValue {
		out = append(out, p.text(p.tok))
		p.advance()
	}
	if len(out) == 0 {
		p.unexpected(want, "")
	}
	p.expect(tokRParen, `")"`, "")
	return out
}

// body reads "{ ... }" of the statement that began at start.
func (p *parser) body(n *Node, start int, b *Body) {
	open := p.tok.start
	p.expect(tokLBrace, `"{"`, "")
	n.text = p.s.src[start:p.end]
	p.mark = p.end
	b.start = p.end
	defer p.nest()()
	b.Stmts, b.End = p.stmts(true)
	b.stop = p.mark
	if p.tok.kind != tokRBrace {
		b.unclosed = true
		if !p.stopped {
			p.report(open, `"{" is never closed`, `add "}"`)
		}
		return
	}
	p.advance()
	p.mark = p.end
}

// group reads peer=(...) or xattrs=(...).
func (p *parser) group() *Group {
	g := &Group{Pos: p.pos(p.tok.start), Name: p.text(p.tok)}
	p.advance()
	p.expect(tokEquals, `"="`, "")
	p.expect(tokLParen, `"("`, "")
	g.Conds = p.conds()
	p.expect(tokRParen, `")"`, "")
	return g
}

// conds reads any number of conditions.
func (p *parser) conds() []Cond {
	var out []Cond
	for p.tok.kind == tokCond {
		c := Cond{Pos: p.pos(p.tok.start), Name: p.text(p.tok)}
		p.advance()
		switch p.tok.kind {
		case tokEquals:
			c.Op = CondEq
		case tokOverride:
			c.Op = CondSet
		case kwIn:
			c.Op = CondIn
		}
		if c.Op != CondNone {
			p.advance()
			c.Values = p.condValues(c.Op)
		}
		out = append(out, c)
	}
	return out
}

func (p *parser) condValues(op CondOp) []string {
	if p.accept(tokLParen) {
		return p.values("a value")
	}
	if op == CondIn || p.tok.kind != tokValue {
		p.unexpected("a value", "name=value or name=(value value)")
	}
	v := p.text(p.tok)
	p.advance()
	return []string{v}
}

// ifStmt reads "if expr { ... }" with its else branches.
func (p *parser) ifStmt() Stmt {
	start := p.tok.start
	p.advance()
	return p.ifRest(start, start)
}

// ifRest reads an if whose text began at start; "if" is consumed.
func (p *parser) ifRest(start, keyword int) *If {
	st := &If{}
	st.Pos = p.pos(keyword)
	st.Cond = p.expression()
	if p.tok.kind != tokLBrace {
		p.unexpected(`"{"`, `if expression { rules }, with a space before "{"`)
	}
	p.body(&st.Node, start, &st.Body)
	if p.tok.kind == kwElse {
		st.Else = p.elseBranch()
	}
	return st
}

// elseBranch reads "else { ... }" or "else if ...".
func (p *parser) elseBranch() Stmt {
	defer p.nest()()
	start, mark := p.tok.start, p.mark
	before := p.s.src[mark:start]
	p.advance()
	if p.tok.kind == kwIf {
		kw := p.tok.start
		p.advance()
		st := p.ifRest(start, kw)
		st.Before = before
		return st
	}
	if p.tok.kind != tokLBrace {
		p.unexpected(`"{" or "if"`, "")
	}
	b := &Block{}
	b.Pos, b.Before = p.pos(start), before
	p.body(&b.Node, start, &b.Body)
	return b
}
