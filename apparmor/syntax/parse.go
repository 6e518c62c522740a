package syntax

import (
	"fmt"
	"strings"
)

// Parse reads one policy file. Name is for positions only; nothing is opened.
//
// On bad input the error is an ErrorList, and the file is still returned: it holds what could be read, and a Bad statement
// wherever the parser had to skip to the next rule. Print of it is src again.
func Parse(name string, src []byte) (*File, error) { return ParseString(name, string(src)) }

// ParseString is Parse for text that is a string already.
func ParseString(name, src string) (*File, error) {
	f := &File{Name: name, src: src}
	if len(src) > MaxFileSize {
		f.End = src
		return f, ErrorList{{Pos: Pos{File: name, Line: 1, Col: 1}, Message: fmt.Sprintf("file of %d bytes is larger than the limit of %d", len(src), MaxFileSize)}}
	}
	p := &parser{file: f, s: scanner{src: src}, line: 1}
	p.tok = p.s.next()
	f.Stmts, f.End = p.stmts(false)
	return f, p.errs.Err()
}

// parser is a recursive descent over the scanner's tokens with one token of lookahead.
type parser struct {
	file *File
	s    scanner
	tok  token
	end  int // end of the last token consumed
	mark int // end of the last text that belongs to a node

	stmtStart int // where the statement being read begins

	depth   int
	stopped bool // too many errors, or nested too deeply
	errs    ErrorList

	// Position of the last call of pos; offsets mostly grow, so lines are counted on from here.
	line, lineStart, lineOff int
}

// bailout unwinds to the statement being parsed; the error is already in p.errs.
type bailout struct{}

func (p *parser) advance() {
	p.end = p.tok.end
	p.tok = p.s.next()
}

// text returns the value of a token: unescaped, unless it is a variable.
func (p *parser) text(t token) string {
	s := p.s.src[t.start:t.end]
	if t.kind == tokSetVar || t.kind == tokBoolVar {
		return s
	}
	return unescape(s)
}

// pos returns the position of an offset. The cost is that of the way from the last one, forth or back: a statement gets its
// position after its parts have theirs, and must not count the whole file for it.
func (p *parser) pos(off int) Pos {
	if off < p.lineOff {
		if n := strings.Count(p.s.src[off:p.lineOff], "\n"); n > 0 {
			p.line -= n
			p.lineStart = strings.LastIndexByte(p.s.src[:off], '\n') + 1
		}
		p.lineOff = off
	}
	for {
		i := strings.IndexByte(p.s.src[p.lineOff:off], '\n')
		if i < 0 {
			break
		}
		p.line++
		p.lineOff += i + 1
		p.lineStart = p.lineOff
	}
	p.lineOff = off
	return Pos{File: p.file.Name, Line: p.line, Col: off - p.lineStart + 1, Offset: off}
}

// fail records an error at an offset and gives up on the statement.
func (p *parser) fail(off int, message, hint string) {
	p.report(off, message, hint)
	panic(bailout{})
}

func (p *parser) report(off int, message, hint string) {
	pos := p.pos(off)
	if n := len(p.errs); n > 0 && p.errs[n-1].Pos.Offset == off {
		return // one error a place is enough
	}
	p.errs = append(p.errs, &Error{Pos: pos, Message: message, Hint: hint, Line: p.file.LineAt(pos.Line)})
	if len(p.errs) >= MaxErrors {
		p.stopped = true
	}
}

// unexpected gives up on the statement because of the current token.
func (p *parser) unexpected(want, hint string) {
	p.fail(p.tok.start, fmt.Sprintf("%s, expected %s", p.describe(), want), hint)
}

// describe names the current token for an error message.
func (p *parser) describe() string {
	t := p.tok
	if t.kind == tokEOF {
		return "file ends"
	}
	s := p.s.src[t.start:t.end]
	if t.kind == tokIllegal {
		return p.describeIllegal(s)
	}
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return fmt.Sprintf("found %q", s)
}

func (p *parser) describeIllegal(s string) string {
	switch {
	case s == "#" && strings.IndexByte(p.s.src[p.tok.start:], '\n') < 0:
		return "comment is cut off by the end of the file, without a line end"
	case s == "#":
		return `found "#" where no comment may stand`
	case s == `"`:
		return `found a quote that starts nothing valid here`
	case s == "\n", s == "\r":
		return "line ends"
	case len(s) > 1:
		return "found an include without a path"
	}
	return fmt.Sprintf("found character %q", s)
}

// expect consumes a token of the kind, or gives up.
func (p *parser) expect(k kind, want, hint string) token {
	if p.tok.kind != k {
		p.unexpected(want, hint)
	}
	t := p.tok
	p.advance()
	return t
}

// accept consumes a token if it is of the kind.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

