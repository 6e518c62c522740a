package strictjson

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the tokens of RFC 8259 from src.
type scanner struct {
	src []byte
	off int
}

func (s *scanner) space() {
	for s.off < len(s.src) {
		switch s.src[s.off] {
		case ' ', '\t', '\n', '\r':
			s.off++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end. A NUL byte in the input is no token either, so the two need no telling apart.
func (s *scanner) peek() byte {
	if s.off < len(s.src) {
		return s.src[s.off]
	}
	return 0
}

func (s *scanner) literal(text string) bool {
	if !bytes.HasPrefix(s.src[s.off:], []byte(text)) {
		return false
	}
	s.off += len(text)
	return true
}

func (s *scanner) digits() int {
	start := s.off
	for s.off < len(s.src) && s.src[s.off] >= '0' && s.src[s.off] <= '9' {
		s.off++
	}
	return s.off - start
}

// number reads the grammar of section 6; whether the number fits its field is decided where it is used.
func (p *parser) number(out *string) *Error {
	start := p.off
	p.literal("-")
	if p.peek() == '0' {
		p.off++
		if p.digits() > 0 {
			return p.errorf(start, "a number must not begin with 0; octal and hexadecimal are not JSON")
		}
	} else if p.digits() == 0 {
		return p.unexpected("a digit")
	}
	if p.literal(".") && p.digits() == 0 {
		return p.unexpected("a digit")
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.off++
		if c := p.peek(); c == '+' || c == '-' {
			p.off++
		}
		if p.digits() == 0 {
			return p.unexpected("a digit")
		}
	}
	*out = string(p.src[start:p.off])
	return nil
}

// text reads a string. The common case, no escapes, copies once.
func (p *parser) text(out *string) *Error {
	p.off++ // the quote
	start := p.off
	var buf []byte
	for p.off < len(p.src) {
		switch c := p.src[p.off]; {
		case c == '"':
			buf = append(buf, p.src[start:p.off]...)
			p.off++
			*out = string(buf)
			return nil
		case c == '\\':
			buf = append(buf, p.src[start:p.off]...)
			r, err := p.escape()
			if err != nil {
				return err
			}
			buf = utf8.AppendRune(buf, r)
			start = p.off
		case c < ' ':
			return p.errorf(p.off, "control character %#02x in a string; write it as an escape", c)
		case c < utf8.RuneSelf:
			p.off++
		default:
			r, size := utf8.DecodeRune(p.src[p.off:])
			if r == utf8.RuneError && size == 1 {
				return p.errorf(p.off, "string is not valid UTF-8")
			}
			p.off += size
		}
	}
	return p.errorf(start-1, "string has no closing quote")
}

func (p *parser) escape() (rune, *Error) {
	at := p.off
	p.off += 2
	if p.off > len(p.src) {
		return 0, p.errorf(at, "string has no closing quote")
	}
	switch c := p.src[at+1]; c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, ok := p.hex4()
		if utf16.IsSurrogate(r) && ok {
			ok = p.literal(`\u`)
			if ok {
				var low rune
				low, ok = p.hex4()
				r = utf16.DecodeRune(r, low)
				ok = ok && r != utf8.RuneError
			}
		}
		if !ok {
			return 0, p.errorf(at, "bad \\u escape; it takes four hexadecimal digits, and a surrogate its other half")
		}
		return r, nil
	}
	return 0, p.errorf(at, "unknown escape in a string")
}

func (p *parser) hex4() (rune, bool) {
	if p.off+4 > len(p.src) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(p.src[p.off:p.off+4]), 16, 16)
	p.off += 4
	return rune(v), err == nil
}
