package syntax

// scanExpr returns the next token of an expression: of an if, which "{" ends, or of an assignment, which the line ends.
func (s *scanner) scanExpr(i int) token {
	c := s.src[i]
	if s.mode == modeAssignExpr {
		if t, ok := s.endAssignment(i); ok {
			return t
		}
		if c == '#' {
			return s.illegal(i)
		}
	}
	word := max(s.matchNoAssign(i), s.matchLabel(i), s.matchQuoted(i))
	if end := s.matchVariable(i, '@'); end > i && end >= word {
		return s.token(tokSetVar, i, end)
	}
	if end := s.matchVariable(i, '$'); end > i && end >= word {
		return s.token(tokBoolVar, i, end)
	}
	if t, ok := s.scanExprOp(i); ok && t.end >= word {
		return t
	}
	if word > i+1 && s.src[word-1] == '\r' && s.at(word) == '\n' {
		word-- // the line end, not the word
	}
	if word > i {
		return s.scanExprWord(i, word)
	}
	if c == ',' && s.mode == modeAssignExpr {
		return s.token(tokComma, i, i+1)
	}
	return s.illegal(i)
}

// scanExprWord returns the token of the word from i to end.
func (s *scanner) scanExprWord(i, end int) token {
	if last := s.src[end-1]; last == '\\' || last == '\r' {
		return s.illegal(end - 1) // before a line end it would continue the line
	}
	switch s.src[i:end] {
	case "and":
		return s.token(kwAnd, i, end)
	case "or":
		return s.token(kwOr, i, end)
	case "not":
		return s.token(kwNot, i, end)
	case "defined":
		return s.token(kwDefined, i, end)
	case "in":
		return s.token(kwIn, i, end)
	case "{":
		if s.mode == modeExpr {
			s.pop()
			return s.token(tokLBrace, i, end)
		}
	}
	return s.token(tokID, i, end)
}

func (s *scanner) scanExprOp(i int) (token, bool) {
	two := s.at(i+1) == '='
	var k kind
	switch c := s.src[i]; {
	case c == '(':
		return s.token(tokLParen, i, i+1), true
	case c == ')':
		return s.token(tokRParen, i, i+1), true
	case c == '=' && two:
		k = tokEQ
	case c == '!' && two:
		k = tokNE
	case c == '<' && two:
		k = tokLE
	case c == '>' && two:
		k = tokGE
	case c == '<':
		return s.token(tokLT, i, i+1), true
	case c == '>':
		return s.token(tokGT, i, i+1), true
	default:
		return token{}, false
	}
	return s.token(k, i, i+2), true
}