// comma consumes the comma that ends a rule.
func (p *parser) comma() {
	if p.accept(tokComma) {
		return
	}
	if p.tok.kind == tokIllegal {
		p.unexpected(`"," at the end of the rule`, "")
	}
	p.fail(p.end, fmt.Sprintf(`missing "," at the end of the rule: %s`, p.describe()), `write "," here`)
}

// nest guards against deep nesting; call the result when done.
func (p *parser) nest() func() {
	if p.depth >= MaxDepth {
		p.report(p.tok.start, fmt.Sprintf("nested deeper than %d", MaxDepth), "")
		p.stopped = true
		panic(bailout{})
	}
	p.depth++
	return func() { p.depth-- }
}

// stmts reads statements up to the end of the file, or of the body: the closing brace is left for the caller.
func (p *parser) stmts(body bool) (list []Stmt, end string) {
	for !p.stopped {
		if p.tok.kind == tokEOF || body && p.tok.kind == tokRBrace {
			break
		}
		list = append(list, p.stmt(body))
	}
	if p.stopped {
		if rest := p.rest(); rest != nil {
			list = append(list, rest)
		}
	}
	end = p.s.src[p.mark:p.tok.start]
	p.mark = p.tok.start
	return list, end
}

// rest makes everything not read yet one bad statement, once the parser has given up on the file.
func (p *parser) rest() Stmt {
	from, to := p.mark, len(p.s.src)
	p.tok = token{kind: tokEOF, start: to, end: to}
	p.s.reset(to)
	p.mark, p.end = to, to
	if from == to {
		return nil
	}
	return &Bad{Node{Pos: p.pos(from), text: p.s.src[from:], stop: to}}
}

// stmt reads one statement. If it is not policy, the result is a Bad that reaches to where reading can go on.
func (p *parser) stmt(body bool) (st Stmt) {
	start, mark, depth, nerr := p.tok.start, p.mark, p.depth, len(p.errs)
	pos := p.pos(start) // before what follows: positions are cheap only in order
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bailout); !ok {
				panic(r)
			}
			p.depth, p.mark = depth, mark
			st = p.recoverStmt(pos, p.errs[nerr:])
		}
	}()
	p.stmtStart = start
	st = p.statement(body)
	n := st.Base()
	n.Pos = pos
	n.Before = p.s.src[mark:start]
	if n.text == "" {
		n.text = p.s.src[start:p.end]
	}
	p.after(n)
	n.stop = p.mark
	return st
}

// after moves the comment behind a statement into its node.
func (p *parser) after(n *Node) {
	if p.mark > p.end {
		return // an unclosed body took everything
	}
	p.mark = p.end
	rest := p.s.src[p.end:p.tok.start]
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case ' ', '\t':
			continue
		case '#':
			if eol := strings.IndexByte(rest[i:], '\n'); eol >= 0 {
				n.After = strings.TrimSuffix(rest[:i+eol], "\r")
				p.mark += len(n.After)
			}
		}
		return
	}
}

// recoverStmt skips to the next rule after an error and returns what was skipped.
func (p *parser) recoverStmt(pos Pos, errs ErrorList) Stmt {
	start := pos.Offset
	from := max(start, p.tok.start)
	if n := len(errs); n > 0 {
		from = max(start, min(from, errs[n-1].Pos.Offset))
	}
	to := p.sync(from)
	if to <= start {
		to = start + 1
	}
	to = min(to, len(p.s.src))
	b := &Bad{Node{Pos: pos, Before: p.s.src[p.mark:start], text: p.s.src[start:to], stop: to}}
	p.s.reset(to)
	p.mark, p.end = to, to
	p.tok = p.s.next()
	return b
}

// sync finds where reading can go on after an error: behind the next comma that ends a line or word, before the next brace
// that stands alone, or at the end of a line that a line starting a new statement follows.
func (p *parser) sync(i int) int {
	src := p.s.src
	spaceAt := func(j int) bool { return j < 0 || j >= len(src) || is(src[j], clSpace) }
	for ; i < len(src); i++ {
		switch src[i] {
		case ',':
			if spaceAt(i+1) || src[i+1] == '#' {
				return i + 1
			}
		case '{', '}':
			if spaceAt(i-1) && spaceAt(i+1) {
				return i
			}
		case '\n':
			if j := p.s.skipBlank(i + 1); j < len(src) && p.startsStatement(j) {
				return i
			}
		}
	}
	return i
}

// startsStatement reports whether the line at i begins like no continuation would.
func (p *parser) startsStatement(i int) bool {
	switch c := p.s.src[i]; c {
	case '/', '@', '$', '}', '#':
		return true
	default:
		end := p.s.matchName(i)
		if end == i {
			return false
		}
		switch word := p.s.src[i:end]; word {
		case "profile", "hat", "include":
			return true
		default:
			k := keyword(word)
			return k >= kwAbi && k != kwIn && k != kwAnd && k != kwOr && k != kwNot && k != kwDefined
		}
	}
}
