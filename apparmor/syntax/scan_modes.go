package syntax

// scanIdentities returns what may follow "+" in a profile header.
func (s *scanner) scanIdentities(i int) token {
	end := s.matchName(i)
	if end > i && s.src[i:end] == "identities" && s.at(s.skipBlank(end)) == '=' {
		s.mode = modeCond
		return s.token(kwIdentities, i, end)
	}
	return s.illegal(i)
}

// scanCond returns what may follow a condition's name.
func (s *scanner) scanCond(i int) token {
	c := s.src[i]
	switch {
	case c == '(':
		s.mode = modeList
		return s.token(tokLParen, i, i+1)
	case c == '=':
		return s.scanCondOp(i, i+1, tokEquals)
	case c == ':' && s.at(i+1) == '=':
		return s.scanCondOp(i, i+2, tokOverride)
	case c == 'i' && s.at(i+1) == 'n':
		return s.token(kwIn, i, i+2)
	}
	return s.illegal(i)
}

// scanCondOp returns an operator with the blanks after it; a single value follows unless a parenthesis or line end does.
func (s *scanner) scanCondOp(i, end int, k kind) token {
	j := s.skipBlank(end)
	if c := s.at(j); j < len(s.src) && c != '(' && c != '\n' {
		s.mode = modeValue
		end = j
	}
	return s.token(k, i, end)
}

func (s *scanner) scanCondList(i int) token {
	switch s.src[i] {
	case '=':
		return s.token(tokEquals, i, i+1)
	case '(':
		s.mode = modeListCond
		return s.token(tokLParen, i, i+1)
	}
	return s.illegal(i)
}

func (s *scanner) scanList(i int) token {
	if s.src[i] == ')' {
		s.pop()
		return s.token(tokRParen, i, i+1)
	}
	end := s.matchQuoted(i)
	if end == i {
		end = s.matchListValue(i)
	}
	if end == i {
		return s.illegal(i)
	}
	return s.token(tokValue, i, end)
}

func (s *scanner) scanListCond(i int) token {
	c := s.src[i]
	op := i + 1
	k := tokEquals
	switch {
	case c == ')':
		s.pop()
		return s.token(tokRParen, i, i+1)
	case c == '=':
	case c == ':' && s.at(i+1) == '=':
		op, k = i+2, tokOverride
	default:
		if end := s.matchNoAssign(i); end > i {
			return s.token(tokCond, i, end)
		}
		return s.illegal(i)
	}
	if j := s.skipBlank(op); s.at(j) == '(' {
		s.push(modeListParen)
		return s.token(k, i, j+1)
	}
	s.push(modeListVal)
	return s.token(k, i, op)
}

// scanListVal returns the value of a condition in a group. Further parentheses around it close silently.
func (s *scanner) scanListVal(i int) token {
	if s.mode == modeListParen && s.src[i] == ')' {
		s.pop()
		s.pos = i + 1
		return s.next()
	}
	end := s.matchQuoted(i)
	if end == i+2 && s.src[i] == '"' {
		return s.illegal(i) // "" is no value here
	}
	if end == i {
		end = s.matchListValue(i)
	}
	if end == i {
		return s.illegal(i)
	}
	if s.mode == modeListVal {
		s.pop()
	}
	return s.token(tokValue, i, end)
}

// endAssignment returns what both kinds of assignment have in common: the line end that completes them, alone or after a
// comment, and what follows the backslash that continues them. False means there is neither at i.
func (s *scanner) endAssignment(i int) (token, bool) {
	end := i
	switch c := s.src[i]; {
	case c == '\n':
		end = i + 1
	case c == '\r' && s.at(i+1) == '\n':
		end = i + 2
	case c == '#':
		end = s.matchComment(i)
	case c == '\\' && s.at(i+1) == '\n':
		s.pos = i + 2
		return s.next(), true
	}
	if end == i {
		return token{}, false
	}
	s.pop()
	return s.token(tokEOL, i, end), true
}

func (s *scanner) scanAssign(i int) token {
	if t, ok := s.endAssignment(i); ok {
		return t
	}
	end := s.matchQuoted(i)
	if end == i && s.src[i] != '#' { // a comment without a line end would be a value to apparmor_parser; nobody means that
		end = s.matchRest(i)
	}
	if end == i {
		return s.illegal(i)
	}
	if c := s.at(end); (c == '\r' || c == '\n') && s.oddBackslashes(i, end) {
		return s.illegal(end - 1) // it was meant to continue the line
	}
	return s.token(tokValue, i, end)
}

// oddBackslashes reports whether src[i:end] ends with a backslash that escapes nothing.
func (s *scanner) oddBackslashes(i, end int) bool {
	n := 0
	for end-1-n >= i && s.src[end-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func (s *scanner) scanAssignOp(i int) token {
	k, end := tokEquals, i+1
	if s.src[i] != '=' {
		end = i + 2
		switch s.src[i] {
		case '+':
			k = tokAddAssign
		case '?':
			k = tokCondAssign
		case ':':
			k = tokOverride
		default:
			return s.illegal(i)
		}
		if s.at(i+1) != '=' {
			return s.illegal(i)
		}
	}
	s.mode = modeAssignExpr
	return s.token(k, i, end)
}

func (s *scanner) scanRlimit(i int) token {
	c := s.src[i]
	end := i
	switch {
	case c == ',':
		return s.end(i)
	case c == '<' && s.at(i+1) == '=':
		return s.token(tokLE, i, i+2)
	case c == '-' || '0' <= c && c <= '9':
		if c == '-' {
			end++
		}
		digits := end
		for end < len(s.src) && '0' <= s.src[end] && s.src[end] <= '9' {
			end++
		}
		if end == digits {
			return s.illegal(i)
		}
		return s.token(tokValue, i, end)
	}
	for end < len(s.src) && (is(s.src[end], clAlpha) || s.src[end] == '_') {
		end++
	}
	switch {
	case end == i:
		return s.illegal(i)
	case s.src[i:end] == "infinity":
		return s.token(tokValue, i, end)
	}
	return s.token(tokID, i, end)
}

func (s *scanner) scanChangeProfile(i int) token {
	end := s.matchQuoted(i)
	if end == i {
		end = s.matchRest(i)
	}
	if end == i {
		if s.src[i] == ',' {
			return s.end(i)
		}
		return s.illegal(i)
	}
	switch s.src[i:end] {
	case "safe":
		return s.token(kwSafe, i, end)
	case "unsafe":
		return s.token(kwUnsafe, i, end)
	case "->":
		s.push(modeTarget)
		return s.token(tokArrow, i, end)
	}
	return s.token(tokID, i, end)
}

func (s *scanner) scanUserns(i int) token {
	const create = "create"
	switch {
	case s.src[i] == ',':
		return s.end(i)
	case s.hasWord(i, create):
		return s.token(tokPerm, i, i+len(create))
	}
	return s.illegal(i)
}

// scanInteger returns what may follow "priority".
func (s *scanner) scanInteger(i int) token {
	if s.src[i] == '=' {
		return s.token(tokEquals, i, i+1)
	}
	end := i
	if c := s.src[i]; c == '+' || c == '-' {
		end++
	}
	digits := end
	for end < len(s.src) && '0' <= s.src[end] && s.src[end] <= '9' {
		end++
	}
	if end == digits {
		return s.illegal(i)
	}
	s.pop()
	return s.token(tokValue, i, end)
}
