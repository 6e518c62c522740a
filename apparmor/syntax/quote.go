package syntax

import "strings"

// Quote returns text such that the scanner reads it back as exactly one string with the value s: as it is when that is
// safe anywhere in policy, else in double quotes with the necessary escapes. No s can end a rule or start another one.
//
// Words are quoted too, because rules have words of their own; FormatStmt knows when that is not needed.
//
// The value is the one after the scanner's own unescaping, so a backslash in s is the escape of patterns: Quote(`/a\*b`)
// names a file with an asterisk. To match arbitrary text literally, escape it first with EscapeGlob.
func Quote(s string) string {
	if isBare(s) {
		return s
	}
	return quote(s)
}

// quote puts s in double quotes. No backslash ever stands before a quote: the scanner would look for a later one.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) && s[i+1] != '"' && s[i+1] >= ' ' && s[i+1] != 0x7f {
			if i++; s[i] == '\\' && i+1 == len(s) {
				writeOctal(&b, '\\')
				break
			}
			b.WriteByte('\\')
			b.WriteByte(s[i])
			continue
		}
		switch {
		case c == '\\' && i+1 < len(s): // what it escapes is written in octal below
		case c == '"' || c < ' ' || c == 0x7f || c == '\\':
			writeOctal(&b, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func writeOctal(b *strings.Builder, c byte) {
	b.WriteByte('\\')
	b.WriteByte('0' + c>>6)
	b.WriteByte('0' + c>>3&7)
	b.WriteByte('0' + c&7)
}

// EscapeGlob returns a pattern that matches s and nothing else: the characters with a meaning in patterns or variables
// get a backslash.
func EscapeGlob(s string) string {
	if !strings.ContainsAny(s, `*?[]{}^,\@`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*', '?', '[', ']', '{', '}', '^', ',', '\\', '@':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// isBare reports whether s can stand unquoted in every place of the grammar that takes a string: it is a path of
// characters without a meaning of their own.
func isBare(s string) bool {
	if s == "" || s[0] != '/' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !is(c, clWord) && c != '/' && c != '.' && c != '-' && c != '*' && c != '?' {
			return false
		}
	}
	return true
}
