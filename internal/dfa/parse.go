package dfa

import "strings"

// op is the kind of an expression node.
type op uint8

const (
	opEmpty op = iota // matches the empty string
	opLit             // the bytes of lit, in order
	opSet             // one byte of set
	opCat             // sub in order
	opAlt             // any one of sub
	opStar            // sub[0], zero or more times
	opPlus            // sub[0], one or more times
)

// Expr is a parsed expression. It is immutable and may be added to any number of builders.
type Expr struct {
	op  op
	lit string
	set Set
	sub []*Expr
	key string // source text, which identifies the meaning; set for opAlt, opStar, opPlus
}

// maxGroupDepth bounds the nesting of parentheses, so that recursion is bounded.
const maxGroupDepth = 4 * MaxAlternationDepth

// Parse reads an expression in the notation of AppArmor's policy compilers:
//
//	.       any byte          [a-z] [^a-z]  a byte of the class, or not of it
//	x* x+   repetition        (a|b)         alternation; an alternative may be empty
//	\xHH \dDDD \ooo \n ...    a byte        \*   a special character, literally
func Parse(src string) (*Expr, error) {
	if len(src) > MaxPattern {
		return nil, &SyntaxError{Pattern: src, Offset: MaxPattern, Msg: "pattern is too long"}
	}
	p := parser{src: src}
	e, err := p.alt(0)
	if err != nil {
		return nil, err
	}
	if p.pos < len(src) {
		return nil, p.fail("unexpected )")
	}
	return e, nil
}

// Exact reports whether the expression has no wildcard: no repetition and no class, only literals and alternatives of
// literals. AppArmor lets such a rule's exec transition win over a wildcard's.
func (e *Expr) Exact() bool {
	switch e.op {
	case opSet, opStar, opPlus:
		return false
	}
	for _, s := range e.sub {
		if !s.Exact() {
			return false
		}
	}
	return true
}

// MinLen returns the length of the shortest string that matches, in bytes.
func (e *Expr) MinLen() int {
	n := 0
	switch e.op {
	case opLit:
		n = len(e.lit)
	case opSet:
		n = 1
	case opPlus:
		n = e.sub[0].MinLen()
	case opCat:
		for _, s := range e.sub {
			n += s.MinLen()
		}
	case opAlt:
		n = e.sub[0].MinLen()
		for _, s := range e.sub[1:] {
			n = min(n, s.MinLen())
		}
	}
	return n
}

type parser struct {
	src string
	pos int
}

func (p *parser) fail(msg string) error {
	return &SyntaxError{Pattern: p.src, Offset: p.pos, Msg: msg}
}

func (p *parser) alt(depth int) (*Expr, error) {
	if depth > maxGroupDepth {
		return nil, p.fail("( ) nested too deeply")
	}
	start := p.pos
	var alts []*Expr
	for {
		e, err := p.cat(depth)
		if err != nil {
			return nil, err
		}
		alts = append(alts, e)
		if p.pos == len(p.src) || p.src[p.pos] != '|' {
			break
		}
		p.pos++
	}
	if len(alts) == 1 {
		return alts[0], nil
	}
	return &Expr{op: opAlt, sub: alts, key: p.src[start:p.pos]}, nil
}

func (p *parser) cat(depth int) (*Expr, error) {
	var items []*Expr
	var run strings.Builder
	flush := func() {
		if run.Len() > 0 {
			items = append(items, &Expr{op: opLit, lit: run.String()})
			run.Reset()
		}
	}
	for p.pos < len(p.src) && p.src[p.pos] != '|' && p.src[p.pos] != ')' {
		start := p.pos
		e, b, err := p.term(depth)
		if err != nil {
			return nil, err
		}
		rep := opEmpty
		if p.pos < len(p.src) {
			switch p.src[p.pos] {
			case '*':
				rep = opStar
			case '+':
				rep = opPlus
			}
		}
		if e == nil && rep == opEmpty {
			run.WriteByte(b)
			continue
		}
		flush()
		if e == nil {
			e = &Expr{op: opLit, lit: string([]byte{b})}
		}
		if rep != opEmpty {
			e = &Expr{op: rep, sub: []*Expr{e}, key: p.src[start:p.pos]}
			p.pos++
			if p.pos < len(p.src) && (p.src[p.pos] == '*' || p.src[p.pos] == '+') {
				return nil, p.fail("repetition of a repetition")
			}
		}
		items = append(items, e)
	}
	flush()
	switch len(items) {
	case 0:
		return &Expr{op: opEmpty}, nil
	case 1:
		return items[0], nil
	}
	return &Expr{op: opCat, sub: items}, nil
}

// term reads one term: an expression, or a literal byte when the expression is nil.
func (p *parser) term(depth int) (*Expr, byte, error) {
	c := p.src[p.pos]
	p.pos++
	switch c {
	case '*', '+':
		p.pos--
		return nil, 0, p.fail("nothing to repeat")
	case '.':
		return &Expr{op: opSet, set: AllBytes()}, 0, nil
	case '(':
		e, err := p.alt(depth + 1)
		if err != nil {
			return nil, 0, err
		}
		if p.pos == len(p.src) {
			return nil, 0, p.fail("( without a closing )")
		}
		p.pos++
		return e, 0, nil
	case '[':
		s, err := p.class()
		if err != nil {
			return nil, 0, err
		}
		return &Expr{op: opSet, set: s}, 0, nil
	case '\\':
		return nil, p.escaped(), nil
	}
	return nil, c, nil
}

// specials are the characters a backslash makes literal.
const specials = `*+.|^$-[](){}`

// escaped reads what follows a backslash. A backslash before anything unknown stands for itself.
func (p *parser) escaped() byte {
	rest := p.src[p.pos:]
	if b, n := byteEscape(rest); n > 0 {
		p.pos += n
		return b
	}
	if rest != "" && strings.IndexByte(specials, rest[0]) >= 0 {
		p.pos++
		return rest[0]
	}
	return '\\'
}

// class reads a character class after its opening bracket.
func (p *parser) class() (Set, error) {
	var s Set
	negate := false
	if p.peek() == '^' {
		negate = true
		p.pos++
	}
	for first := true; first || p.peek() != ']'; first = false {
		lo, err := p.classChar(first)
		if err != nil {
			return s, err
		}
		if p.peek() != '-' {
			s.Add(lo)
			continue
		}
		p.pos++
		hi, err := p.classChar(false)
		if err != nil {
			return s, err
		}
		s.AddRange(lo, hi)
	}
	p.pos++
	if negate {
		return s.Negate(), nil
	}
	return s, nil
}

// classChar reads one member of a class. A bracket or a minus is a member only in first place.
func (p *parser) classChar(first bool) (byte, error) {
	if p.pos == len(p.src) {
		return 0, p.fail("[ without a closing ]")
	}
	c := p.src[p.pos]
	if (c == ']' || c == '-') && !first {
		return 0, p.fail("misplaced " + string(rune(c)) + " in a character class")
	}
	p.pos++
	if c == '\\' {
		return p.escaped(), nil
	}
	return c, nil
}

func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}
