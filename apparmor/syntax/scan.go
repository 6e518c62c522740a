package syntax

// mode is what the scanner expects. Policy has no reserved words: what a character sequence means depends on the rule it is
// in, so the scanner keeps a stack of modes, driven by the tokens it returns and by nothing else. The modes and their
// patterns are those of apparmor_parser's scanner, so that both split any text alike.
type mode uint8

const (
	modePolicy     mode = iota // outside of anything below
	modeName                   // name after "profile", "hat" or "^"
	modeTarget                 // name after "->"
	modeValue                  // value after name=
	modeIdentities             // after "+" in a profile header
	modeCond                   // after a condition's name: = := in (
	modeCondList               // after peer or xattrs: = (
	modeList                   // values in parentheses
	modeListCond               // conditions in parentheses
	modeListVal                // value of a condition in parentheses
	modeListParen              // the same, in further parentheses
	modeAssign                 // values of @{X} =, up to the end of the line
	modeAssignOp               // operator of $X =
	modeAssignExpr             // expression of $X =, up to the end of the line
	modeExpr                   // expression of an if, up to "{"
	modeRlimit
	modeMount
	modeDbus
	modeSignal
	modePtrace
	modeUnix
	modeNetwork
	modeMqueue
	modeUserns
	modeChangeProfile
	modePath    // path of an include
	modeABIPath // path of an abi rule
	modeInteger // after priority
)

type scanner struct {
	src   string
	pos   int
	mode  mode
	stack []mode // modes to return to, innermost last
	inc   uint8  // flags of the include whose path comes next
}

func (s *scanner) push(m mode) {
	if s.mode == modePolicy && m == modePolicy {
		return // qualifiers and the like; nothing would ever notice
	}
	s.stack = append(s.stack, s.mode)
	s.mode = m
}

func (s *scanner) pop() {
	s.mode = modePolicy
	if n := len(s.stack); n > 0 {
		s.mode = s.stack[n-1]
		s.stack = s.stack[:n-1]
	}
}

// reset puts the scanner outside of any rule, at offset pos.
func (s *scanner) reset(pos int) {
	s.pos, s.mode, s.stack, s.inc = pos, modePolicy, s.stack[:0], 0
}

// next returns the next token. White space and, outside of rules, comments are skipped.
func (s *scanner) next() token {
	s.skip()
	if s.pos >= len(s.src) {
		return token{kind: tokEOF, start: s.pos, end: s.pos}
	}
	t := s.scan(s.pos)
	s.pos = t.end
	return t
}

func (s *scanner) scan(i int) token {
	switch s.mode {
	case modePolicy:
		return s.scanPolicy(i)
	case modeName, modeTarget, modeValue:
		kind := tokID
		if s.mode == modeValue {
			kind = tokValue
		}
		return s.popWith(s.wordOrString(i, kind))
	case modeIdentities:
		return s.scanIdentities(i)
	case modeCond:
		return s.scanCond(i)
	case modeCondList:
		return s.scanCondList(i)
	case modeList:
		return s.scanList(i)
	case modeListCond:
		return s.scanListCond(i)
	case modeListVal, modeListParen:
		return s.scanListVal(i)
	case modeAssign:
		return s.scanAssign(i)
	case modeAssignOp:
		return s.scanAssignOp(i)
	case modeAssignExpr, modeExpr:
		return s.scanExpr(i)
	case modeRlimit:
		return s.scanRlimit(i)
	case modeChangeProfile:
		return s.scanChangeProfile(i)
	case modePath, modeABIPath:
		return s.scanPath(i)
	case modeInteger:
		return s.scanInteger(i)
	case modeUserns:
		return s.scanUserns(i)
	}
	return s.scanRule(i)
}

// skip moves over white space, and over comments and line ends where the mode allows them.
func (s *scanner) skip() {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case is(c, clBlank):
			if s.mode == modeName || s.mode == modeValue {
				return // these follow immediately
			}
			s.pos++
		case c == '\n' || c == '\r' && s.at(s.pos+1) == '\n':
			if !s.skipsLines() {
				return
			}
			s.pos++
		case c == '#' && s.mode == modePolicy:
			end := s.matchComment(s.pos)
			if end == s.pos || s.matchLegacyInclude(s.pos) {
				return
			}
			s.pos = end
		case c == ',' && (s.mode == modeList || s.mode == modeListCond):
			s.pos++
		default:
			return
		}
	}
}

// skipsLines reports whether a line end is white space in the current mode. In the others it ends something, or is an error.
func (s *scanner) skipsLines() bool {
	switch s.mode {
	case modeName, modeValue, modeIdentities, modeAssign, modeAssignExpr, modeInteger:
		return false
	}
	return true
}

// matchComment matches a comment with its line end. One that the end of the file cuts off is none.
func (s *scanner) matchComment(i int) int {
	for j := i; j < len(s.src); j++ {
		if s.src[j] == '\n' {
			return j + 1
		}
	}
	return i
}

// matchLegacyInclude reports whether the comment at i is an #include instead.
func (s *scanner) matchLegacyInclude(i int) bool {
	const word = "#include"
	return len(s.src)-i >= len(word) && s.src[i:i+len(word)] == word
}

func (s *scanner) token(k kind, start, end int) token { return token{kind: k, start: start, end: end} }

// illegal returns the character at i as an error. Nothing in the mode starts with it.
func (s *scanner) illegal(i int) token { return token{kind: tokIllegal, start: i, end: i + 1} }

// popWith leaves the current mode, unless t is an error.
func (s *scanner) popWith(t token) token {
	if t.kind != tokIllegal {
		s.pop()
	}
	return t
}

// wordOrString returns an unquoted word or a quoted string.
func (s *scanner) wordOrString(i int, k kind) token {
	end := s.matchQuoted(i)
	if end == i {
		end = s.matchRest(i)
	}
	if end == i {
		return s.illegal(i)
	}
	return s.token(k, i, end)
}

// end returns the comma that ends a rule, and leaves the rule's mode.
func (s *scanner) end(i int) token {
	if s.mode != modePolicy {
		s.pop()
	}
	return s.token(tokComma, i, i+1)
}
