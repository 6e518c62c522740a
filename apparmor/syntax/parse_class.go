package syntax

// classOf returns the class whose rules a keyword starts.
func classOf(k kind) (Class, bool) {
	switch k {
	case kwNetwork:
		return Network, true
	case kwUnix:
		return Unix, true
	case kwDbus:
		return Dbus, true
	case kwSignal:
		return Signal, true
	case kwPtrace:
		return Ptrace, true
	case kwMqueue:
		return Mqueue, true
	case kwUserns:
		return Userns, true
	case kwIOUring:
		return IOUring, true
	}
	return 0, false
}

// classRule reads class [permissions] [names] [conditions] [group] [name] ",". Which parts a class has differs.
func (p *parser) classRule(x Prefix, class Class) Stmt {
	p.advance()
	r := &ClassRule{Prefix: x, Class: class}
	p.classPerms(r)
	if class == Network {
		for len(r.Names) < 2 && p.tok.kind == tokID {
			r.Names = append(r.Names, p.text(p.tok))
			p.advance()
		}
	}
	r.Conds = p.conds()
	switch class {
	case Network, Unix, Dbus, IOUring:
		if p.tok.kind == tokCondList {
			r.Group = p.group()
		}
	case Mqueue:
		if p.tok.kind == tokID {
			r.Names = []string{p.text(p.tok)}
			p.advance()
		}
	}
	switch p.tok.kind {
	case tokCond, tokCondList:
		p.unexpected(`"," at the end of the rule`, classHint(class))
	case tokID, tokPerm, tokMode, tokLParen:
		p.unexpected(`a condition or ","`, classHint(class))
	}
	p.comma()
	return r
}

// classPerms reads a permission, or several in parentheses.
func (p *parser) classPerms(r *ClassRule) {
	switch {
	case p.tok.kind == tokPerm:
		word := p.text(p.tok)
		if r.Class == IOUring && word != "sqpoll" && word != "override_creds" {
			p.unexpected("sqpoll or override_creds", classHint(IOUring))
		}
		r.Perms = []string{word}
		p.advance()
	case p.tok.kind == tokLParen:
		p.advance()
		for p.tok.kind == tokValue {
			r.Perms = append(r.Perms, p.text(p.tok))
			p.advance()
		}
		p.expect(tokRParen, `")"`, "")
	}
}

// classHint shows what a rule of the class looks like.
func classHint(c Class) string {
	switch c {
	case Network:
		return "network (send, receive) inet dgram ip=::1 port=53 peer=(ip=::1),"
	case Unix:
		return "unix (send, receive) type=stream addr=@name peer=(label=x),"
	case Dbus:
		return "dbus send bus=session path=/x interface=x member=x peer=(name=x label=x),"
	case Signal:
		return "signal send set=(term, kill) peer=x,"
	case Ptrace:
		return "ptrace (read, trace) peer=x,"
	case Mqueue:
		return "mqueue (read, write) type=posix label=x /name,"
	case Userns:
		return "userns create,"
	}
	return "io_uring sqpoll label=x,"
}
