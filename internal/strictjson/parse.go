package strictjson

import (
	"fmt"
	"unicode/utf8"
)

// Kind is the type of a JSON value.
type Kind uint8

// The six kinds of RFC 8259.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String names the kind with its article, for messages.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

type node struct {
	kind  Kind
	off   int    // first byte of the value
	text  string // decoded string, or the literal of a number or boolean
	keys  []key  // of an object, parallel to elems
	elems []node
}

type key struct {
	name string
	off  int
}

// Document is a syntactically valid input, and the errors collected while it is read.
type Document struct {
	src     []byte
	root    node
	errs    Errors
	dropped int // errors beyond MaxErrors
	noNull  bool
}

// Parse checks data and returns it as a document. The error is an [Errors] with a single element: a limit exceeded, or
// the first error of syntax. Keys that occur twice are found here and reported by [Document.Err].
func Parse(data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, Errors{{Msg: fmt.Sprintf("input has %d bytes, more than the limit of %d", len(data), MaxSize)}}
	}
	d := &Document{src: data}
	p := parser{scanner: scanner{src: data}, doc: d}
	if err := p.document(&d.root); err != nil {
		return nil, Errors{err}
	}
	return d, nil
}

// parser is the recursive descent over the scanner's bytes.
type parser struct {
	scanner
	doc    *Document
	depth  int
	values int
	path   *path
}

func (p *parser) document(root *node) *Error {
	if len(p.src) >= 3 && string(p.src[:3]) == "\xef\xbb\xbf" {
		return p.errorf(0, "input begins with a byte order mark; remove it")
	}
	if err := p.value(root); err != nil {
		return err
	}
	p.space()
	if p.off < len(p.src) {
		return p.errorf(p.off, "data after the end of the value")
	}
	return nil
}

func (p *parser) value(n *node) *Error {
	p.space()
	if p.values++; p.values > MaxValues {
		return p.errorf(p.off, "more than %d values", MaxValues)
	}
	n.off = p.off
	switch c := p.peek(); {
	case c == '{':
		n.kind = Object
		return p.nested(n, p.object)
	case c == '[':
		n.kind = Array
		return p.nested(n, p.array)
	case c == '"':
		n.kind = String
		return p.text(&n.text)
	case c == '-' || c >= '0' && c <= '9':
		n.kind = Number
		return p.number(&n.text)
	}
	for _, lit := range [...]struct {
		text string
		kind Kind
	}{{"null", Null}, {"true", Bool}, {"false", Bool}} {
		if p.literal(lit.text) {
			n.kind, n.text = lit.kind, lit.text
			return nil
		}
	}
	return p.unexpected("a value")
}

func (p *parser) nested(n *node, read func(*node) *Error) *Error {
	if p.depth++; p.depth > MaxDepth {
		return p.errorf(p.off, "arrays and objects nested more than %d deep", MaxDepth)
	}
	p.off++ // the opening bracket
	outer := p.path
	err := read(n)
	p.path = outer
	p.depth--
	return err
}

func (p *parser) array(n *node) *Error {
	outer := p.path
	for p.space(); p.peek() != ']'; p.space() {
		if len(n.elems) > 0 {
			if !p.literal(",") {
				return p.unexpected(`"," or "]"`)
			}
		}
		p.path = &path{parent: outer, index: len(n.elems)}
		n.elems = append(n.elems, node{})
		if err := p.value(&n.elems[len(n.elems)-1]); err != nil {
			return err
		}
		p.path = outer
	}
	p.off++
	return nil
}

func (p *parser) object(n *node) *Error {
	outer := p.path
	var seen map[string]bool // only once the keys are too many to look through
	for p.space(); p.peek() != '}'; p.space() {
		if len(n.elems) > 0 {
			if !p.literal(",") {
				return p.unexpected(`"," or "}"`)
			}
			p.space()
		}
		k := key{off: p.off}
		if p.peek() != '"' {
			return p.unexpected("a key in double quotes")
		}
		if err := p.text(&k.name); err != nil {
			return err
		}
		p.path = &path{parent: outer, name: k.name, isKey: true}
		if n.hasKey(k.name, &seen) {
			p.doc.report(k.off, p.path, fmt.Sprintf("key %s occurs twice in one object", quote(k.name)))
		}
		p.space()
		if !p.literal(":") {
			return p.unexpected(`":"`)
		}
		n.keys = append(n.keys, k)
		n.elems = append(n.elems, node{})
		if err := p.value(&n.elems[len(n.elems)-1]); err != nil {
			return err
		}
		p.path = outer
	}
	p.off++
	return nil
}

// hasKey reports whether n has the key already. It searches a short list and keeps a set for a long one, so that an
// object of many keys does not cost their square.
func (n *node) hasKey(name string, seen *map[string]bool) bool {
	const few = 16
	if len(n.keys) < few {
		for _, k := range n.keys {
			if k.name == name {
				return true
			}
		}
		return false
	}
	if *seen == nil {
		*seen = make(map[string]bool)
		for _, k := range n.keys {
			(*seen)[k.name] = true
		}
	}
	had := (*seen)[name]
	(*seen)[name] = true
	return had
}

func (p *parser) errorf(off int, format string, args ...any) *Error {
	return newError(p.src, off, p.path.String(), fmt.Sprintf(format, args...))
}

func (p *parser) unexpected(want string) *Error {
	if p.off >= len(p.src) {
		return p.errorf(p.off, "input ends where %s is expected", want)
	}
	r, _ := utf8.DecodeRune(p.src[p.off:])
	return p.errorf(p.off, "found %s where %s is expected", quote(string(r)), want)
}
