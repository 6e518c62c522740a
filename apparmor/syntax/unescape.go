package syntax

import "strings"

// unescape returns the value of a word or quoted string as apparmor_parser's scanner hands it on: quotes removed, escapes for
// ordinary characters replaced by the character, escapes that matter to patterns kept in their shortest form ("\052" is
// "\*"). \000 stays as written. Text without a backslash is shared, not copied.
func unescape(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:i])
	for i < len(s) {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		c, n := escape(s[i+1:])
		switch {
		case n == 0:
			b.WriteByte('\\')
			i++
			continue
		case c == 0:
			b.WriteString(s[i : i+1+n])
		case strings.IndexByte(`*?[]{}^,\`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
		i += 1 + n
	}
	return b.String()
}

// escape reads an escape sequence, the text after its backslash: the character it stands for and the length it takes, or
// length 0 when it is none.
func escape(s string) (c byte, n int) {
	if s == "" {
		return 0, 0
	}
	switch s[0] {
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return number(s, 0, 8, 3)
	case 'd':
		return number(s, 1, 10, 3)
	case 'x':
		return number(s, 1, 16, 2)
	case '\\', '"':
		return s[0], 1
	case 'a':
		return '\a', 1
	case 'e':
		return 0x1b, 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	}
	return 0, 0
}

// number reads up to max digits from s[start:], as far as the value fits a byte.
func number(s string, start, base, max int) (c byte, n int) {
	val := 0
	i := start
	for ; i < len(s) && i < start+max; i++ {
		d := digit(s[i])
		if d >= base || val*base+d > 255 {
			break
		}
		val = val*base + d
	}
	if i == start {
		return 0, 0
	}
	return byte(val), i
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'Z':
		return int(c-'A') + 10
	}
	return 99
}
