package syntax

// scanRule returns the next token of a mount, dbus, signal, ptrace, unix, network or mqueue rule.
func (s *scanner) scanRule(i int) token {
	c := s.src[i]
	if is(c, clAlpha) {
		if t, ok := s.scanCondName(i, s.matchName(i)); ok {
			return t
		}
		if s.mode != modeMount && (c == 'r' || c == 'w') {
			if end := s.matchReadWrite(i); end > i && end+1 >= s.matchNoAssign(i) {
				return s.token(tokPerm, i, end)
			}
		}
	}
	if c == '(' && s.mode != modeMount {
		s.push(modeList)
		return s.token(tokLParen, i, i+1)
	}
	end := max(s.matchNoAssign(i), s.matchLabel(i), s.matchQuoted(i))
	if end == i {
		if c == ',' {
			return s.end(i)
		}
		return s.illegal(i)
	}
	word := s.src[i:end]
	switch {
	case s.mode == modeMount && word == "->":
		return s.token(tokArrow, i, end)
	case s.isPermission(word):
		return s.token(tokPerm, i, end)
	}
	return s.token(tokID, i, end)
}

// matchReadWrite matches r, w, rw or wr before white space or a comma.
func (s *scanner) matchReadWrite(i int) int {
	end := i + 1
	if c := s.at(end); (c == 'r' || c == 'w') && c != s.src[i] {
		end++
	}
	if c := s.at(end); end < len(s.src) && (c == ',' || is(c, clSpace)) {
		return end
	}
	return i
}

// isPermission reports whether a word names a permission in the current rule's class.
func (s *scanner) isPermission(word string) bool {
	m := s.mode
	switch word {
	case "listen", "accept", "connect", "getopt", "setopt", "shutdown":
		return m == modeUnix || m == modeNetwork
	case "create", "getattr", "setattr":
		return m == modeUnix || m == modeNetwork || m == modeMqueue
	case "open", "delete":
		return m == modeMqueue
	case "bind":
		return m == modeDbus || m == modeUnix || m == modeNetwork
	case "eavesdrop":
		return m == modeDbus
	case "send", "receive":
		return m == modeDbus || m == modeSignal || m == modeUnix || m == modeNetwork
	case "trace", "readby", "tracedby":
		return m == modePtrace
	case "read", "write":
		return m != modeMount
	}
	return false
}
