package syntax

import "strings"

// Format returns a file in canonical form: two spaces of indentation, one statement a line, single spaces, permissions in
// the order mrwalkx, #include as include, quotes only where needed, at most one blank line in a row. Comments are
// kept; one inside a rule moves to the line above. What the policy means does not change, and Format of the result's tree
// is the result.
func Format(f *File) []byte {
	w := &formatter{}
	w.stmts(f.Stmts, 0)
	w.comments(f.End, 0, true)
	return []byte(w.b.String())
}

type formatter struct {
	b strings.Builder
	// fresh is set at the start of the file and of a body, where no blank line belongs.
	fresh bool
}

func (w *formatter) stmts(list []Stmt, depth int) {
	for i, st := range list {
		w.stmt(st, st.Base().Before, depth, i == 0)
	}
}

// maxIndent is the depth from which on indentation grows no further, so that it cannot multiply the size of a file.
const maxIndent = 32

func (w *formatter) indent(depth int) {
	for i := 0; i < min(depth, maxIndent); i++ {
		w.b.WriteString("  ")
	}
}

// comments writes the comments of some white space, each on its own line, and keeps single blank lines. At the end of a
// file or body there is none.
func (w *formatter) comments(trivia string, depth int, last bool) {
	newlines := 0
	lines := strings.Split(trivia, "\n")
	for i, line := range lines {
		line = strings.Trim(line, " \t\r\v\f\\")
		if strings.HasPrefix(line, "#") {
			w.blank(newlines)
			w.indent(depth)
			w.b.WriteString(line)
			w.b.WriteByte('\n')
			w.fresh = false
			newlines = 0
		}
		if i+1 < len(lines) {
			newlines++
		}
	}
	if !last {
		w.blank(newlines)
	}
}

// blank writes a blank line if the source had one here.
func (w *formatter) blank(newlines int) {
	if newlines >= 2 && !w.fresh && w.b.Len() > 0 {
		w.b.WriteByte('\n')
	}
}

// stmt writes one statement; before is the white space and comments before it, as far as they are not written yet.
func (w *formatter) stmt(st Stmt, before string, depth int, first bool) {
	n := st.Base()
	w.fresh = first
	if !isTrivia(before) {
		before = ""
	}
	w.comments(before, depth, false)
	w.fresh = false
	if !isBad(st) {
		w.inner(n.text, depth)
	}
	w.indent(depth)
	w.b.WriteString(canonical(st))
	w.body(st, depth)
	w.after(n.After)
	w.b.WriteByte('\n')
}

// inner writes the comments that stand inside a statement's text.
func (w *formatter) inner(text string, depth int) {
	if strings.IndexByte(text, '#') < 0 {
		return
	}
	for _, c := range commentsIn(text) {
		w.indent(depth)
		w.b.WriteString(c)
		w.b.WriteByte('\n')
	}
}

// commentsIn returns the comments between the tokens of a statement.
func commentsIn(text string) []string {
	var out []string
	sc := scanner{src: text}
	end := 0
	for {
		t := sc.next()
		gap := text[end:t.start]
		for _, line := range strings.Split(gap, "\n") {
			if line = strings.Trim(line, " \t\r\v\f\\"); strings.HasPrefix(line, "#") {
				out = append(out, line)
			}
		}
		if t.kind == tokEOF || t.kind == tokIllegal {
			return out
		}
		end = t.end
	}
}

func (w *formatter) after(s string) {
	if s = strings.TrimSpace(s); strings.HasPrefix(s, "#") && !strings.HasPrefix(s, "#include") && strings.IndexByte(s, '\n') < 0 {
		w.b.WriteString(" " + s)
	}
}

func (w *formatter) body(st Stmt, depth int) {
	switch st := st.(type) {
	case *Profile:
		w.braces(&st.Body, depth)
	case *Block:
		w.braces(&st.Body, depth)
	case *If:
		w.braces(&st.Body, depth)
		if st.Else != nil {
			w.elseBranch(st.Else, depth)
		}
	}
}

func (w *formatter) braces(b *Body, depth int) {
	first := b.End
	if len(b.Stmts) > 0 {
		first = b.Stmts[0].Base().Before
	}
	// A comment on the line of the opening brace stays there.
	head, rest, _ := strings.Cut(first, "\n")
	if head = strings.TrimSpace(head); strings.HasPrefix(head, "#") && isTrivia(first) {
		w.b.WriteString(" " + head)
		rest = "\n" + rest
	} else {
		head, rest = "", first
	}
	if len(b.Stmts) == 0 && head == "" && strings.IndexByte(rest, '#') < 0 {
		w.b.WriteString(" }")
		return
	}
	w.b.WriteByte('\n')
	for i, st := range b.Stmts {
		if i > 0 {
			rest = st.Base().Before
		}
		w.stmt(st, rest, depth+1, i == 0)
	}
	if len(b.Stmts) > 0 {
		rest = b.End
	}
	w.fresh = len(b.Stmts) == 0
	w.comments(rest, depth+1, true)
	w.indent(depth)
	w.b.WriteByte('}')
}

func (w *formatter) elseBranch(st Stmt, depth int) {
	n := st.Base()
	if strings.IndexByte(n.Before, '#') >= 0 {
		w.b.WriteByte('\n')
		w.fresh = true
		w.comments(n.Before, depth, true)
		w.indent(depth)
	} else {
		w.b.WriteByte(' ')
	}
	text := canonical(st)
	w.b.WriteString("else " + text)
	w.body(st, depth)
}
