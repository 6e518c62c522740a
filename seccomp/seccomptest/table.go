package seccomptest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/seccomp"
)

// Limits of a table; a longer one is an error.
const (
	MaxTable = 1 << 20 // bytes
	MaxLine  = 1 << 12 // bytes
)

// Line is one line of a table: calls, and what must happen to them.
type Line struct {
	Number int           // from 1
	Text   string        // as written, without comment and surrounding space
	Arch   seccomp.Arch  // the ABI
	Nr     uint32        // the call's number there
	Args   []seccomp.Arg // the arguments that are given; the others are free
	Want   seccomp.Action
}

// SyntaxError is a fault in a table.
type SyntaxError struct {
	Line, Column int    // from 1; the column counts bytes
	Source       string // the line
	Message      string // what is wrong and what to write
}

// Error returns the place, the message, and the line with a caret below the place.
func (e *SyntaxError) Error() string {
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, e.Source[:min(e.Column-1, len(e.Source))])
	return fmt.Sprintf("table line %d, column %d: %s\n\t%s\n\t%s^", e.Line, e.Column, e.Message, e.Source, indent)
}

// Parse reads a table. The error joins a *SyntaxError for each faulty line; the lines that are well-formed are returned with it.
func Parse(table string) ([]Line, error) {
	if len(table) > MaxTable {
		return nil, fmt.Errorf("seccomptest: a table of %d bytes: %w (at most %d)", len(table), seccomp.ErrTooLarge, MaxTable)
	}
	var lines []Line
	var errs []error
	number := 0
	for text := range strings.SplitSeq(table, "\n") {
		number++
		s := scanner{line: number, src: strings.TrimRight(text, " \t\r")}
		if len(text) > MaxLine {
			s.src = s.src[:40]
			errs = append(errs, s.fail(0, fmt.Sprintf("the line is longer than %d bytes", MaxLine)))
			continue
		}
		line, err := s.parse()
		switch {
		case err != nil:
			errs = append(errs, err)
		case line != nil:
			lines = append(lines, *line)
		}
	}
	return lines, errors.Join(errs...)
}

// A scanner reads one line.
type scanner struct {
	line int
	src  string
	pos  int
}

func (s *scanner) fail(pos int, message string) error {
	return &SyntaxError{Line: s.line, Column: pos + 1, Source: s.src, Message: message}
}

// space skips blanks, and a comment to the end of the line.
func (s *scanner) space() {
	for s.pos < len(s.src) && (s.src[s.pos] == ' ' || s.src[s.pos] == '\t') {
		s.pos++
	}
	if s.pos < len(s.src) && s.src[s.pos] == '#' {
		s.pos = len(s.src)
	}
}

// word reads up to a blank or one of the characters that separate; it may be empty.
func (s *scanner) word() (text string, pos int) {
	s.space()
	pos = s.pos
	for s.pos < len(s.src) && !strings.ContainsRune(" \t#(),|", rune(s.src[s.pos])) {
		s.pos++
	}
	return s.src[pos:s.pos], pos
}

