package apparmor

import "strings"

// featuresParser reads the file form of a feature set. Inside braces there are either names each followed by braces, or
// plain words, the leaf's value; some kernels' sets have both in one node.
type featuresParser struct {
	name string
	src  string
	pos  int
	line int
}

func (p *featuresParser) errorf(msg string) error {
	return &FeaturesError{File: p.name, Line: p.line, Message: msg}
}

// parseInto reads up to the closing brace of the node, or the end of input at depth 0.
func (p *featuresParser) parseInto(n *featureNode, depth int) error {
	if depth > maxFeaturesDepth {
		return p.errorf("feature set nested too deeply")
	}
	var words []string
	for {
		word, delim := p.next()
		if word != "" {
			words = append(words, word)
		}
		switch delim {
		case '{':
			if len(words) == 0 {
				return p.errorf(`"{" without a feature's name before it`)
			}
			child := &featureNode{name: words[len(words)-1]}
			words = words[:len(words)-1]
			if err := p.parseInto(child, depth+1); err != nil {
				return err
			}
			n.children = append(n.children, child)
		case '}':
			if depth == 0 {
				return p.errorf(`"}" without "{"`)
			}
			n.value = strings.Join(words, " ")
			return nil
		case 0:
			if depth > 0 {
				return p.errorf(`feature set ends before its closing "}"`)
			}
			n.value = strings.Join(words, " ")
			return nil
		}
	}
}

// next returns the next word and the delimiter after it: '{', '}', ' ' for white space, or 0 at the end.
func (p *featuresParser) next() (word string, delim byte) {
	start := p.pos
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch c {
		case '{', '}', ' ', '\t', '\n', '\r':
			word = p.src[start:p.pos]
			p.pos++
			if c == '\n' {
				p.line++
			}
			if c == '{' || c == '}' {
				return word, c
			}
			if word == "" {
				start = p.pos
				continue
			}
			return word, p.braceAfterSpace()
		}
		p.pos++
	}
	return p.src[start:], 0
}

// braceAfterSpace lets "name {" be read like "name{".
func (p *featuresParser) braceAfterSpace() byte {
	for i := p.pos; i < len(p.src); i++ {
		switch p.src[i] {
		case ' ', '\t', '\r':
			continue
		case '{':
			p.pos = i + 1
			return '{'
		}
		break
	}
	return ' '
}
