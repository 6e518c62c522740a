package syntax

// scanPolicy returns the next token outside of any rule that has words of its own. Where several patterns match, the longest
// counts (with what must follow it), then the first; the order of the tests below gives just that.
func (s *scanner) scanPolicy(i int) token {
	switch c := s.src[i]; c {
	case '/', '&', ':', '@':
		return s.scanPolicyLabel(i, c)
	case '"':
		if c := s.at(i + 1); c == '/' || c == '@' || c == ':' || c == '&' {
			if end := s.matchQuoted(i); end > i+2 {
				return s.token(tokID, i, end)
			}
		}
		return s.illegal(i)
	case ',':
		return s.token(tokComma, i, i+1)
	case '{':
		return s.token(tokLBrace, i, i+1)
	case '}':
		return s.token(tokRBrace, i, i+1)
	case '(':
		s.push(modeList)
		return s.token(tokLParen, i, i+1)
	case '^':
		s.push(modeName)
		return s.token(tokCaret, i, i+1)
	case '#':
		return s.scanLegacyInclude(i)
	case '$':
		return s.scanPolicyBool(i)
	case '=', '+', '?', '-':
		return s.scanPolicyOp(i)
	}
	if is(s.src[i], clAlpha) {
		return s.scanPolicyWord(i)
	}
	return s.illegal(i)
}

func (s *scanner) scanPolicyLabel(i int, c byte) token {
	end := s.matchLabel(i)
	switch {
	case c == '@':
		if v := s.matchVariable(i, '@'); v >= end && v > i {
			return s.token(tokSetVar, i, v)
		}
	case c == ':' && end == i:
		if s.at(i+1) == '=' {
			s.push(modeAssign)
			return s.token(tokOverride, i, i+2)
		}
		return s.token(tokColon, i, i+1)
	}
	if end == i {
		return s.illegal(i)
	}
	return s.token(tokID, i, end)
}

func (s *scanner) scanPolicyOp(i int) token {
	next := s.at(i + 1)
	switch c := s.src[i]; {
	case c == '-' && next == '>':
		s.push(modeTarget)
		return s.token(tokArrow, i, i+2)
	case c == '+' && next == '=':
		s.push(modeAssign)
		return s.token(tokAddAssign, i, i+2)
	case c == '?' && next == '=':
		s.push(modeAssign)
		return s.token(tokCondAssign, i, i+2)
	case c == '+':
		s.push(modeIdentities)
		return s.token(tokPlus, i, i+1)
	case c == '=':
		s.push(modeAssign)
		return s.token(tokEquals, i, i+1)
	}
	return s.illegal(i)
}

func (s *scanner) scanPolicyBool(i int) token {
	end := s.matchVariable(i, '$')
	if end == i {
		return s.illegal(i)
	}
	op := s.skipBlank(end)
	if c := s.at(op); c == '=' || (c == '+' || c == '?' || c == ':') && s.at(op+1) == '=' {
		s.push(modeAssignOp)
	}
	return s.token(tokBoolVar, i, end)
}

// scanPolicyWord returns what a letter starts: a condition, an include, permissions, a keyword or a plain word.
func (s *scanner) scanPolicyWord(i int) token {
	end := s.matchName(i)
	if t, ok := s.scanCondName(i, end); ok {
		return t
	}
	word := s.src[i:end]
	switch word {
	case "include":
		if is(s.at(end), clBlank) {
			return s.scanInclude(i, end, 0)
		}
	case "all":
		if end < len(s.src) {
			return s.token(kwAll, i, end)
		}
	}
	if m := s.matchModes(i); m >= end {
		return s.token(tokMode, i, m)
	}
	switch word {
	case "hat":
		s.push(modeName)
		return s.token(kwHat, i, s.skipBlank(end))
	case "profile":
		s.push(modeName)
		return s.token(kwProfile, i, s.skipBlank(end))
	}
	return s.keyword(i, end, word)
}

// keyword returns a keyword, or a plain word, and enters the mode of the rule it starts.
func (s *scanner) keyword(i, end int, word string) token {
	k := keyword(word)
	switch k {
	case kwRlimit:
		s.push(modeRlimit)
	case kwNetwork:
		s.push(modeNetwork)
	case kwChangeProfile:
		s.push(modeChangeProfile)
	case kwMount, kwRemount, kwUmount:
		s.push(modeMount)
	case kwDbus:
		s.push(modeDbus)
	case kwSignal:
		s.push(modeSignal)
	case kwPtrace:
		s.push(modePtrace)
	case kwUnix:
		s.push(modeUnix)
	case kwAbi:
		s.push(modeABIPath)
	case kwUserns:
		s.push(modeUserns)
	case kwMqueue:
		s.push(modeMqueue)
	case kwIf:
		s.push(modeExpr)
	}
	return s.token(k, i, end)
}

// scanCondName returns the name at src[i:end] as a condition's, if = or in ( follows.
func (s *scanner) scanCondName(i, end int) (token, bool) {
	j := s.skipBlank(end)
	switch {
	case s.at(j) == '=':
		return s.scanAssignedName(i, end, j), true
	case j > end && s.at(j) == 'i' && s.at(j+1) == 'n' && s.at(s.skipBlank(j+2)) == '(':
		s.push(modeCond)
		return s.token(tokCond, i, end), true
	}
	return token{}, false
}

// scanAssignedName returns the name at src[i:end], which the = at eq follows.
func (s *scanner) scanAssignedName(i, end, eq int) token {
	word := s.src[i:end]
	switch word {
	case "identities":
		s.push(modeCond)
		return s.token(kwIdentities, i, end)
	case "peer", "xattrs":
		if s.at(s.skipBlank(eq+1)) == '(' {
			s.push(modeCondList)
			return s.token(tokCondList, i, end)
		}
	case "priority":
		s.push(modeInteger)
		return s.token(kwPriority, i, end)
	case "flags":
		s.push(modeCond)
		return s.token(kwFlags, i, end)
	}
	s.push(modeCond)
	return s.token(tokCond, i, end)
}
