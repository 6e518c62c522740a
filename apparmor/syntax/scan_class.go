package syntax

// Character classes of apparmor_parser's scanner (parser_lex.l), as bits of charClass.
const (
	clID        = 1 << iota // may be in an unquoted word: not blank, CR, LF, quote, "!" or comma
	clNoAssign              // the same, CR too, but not = : )
	clLeading               // the same as clNoAssign, but not ( + & either: may start a word
	clListValue             // may be in a value inside parentheses: not blank, LF, quote, "!", comma or parentheses
	clAlpha
	clWord  // letters, digits and underscore
	clBlank // space and tab
	clSpace // isspace(3)
)

// charClass holds the classes of each byte; TestCharClass derives it again from the rules.
var charClass = [256]uint8{
	15, 15, 15, 15, 15, 15, 15, 15, 15, 192, 128, 143, 143, 142, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	192, 0, 0, 15, 15, 15, 11, 15, 3, 1, 15, 11, 0, 15, 15, 15,
	47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 9, 15, 15, 9, 15, 15,
	15, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 15, 15, 15, 15, 47,
	15, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
}

func is(c byte, class uint8) bool { return charClass[c]&class != 0 }

// at returns the byte at i, or 0 past the end.
func (s *scanner) at(i int) byte {
	if i < len(s.src) {
		return s.src[i]
	}
	return 0
}

// The match functions return the end of the longest match that starts at i, or i when there is none.

// escapable reports whether a backslash keeps the next character in an unquoted word.
func escapable(c byte) bool { return c == ' ' || c == '\t' || c == '"' || c == '!' || c == ',' }

// matchRest matches any number of the characters that continue an unquoted word.
func (s *scanner) matchRest(i int) int {
	src := s.src
	for i < len(src) {
		c := src[i]
		switch {
		case c == '\\' && i+1 == len(src):
			return i // what it escapes is missing
		case c == '\\' && escapable(src[i+1]):
			i += 2
		case charClass[c]&clID != 0:
			i++
		case c == ',' && i+1 < len(src) && charClass[src[i+1]]&clID != 0:
			i += 2
		default:
			return i
		}
	}
	return i
}

// matchQuoted matches a string in double quotes. A quote after a backslash ends the string only if no later quote does:
// the longest match counts, as in flex.
func (s *scanner) matchQuoted(i int) int {
	if s.at(i) != '"' {
		return i
	}
	end := i
	for j := i + 1; j < len(s.src); j++ {
		switch s.src[j] {
		case 0:
			return end
		case '"':
			end = j + 1
			if s.src[j-1] != '\\' || j-1 == i {
				return end
			}
		}
	}
	return end
}

// matchName matches a variable's or keyword's name: a letter, then letters, digits and underscores.
func (s *scanner) matchName(i int) int {
	if !is(s.at(i), clAlpha) {
		return i
	}
	for i < len(s.src) && is(s.src[i], clWord) {
		i++
	}
	return i
}

// matchVariable matches sigil{name} or sigil name.
func (s *scanner) matchVariable(i int, sigil byte) int {
	if s.at(i) != sigil {
		return i
	}
	if s.at(i+1) == '{' {
		if end := s.matchName(i + 2); end > i+2 && s.at(end) == '}' {
			return end + 1
		}
		return i
	}
	if end := s.matchName(i + 1); end > i+1 {
		return end
	}
	return i
}

// matchLabel matches what may start a path or label outside of rules with words of their own: "/", a variable followed by
// more, ":" and "&".
func (s *scanner) matchLabel(i int) int {
	switch s.at(i) {
	case '/', '&':
		return s.matchRest(i + 1)
	case ':':
		if i+1 < len(s.src) && s.src[i+1] != '=' {
			return s.matchRest(i + 2)
		}
	case '@':
		v := s.matchVariable(i, '@')
		if v == i {
			return i
		}
		if next := s.matchAfterVariable(v); next > v {
			return s.matchRest(next)
		}
		if s.at(i+1) != '{' {
			return s.matchShorterVariable(i, v)
		}
	}
	return i
}

// matchShorterVariable handles @X without braces, whose last letters may belong to what follows instead.
func (s *scanner) matchShorterVariable(i, end int) int {
	if end-i < 3 {
		return i
	}
	return s.matchRest(end)
}

// matchAfterVariable matches the one character, or escaped or doubled character, that must follow a variable for the whole
// to be a label; an assignment operator does not qualify.
func (s *scanner) matchAfterVariable(i int) int {
	c, next := s.at(i), s.at(i+1)
	if i >= len(s.src) {
		return i
	}
	postVar := func(c byte) bool {
		return c != ' ' && c != '\t' && c != '\n' && c != '"' && c != '!' && c != ',' && c != '=' && c != '+' && c != '?'
	}
	switch {
	case c == '\\' && (escapable(next) || next == '(' || next == ')'):
		return i + 2
	case postVar(c):
		return i + 1
	case c == ',' && i+1 < len(s.src) && postVar(next):
		return i + 2
	case c == '?' && next == '?':
		return i + 2
	}
	return i
}

// matchNoAssign matches a word that cannot swallow an assignment operator or a closing parenthesis.
func (s *scanner) matchNoAssign(i int) int {
	switch c := s.at(i); {
	case i >= len(s.src):
		return i
	case is(c, clLeading) && (c != '\r' || i+1 < len(s.src)):
		i++
	case c == ':' && i+1 < len(s.src) && (is(s.src[i+1], clLeading) || s.src[i+1] == ':'):
		i += 2
	default:
		return i
	}
	for i < len(s.src) {
		c := s.src[i]
		if is(c, clNoAssign) && c != '\r' {
			i++
			continue
		}
		if i+1 >= len(s.src) {
			return i
		}
		if c == '\r' {
			i++
			continue
		}
		next := s.src[i+1]
		switch {
		case c == ':' && (is(next, clNoAssign) || next == ':'), c == ',' && is(next, clNoAssign):
			i += 2
		default:
			return i
		}
	}
	return i
}

// matchListValue matches a value inside parentheses.
func (s *scanner) matchListValue(i int) int {
	for i < len(s.src) {
		c := s.src[i]
		switch {
		case c == '\\' && (escapable(s.at(i+1)) || s.at(i+1) == '(' || s.at(i+1) == ')') && i+1 < len(s.src):
			i += 2
		case is(c, clListValue):
			i++
		default:
			return i
		}
	}
	return i
}

// matchModes matches file permissions; they count only when white space or a comma follows.
func (s *scanner) matchModes(i int) int {
	start := i
	for i < len(s.src) {
		switch s.src[i] {
		case 'R', 'r', 'W', 'w', 'a', 'L', 'l', 'M', 'm', 'k', 'X', 'x':
			i++
			continue
		case 'P', 'p', 'C', 'c':
			i++
			switch s.at(i) {
			case 'I', 'i', 'U', 'u':
				i++
			}
		case 'I', 'i', 'U', 'u':
			i++
		default:
			if i > start && (s.src[i] == ',' || is(s.src[i], clSpace)) {
				return i
			}
			return start
		}
		if c := s.at(i); c != 'x' && c != 'X' {
			return start
		}
		i++
	}
	return start
}

func (s *scanner) skipBlank(i int) int {
	for i < len(s.src) && is(s.src[i], clBlank) {
		i++
	}
	return i
}
