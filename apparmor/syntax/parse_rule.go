package syntax

// rule reads a rule or block after its qualifiers.
func (p *parser) rule(x Prefix) Stmt {
	switch p.tok.kind {
	case tokLBrace:
		b := &Block{Prefix: x}
		p.body(&b.Node, p.stmtStart, &b.Body)
		return b
	case kwFile, kwSafe, kwUnsafe, tokID, tokSetVar, tokMode:
		return p.fileRule(x)
	case kwLink:
		return p.linkRule(x)
	case kwCapability:
		r := &CapabilityRule{Prefix: x}
		p.advance()
		for p.tok.kind == tokID && is(p.s.at(p.tok.start), clAlpha) {
			r.Names = append(r.Names, p.text(p.tok))
			p.advance()
		}
		p.comma()
		return r
	case kwMount, kwRemount, kwUmount, kwPivotRoot:
		return p.mountRule(x)
	case kwChangeProfile:
		return p.changeProfile(x)
	case kwAll:
		p.advance()
		p.comma()
		return &AllRule{Prefix: x}
	}
	if class, ok := classOf(p.tok.kind); ok {
		return p.classRule(x, class)
	}
	if !x.IsZero() {
		p.unexpected("a rule after its qualifiers", p.afterPrefixHint())
	}
	p.unexpected("a rule", "")
	return nil
}

func (p *parser) afterPrefixHint() string {
	switch p.tok.kind {
	case kwProfile, kwHat, tokCaret, kwIf, kwSet, kwAbi, tokInclude:
		return "qualifiers are for rules and blocks, not for this"
	}
	return ""
}

const permsHint = "permissions are r w a l k m, and for exec ix, Px, Cx, Ux and their combinations"

const fileHint = `a rule is "path permissions,", as in: /etc/passwd r,`

func (p *parser) fileRule(x Prefix) Stmt {
	r := &FileRule{Prefix: x}
	if p.accept(kwFile) {
		r.Keyword = true
		if p.accept(tokComma) {
			return r
		}
	}
	switch {
	case p.accept(kwUnsafe):
		r.Exec = ExecUnsafe
	case p.accept(kwSafe):
		r.Exec = ExecSafe
	}
	if p.tok.kind == tokMode {
		r.PermsFirst = true
		r.Perms = p.s.src[p.tok.start:p.tok.end]
		p.advance()
		r.Subset = p.accept(kwSubset)
		r.Path = p.pathOrVar("a path")
		r.Target = p.target()
		p.comma()
		return r
	}
	r.Path = p.pathOrVar("a path or permissions")
	p.fileRuleTail(r)
	return r
}

// fileRuleTail reads what follows the path of a rule with its path first.
func (p *parser) fileRuleTail(r *FileRule) {
	if p.tok.kind != tokMode {
		p.unexpected("permissions", fileHint)
	}
	r.Perms = p.s.src[p.tok.start:p.tok.end]
	p.advance()
	r.Target = p.target()
	p.comma()
}

func (p *parser) pathOrVar(want string) string {
	if p.tok.kind != tokID && p.tok.kind != tokSetVar {
		p.unexpected(want, fileHint)
	}
	s := p.nonEmpty(p.tok)
	p.advance()
	return s
}

// target reads "-> name", if it is there.
func (p *parser) target() string {
	if !p.accept(tokArrow) {
		return ""
	}
	return p.nonEmpty(p.expect(tokID, `a name after "->"`, ""))
}

// nonEmpty returns the value of a token. An empty one is an error where leaving the string out means something else.
func (p *parser) nonEmpty(t token) string {
	s := p.text(t)
	if s == "" {
		p.fail(t.start, "empty string", "")
	}
	return s
}

// emptyPattern matches the empty string and nothing else, which mount rules may name: in the tree "" is the absence of a path.
const emptyPattern = "{,}"

// pattern returns the value of a token that may be empty.
func (p *parser) pattern(t token) string {
	if s := p.text(t); s != "" {
		return s
	}
	return emptyPattern
}

func (p *parser) linkRule(x Prefix) Stmt {
	p.advance()
	r := &LinkRule{Prefix: x, Subset: p.accept(kwSubset)}
	r.Path = p.pathOrVar("the path of the link")
	if p.tok.kind != tokArrow {
		p.unexpected(`"->"`, "link /new -> /existing,")
	}
	r.Target = p.target()
	p.comma()
	return r
}

func (p *parser) changeProfile(x Prefix) Stmt {
	p.advance()
	r := &ChangeProfileRule{Prefix: x}
	switch {
	case p.accept(kwUnsafe):
		r.Word = ExecUnsafe
	case p.accept(kwSafe):
		r.Word = ExecSafe
	}
	if p.tok.kind == tokID {
		r.Exec = p.nonEmpty(p.tok)
		p.advance()
	}
	r.Target = p.target()
	p.comma()
	return r
}

func (p *parser) rlimit() Stmt {
	const hint = "set rlimit nofile <= 1024,"
	p.advance()
	p.expect(kwRlimit, `"rlimit"`, hint)
	r := &RlimitRule{Resource: p.text(p.expect(tokID, "a resource", hint))}
	p.expect(tokLE, `"<="`, hint)
	r.Value = p.text(p.expect(tokValue, "a number or infinity", hint))
	if p.tok.kind == tokID {
		r.Unit = p.text(p.tok)
		p.advance()
	}
	p.comma()
	return r
}

func (p *parser) mountRule(x Prefix) Stmt {
	r := &MountRule{Prefix: x}
	switch p.tok.kind {
	case kwRemount:
		r.Op = Remount
	case kwUmount:
		r.Op = Umount
	case kwPivotRoot:
		r.Op = PivotRoot
	}
	p.advance()
	r.Conds = p.conds()
	if p.tok.kind == tokID {
		r.Source = p.pattern(p.tok)
		p.advance()
	}
	switch {
	case r.Op == PivotRoot:
		r.Target = p.target()
	case r.Op == Mount && p.accept(tokArrow):
		r.TargetConds = p.conds()
		r.Target = p.pattern(p.expect(tokID, "a mount point", "mount /dev/sda -> /mnt/,"))
	}
	if p.tok.kind == tokCond {
		p.unexpected(`"," at the end of the rule`, "conditions stand before the path")
	}
	p.comma()
	return r
}
