package dfa

import "strings"

// MaxAlternationDepth bounds the nesting of {a,b} in a glob, as apparmor_parser does.
const MaxAlternationDepth = 50

// MaxPattern is the longest glob or expression accepted, in bytes. Variables are expanded by then.
const MaxPattern = 1 << 20

// GlobKind selects what a wildcard may match.
type GlobKind uint8

const (
	// GlobPath is for paths, labels and names: no wildcard matches NUL, which separates the fields of a match.
	GlobPath GlobKind = iota
	// GlobNull is for abstract socket addresses and extended attributes, where NUL is data.
	GlobNull
)

// Glob translates an AppArmor glob into the expression notation of Parse.
//
//   - any run of characters that are not '/'
//     **      any run of characters
//     ?       one character that is not '/'
//     [a-z]   one character of the class, [^a-z] one that is not in it
//     {a,b}   either; may nest
//     \       takes the next character literally; \000 \x00 \d000 name a byte
//
// A * or ** that fills a whole path component (after '/', and before '/' or the end) matches at least one character.
// The notation and these rules are those of apparmor.d(5), section "Globbing (AARE)", where it is silent those of apparmor_parser.
func Glob(glob string, kind GlobKind) (string, error) {
	if len(glob) > MaxPattern {
		return "", &SyntaxError{Pattern: glob, Offset: MaxPattern, Msg: "pattern is too long"}
	}
	g := globber{src: glob, one: `[^/\x00]`, many: `[^\x00]*`}
	if kind == GlobNull {
		g.one, g.many = `[^/]`, `.*`
	}
	g.out.Grow(len(glob) + 16)
	for g.pos = 0; g.pos < len(glob); g.pos++ {
		if err := g.step(); err != nil {
			return "", err
		}
	}
	if len(g.groups) > 0 {
		return "", g.fail("{ without a closing }")
	}
	if g.class {
		return "", g.fail("[ without a closing ]")
	}
	return g.out.String(), nil
}

type globber struct {
	src    string
	pos    int
	out    strings.Builder
	last   byte  // last byte written
	groups []int // commas seen in each open {}
	class  bool  // inside [ ]
	one    string
	many   string
}

func (g *globber) fail(msg string) error {
	return &SyntaxError{Pattern: g.src, Offset: g.pos, Msg: msg}
}

func (g *globber) write(s string) {
	g.out.WriteString(s)
	g.last = s[len(s)-1]
}

func (g *globber) step() error {
	c := g.src[g.pos]
	switch c {
	case '\\':
		return g.escape()
	case '*':
		g.star()
	case '?':
		g.write(g.oneChar())
	case '[':
		g.class = true
		g.write("[")
	case ']':
		if !g.class {
			return g.fail("] without an opening [")
		}
		g.class = false
		g.write("]")
	case '{', '}', ',':
		return g.alternation(c)
	case '^', '$':
		if g.class {
			g.write(string(rune(c)))
		} else {
			g.write(`\` + string(rune(c)))
		}
	case '.', '+', '|', '(', ')':
		g.write(`\` + string(rune(c)))
	default:
		g.out.WriteByte(c)
		g.last = c
	}
	return nil
}

// oneChar is what ? stands for; it never matches NUL, whatever the kind.
func (g *globber) oneChar() string { return `[^/\x00]` }

func (g *globber) star() {
	if g.last == '/' {
		rest := strings.TrimLeft(g.src[g.pos:], "*")
		if rest == "" || rest[0] == '/' {
			g.write(g.one)
		}
	}
	if strings.HasPrefix(g.src[g.pos+1:], "*") {
		g.pos++
		g.write(g.many)
		return
	}
	g.write(g.one + "*")
}

func (g *globber) alternation(c byte) error {
	if g.class {
		g.write(string(rune(c)))
		return nil
	}
	n := len(g.groups)
	switch c {
	case '{':
		if n+1 >= MaxAlternationDepth {
			return g.fail("{} nested too deeply")
		}
		g.groups = append(g.groups, 0)
		g.write("(")
	case '}':
		if n == 0 {
			return g.fail("} without an opening {")
		}
		if g.groups[n-1] == 0 {
			return g.fail("{} needs at least two alternatives separated by a comma")
		}
		g.groups = g.groups[:n-1]
		g.write(")")
	case ',':
		if n == 0 {
			g.write(",")
			return nil
		}
		g.groups[n-1]++
		g.write("|")
	}
	return nil
}

// escape handles a backslash: the characters that are special in a glob stay escaped for Parse, byte escapes are
// passed on, and a backslash before an ordinary character is dropped.
func (g *globber) escape() error {
	g.pos++
	if g.pos == len(g.src) {
		return g.fail("trailing backslash")
	}
	c := g.src[g.pos]
	switch c {
	case '\\', '*', '[', ']', '{', '}', '^', '$':
		g.write(`\` + string(rune(c)))
	case '?':
		g.write("?")
	case ',':
		if g.class {
			g.write(`\,`)
		} else {
			g.write(",")
		}
	case '.', '+', '|', '(', ')':
		g.write(`\` + string(rune(c)))
	default:
		if _, n := byteEscape(g.src[g.pos:]); n > 0 {
			g.write(`\` + g.src[g.pos:g.pos+n])
			g.pos += n - 1
			return nil
		}
		g.out.WriteByte(c)
		g.last = c
	}
	return nil
}

// byteEscape decodes what follows a backslash when it names a byte: ooo octal, dDDD decimal, xHH hexadecimal, or one
// of \ " a e f n r t. It returns the byte and the length consumed, 0 when this is no such escape.
func byteEscape(s string) (byte, int) {
	if s == "" {
		return 0, 0
	}
	if '0' <= s[0] && s[0] <= '7' {
		return number(s, 8, 3)
	}
	base, digits := 0, 0
	switch s[0] {
	case '\\', '"':
		return s[0], 1
	case 'a':
		return 7, 1
	case 'e':
		return 27, 1
	case 'f':
		return 12, 1
	case 'n':
		return 10, 1
	case 'r':
		return 13, 1
	case 't':
		return 9, 1
	case 'd':
		base, digits = 10, 3
	case 'x':
		base, digits = 16, 2
	default:
		return 0, 0
	}
	b, n := number(s[1:], base, digits)
	if n == 0 {
		return 0, 0
	}
	return b, n + 1
}

// number reads at most digits digits of the base, stopping before the value would exceed a byte.
func number(s string, base, digits int) (byte, int) {
	v, n := 0, 0
	for n < len(s) && n < digits {
		d := digit(s[n])
		if d >= base || v*base+d > 255 {
			break
		}
		v = v*base + d
		n++
	}
	return byte(v), n
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return 255
}
