package strictjson

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Error is one thing wrong with a JSON input. The message is complete in itself; %+v adds the source line with a caret.
type Error struct {
	Pointer string // JSON pointer (RFC 6901) of the value, "" for the whole input
	Offset  int    // byte offset in the input, from 0
	Line    int    // line, from 1
	Column  int    // byte within the line, from 1
	Msg     string // what is wrong, and what to write instead where that is known
	Err     error  // what Msg was made from, nil if it stands alone

	source string // the line, shortened
	caret  int    // position of the caret within source
}

// Error formats e as "line:column: pointer: message".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	}
	if e.Pointer != "" {
		b.WriteString(printable([]byte(e.Pointer)) + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Format prints the message, and for %+v the source line with a caret under the place.
func (e *Error) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(f, "%q", e.Error())
		return
	}
	_, _ = io.WriteString(f, e.Error())
	if verb == 'v' && f.Flag('+') && e.source != "" {
		fmt.Fprintf(f, "\n\t%s\n\t%s^", e.source, strings.Repeat(" ", e.caret))
	}
}

// Errors is every error found in one input, in the order of their places. It unwraps to its elements.
type Errors []*Error

// Error joins the messages, one a line.
func (es Errors) Error() string {
	msgs := make([]string, len(es))
	for i, e := range es {
		msgs[i] = e.Error()
	}
	return strings.Join(msgs, "\n")
}

// Unwrap returns the elements, for errors.As.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Format prints the messages one a line; %+v adds each source line with a caret.
func (es Errors) Format(f fmt.State, verb rune) {
	for i, e := range es {
		if i > 0 {
			_, _ = io.WriteString(f, "\n")
		}
		e.Format(f, verb)
	}
}

const (
	snippetBefore = 60 // bytes of the source line shown before the caret
	snippetAfter  = 40 // and after it
)

// newError locates off in src and builds the error.
func newError(src []byte, off int, pointer, msg string) *Error {
	off = min(off, len(src))
	start := bytes.LastIndexByte(src[:off], '\n') + 1
	end := len(src)
	if i := bytes.IndexByte(src[off:], '\n'); i >= 0 {
		end = off + i
	}
	from, to := max(start, off-snippetBefore), min(end, off+snippetAfter)
	source := printable(src[from:to])
	return &Error{
		Pointer: pointer, Offset: off,
		Line: 1 + bytes.Count(src[:off], []byte{'\n'}), Column: off - start + 1,
		Msg: msg, source: source, caret: utf8.RuneCountInString(printable(src[from:off])),
	}
}

// printable replaces what would disturb a terminal or move the caret.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(b), "?"))
}

// quote shows hostile text in a message: escaped, and cut at a length a person still reads.
func quote(s string) string {
	const limit = 60
	if len(s) > limit {
		return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:limit], "?"))
	}
	return fmt.Sprintf("%q", s)
}

// prefixed is an Errors with the name of the package that hands it out.
type prefixed struct {
	prefix string
	Errors
}

// Prefix puts prefix before the message of what Parse and Document.Err return, keeping what %+v prints.
func Prefix(prefix string, err error) error {
	if es, ok := err.(Errors); ok {
		return &prefixed{prefix, es}
	}
	return fmt.Errorf("%s%w", prefix, err)
}

func (p *prefixed) Error() string { return p.prefix + p.Errors.Error() }

func (p *prefixed) Unwrap() error { return p.Errors }

func (p *prefixed) Format(f fmt.State, verb rune) {
	_, _ = io.WriteString(f, p.prefix)
	p.Errors.Format(f, verb)
}
