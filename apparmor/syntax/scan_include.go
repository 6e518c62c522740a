package syntax

// An include is one token, from the keyword to the end of the path; token.flags says which form it has. The path itself is
// found again by includePath.

// scanLegacyInclude returns the #include at i.
func (s *scanner) scanLegacyInclude(i int) token {
	if !s.matchLegacyInclude(i) || s.matchComment(i) == i {
		return s.illegal(i)
	}
	return s.scanInclude(i, i+len("#include"), flagLegacy)
}

// scanInclude returns the include whose keyword is src[i:end].
func (s *scanner) scanInclude(i, end int, flags uint8) token {
	j := s.skipBlank(end)
	if j > end && s.hasWord(j, "if") {
		k := s.skipBlank(j + 2)
		if k > j+2 && s.hasWord(k, "exists") && is(s.at(k+6), clBlank) {
			flags |= flagIfExists
			end = k + 6
		}
	}
	s.push(modePath)
	s.pos = end
	s.skip()
	start := s.pos
	path := s.scanPath(start)
	if path.kind == tokIllegal || s.pos >= len(s.src) {
		s.pop()
		return token{kind: tokIllegal, start: i, end: end}
	}
	return token{kind: tokInclude, flags: flags | path.flags, start: i, end: path.end}
}

func (s *scanner) hasWord(i int, word string) bool {
	return len(s.src)-i >= len(word) && s.src[i:i+len(word)] == word
}

// scanPath returns the path of an include or abi rule: <path>, "path" or a bare word.
func (s *scanner) scanPath(i int) token {
	t := token{kind: tokID, start: i, end: i}
	switch s.at(i) {
	case '<':
		t.flags = flagMagic
		t.end = s.matchMagic(i)
	case '"':
		t.end = s.matchQuoted(i)
	case ',':
		if s.mode == modeABIPath {
			if end := s.matchPathWord(i); end > i+1 {
				t.end = end
				break
			}
			return s.end(i)
		}
		t.end = s.matchPathWord(i)
	default:
		t.end = s.matchPathWord(i)
	}
	if t.end == i {
		return s.illegal(i)
	}
	if s.mode == modePath {
		s.pop()
	}
	return t
}

// matchMagic matches <path> or <"path">.
func (s *scanner) matchMagic(i int) int {
	if end := s.matchQuoted(i + 1); end > i+1 {
		if s.at(end) == '>' {
			return end + 1
		}
		return i
	}
	for j := i + 1; j < len(s.src); j++ {
		switch s.src[j] {
		case '>':
			if j > i+1 {
				return j + 1
			}
			return i
		case '"', '\t', '\r', '\n':
			return i
		}
	}
	return i
}

// matchPathWord matches a path without quotes or angle brackets.
func (s *scanner) matchPathWord(i int) int {
	ok := func(c byte) bool { return is(c, clID) && c != '<' && c != '>' }
	for i < len(s.src) {
		c := s.src[i]
		switch {
		case c == '\\' && i+1 < len(s.src) && escapable(s.src[i+1]):
			i += 2
		case ok(c):
			i++
		case c == ',' && i+1 < len(s.src) && ok(s.src[i+1]):
			i += 2
		default:
			return i
		}
	}
	return i
}

// pathText returns the path a token's text stands for: without brackets, quotes and the white space next to the brackets. It
// is "" when nothing is left.
func pathText(text string, magic bool) string {
	if magic {
		text = text[1 : len(text)-1]
		for text != "" && is(text[0], clSpace) {
			text = text[1:]
		}
		for text != "" && is(text[len(text)-1], clSpace) {
			text = text[:len(text)-1]
		}
	}
	return unescape(text)
}
