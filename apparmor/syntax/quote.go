package syntax

import "strings"

// Quote returns text such that the scanner reads it back as exactly one string with the value s: as it is when that is
// safe anywhere in policy, else in double quotes with the necessary escapes. No s can end a rule or start another one.
//
// The value is the one after the scanner's own unescaping, so a backslash in s is the glob escape: Quote(`/a\*b`) names a
// file with an asterisk. To match arbitrary text literally, escape it first with EscapeGlob.
func Quote(s string) string {
	if isBare(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			b.WriteString(`\042`)
		case c < ' ' || c == 0x7f:
			writeOctal(&b, c)
		case c == '\\' && i+1 < len(s):
			// The pair is one glob escape; keep it together.
			i++
			writeEscaped(&b, s[i])
		case c == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// writeEscaped writes a backslash and the character it escapes in a value.
func writeEscaped(b *strings.Builder, c byte) {
	switch {
	case c == '"':
		b.WriteString(`\\\042`)
	case c < ' ' || c == 0x7f:
		b.WriteString(`\\`)
		writeOctal(b, c)
	default:
		b.WriteByte('\\')
		b.WriteByte(c)
	}
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

// isBare reports whether s can stand unquoted in every place of the grammar: it is a path, a label or a word of characters
// without a meaning of their own.
func isBare(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '/' || c == '.' || c == '_' || c == '-' && i > 0 || c == '*' || c == '?' || c == '[' || c == ']':
		case c == '{' || c == '}' || c == ',' || c == '@' || c == ':' || c == '+' && i > 0:
			// Braces, commas and at-signs belong to paths only; a bare comma would end the rule.
			if s[0] != '/' || c == ',' && i+1 == len(s) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
