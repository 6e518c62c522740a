package syntax

import (
	"fmt"
	"strings"
)

// Error is one thing wrong with policy text.
type Error struct {
	Pos Pos
	// Message says what is wrong; no final full stop.
	Message string
	// Hint says what to write instead; may be empty.
	Hint string
	// Line is the source line at Pos, without its line end; may be empty.
	Line string
	// Includes are the include statements that led to the file, the nearest first; nil for the main file.
	Includes []Pos
}

// Error returns "file:line:col: message (hint)", with the includes that led to the file.
func (e *Error) Error() string {
	s := e.Pos.String() + ": " + e.Message
	for _, p := range e.Includes {
		s += ", included from " + p.String()
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Format implements fmt.Formatter: %+v adds the source line with a caret under the place.
func (e *Error) Format(f fmt.State, verb rune) {
	fmt.Fprint(f, e.Error())
	if verb == 'v' && f.Flag('+') && e.Line != "" {
		fmt.Fprint(f, "\n", e.caret())
	}
}

// caret returns the source line and a line with a caret below it. Tabs stay tabs, so that the caret stands right.
func (e *Error) caret() string {
	const most = 200 // a line longer than this is cut around the place
	line, col := e.Line, e.Pos.Col-1
	if col > len(line) {
		col = len(line)
	}
	if col < 0 {
		col = 0
	}
	if len(line) > most {
		from := max(0, col-most/2)
		line = line[from:min(len(line), from+most)]
		col -= from
	}
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		if c := line[i]; c < ' ' && c != '\t' || c == 0x7f {
			b.WriteByte('?')
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('\n')
	for i := 0; i < col; i++ {
		switch c := line[i]; {
		case c == '\t':
			b.WriteByte('\t')
		case c&0xc0 != 0x80: // one column per character, not per byte
			b.WriteByte(' ')
		}
	}
	b.WriteByte('^')
	return b.String()
}

// ErrorList is the errors of one file or policy, in source order.
type ErrorList []*Error

// Error returns all errors, one a line.
func (l ErrorList) Error() string {
	var b strings.Builder
	for i, e := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

// Format implements fmt.Formatter: %+v shows each error with its source line.
func (l ErrorList) Format(f fmt.State, verb rune) {
	for i, e := range l {
		if i > 0 {
			fmt.Fprintln(f)
		}
		e.Format(f, verb)
	}
}

// Unwrap returns the errors one by one, for errors.As and errors.Is.
func (l ErrorList) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// Err returns l as an error, or nil when it is empty.
func (l ErrorList) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// LineAt returns line n (from 1) of the text the file was parsed from, or "".
func (f *File) LineAt(n int) string {
	rest := f.src
	for ; n > 1; n-- {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			return ""
		}
		rest = rest[i+1:]
	}
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return strings.TrimSuffix(rest, "\r")
}