// accept consumes c if it comes next.
func (s *scanner) accept(c byte) bool {
	s.space()
	if s.pos < len(s.src) && s.src[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// parse reads the line; nil without an error is an empty one.
func (s *scanner) parse() (*Line, error) {
	s.space()
	if s.pos == len(s.src) {
		return nil, nil
	}
	l := &Line{Number: s.line}
	start := s.pos
	name, pos := s.word()
	var ok bool
	if l.Arch, ok = seccomp.ParseArch(name); !ok {
		return nil, s.fail(pos, fmt.Sprintf("%q is no ABI; write one such as %v, 386 or arm64", name, seccomp.AMD64))
	}
	if err := s.call(l); err != nil {
		return nil, err
	}
	if err := s.args(l); err != nil {
		return nil, err
	}
	if err := s.action(l); err != nil {
		return nil, err
	}
	end := s.pos
	if s.space(); s.pos != len(s.src) {
		return nil, s.fail(s.pos, "nothing may follow the action but a comment")
	}
	l.Text = s.src[start:end]
	return l, nil
}

// call reads the call's name or number.
func (s *scanner) call(l *Line) error {
	name, pos := s.word()
	if name == "" {
		return s.fail(pos, "write a call, such as openat(_, _, O_RDONLY)")
	}
	if nr, ok := l.Arch.Number(name); ok {
		l.Nr = nr
		return nil
	}
	if name[0] < '0' || name[0] > '9' {
		return s.fail(pos, fmt.Sprintf("%v has no call %q", l.Arch, name))
	}
	nr, err := strconv.ParseUint(name, 0, 32)
	if err != nil {
		return s.fail(pos, fmt.Sprintf("%q is no call number", name))
	}
	l.Nr = uint32(nr)
	return nil
}

// args reads the arguments in their parentheses.
func (s *scanner) args(l *Line) error {
	if !s.accept('(') {
		return s.fail(s.pos, "a call needs parentheses; () leaves every argument free")
	}
	if s.accept(')') {
		return nil
	}
	for index := uint(0); ; index++ {
		s.space()
		if index == seccomp.MaxArgs {
			return s.fail(s.pos, fmt.Sprintf("a call has at most %d arguments", seccomp.MaxArgs))
		}
		if err := s.arg(l, index); err != nil {
			return err
		}
		if s.accept(')') {
			return nil
		}
		if !s.accept(',') {
			return s.fail(s.pos, "expected , or ) after an argument")
		}
	}
}

// arg reads one argument: _ or values joined by |.
func (s *scanner) arg(l *Line, index uint) error {
	var value uint64
	for first := true; ; first = false {
		text, pos := s.word()
		if text == "" {
			return s.fail(pos, "an argument is missing; write _ for any value")
		}
		if text == "_" {
			if !first {
				return s.fail(pos, "_ cannot be joined with a value")
			}
			return nil
		}
		v, err := s.value(l.Arch, text, pos)
		if err != nil {
			return err
		}
		value |= v
		if !s.accept('|') {
			break
		}
	}
	a := seccomp.Arg{Index: index, Op: seccomp.EQ, Value: value}
	if l.Arch.Bits() == 32 {
		a.Width, a.Value = seccomp.Width32, value&0xffff_ffff
	}
	l.Args = append(l.Args, a)
	return nil
}

// value reads a number or a constant. A 32-bit ABI's must fit, as a signed or an unsigned number.
func (s *scanner) value(arch seccomp.Arch, text string, pos int) (uint64, error) {
	v, err := strconv.ParseUint(text, 0, 64)
	if text[0] == '-' {
		var signed int64
		signed, err = strconv.ParseInt(text, 0, 64)
		v = uint64(signed)
	}
	if err != nil {
		var ok, known bool
		if v, ok, known = lookup(arch, text); known && !ok {
			return 0, s.fail(pos, fmt.Sprintf("the value of %s on %v is not known here; write the number", text, arch))
		}
		if !known {
			return 0, s.fail(pos, fmt.Sprintf("%q is no number and no constant known here; write the number", text))
		}
	}
	if arch.Bits() == 32 && v>>32 != 0 && v < -1<<31&(1<<64-1) {
		return 0, s.fail(pos, fmt.Sprintf("%s does not fit in an argument of %v, which has 32 bits", text, arch))
	}
	return v, nil
}

// action reads the expected action and its data.
func (s *scanner) action(l *Line) error {
	name, pos := s.word()
	data, dataPos := s.word()
	if name == "" {
		return s.fail(pos, "write the expected action, such as allow or errno EPERM")
	}
	if data == "" {
		s.pos = min(s.pos, pos+len(name))
	}
	if name == "errno" && data != "" {
		if n, ok := l.Arch.ErrnoNumber(data); ok {
			data = strconv.Itoa(int(n))
		}
	}
	text := name
	if data != "" {
		text += " " + data
	}
	a, err := seccomp.ParseAction(text)
	switch {
	case err == nil:
		l.Want = a
		return nil
	case name == "errno" && data != "":
		return s.fail(dataPos, fmt.Sprintf("%q is no error of %v", data, l.Arch))
	}
	return s.fail(pos, err.Error())
}
