package syntax

import "strings"

// Print returns the text of a file. What came from Parse and was not changed since is printed exactly as it was written;
// statements that were changed or made by a program are printed in canonical form, on a line of their own.
//
// No string in the tree can end a rule or start another: where a string cannot be written as it is, it is quoted, and where
// policy has no place for such a string at all, Parse will reject the text.
func Print(f *File) []byte {
	p := &printer{}
	p.stmts(f.Stmts, 0, 0)
	p.trivia(f.End, len(f.Stmts) == 0 && isTrivia(f.End) || p.follows(f.Name, len(f.src)-len(f.End)))
	return []byte(p.b.String())
}

type printer struct {
	b strings.Builder
	// needLine is set when what was printed last must be followed by a line end: a comment, or an assignment.
	needLine bool
	rewrote  bool  // the last statement was not printed from its own text
	last     *Node // the last statement of the body being printed
}

// stmts prints the statements of a file or body, which began at an offset when it was parsed.
func (p *printer) stmts(list []Stmt, depth, start int) {
	p.last = nil
	for _, st := range list {
		p.stmt(st, depth, start)
	}
}

// follows reports whether what began at an offset of a file came right behind the last statement there too, and that one
// was printed as it was.
func (p *printer) follows(file string, off int) bool {
	return p.last != nil && !p.rewrote && p.last.stop == off && p.last.Pos.File == file
}

// trivia prints white space and comments. Unless they are where they were when parsed, it sees to the line end that may be
// needed first, and lets nothing else pass.
func (p *printer) trivia(s string, asParsed bool) {
	if !asParsed {
		if !isTrivia(s) {
			s = "\n"
		}
		if (p.needLine || p.last != nil) && !strings.HasPrefix(strings.TrimLeft(s, " \t\r\\"), "\n") {
			p.b.WriteByte('\n')
		}
	}
	p.needLine = false
	p.b.WriteString(s)
}

// isTrivia reports whether s is nothing but white space and whole comments, none of which is an #include.
func isTrivia(s string) bool {
	sc := scanner{src: s}
	for {
		sc.skip()
		if sc.pos < len(s) && s[sc.pos] == '\\' && sc.at(sc.pos+1) == '\n' {
			sc.pos += 2
			continue
		}
		return sc.pos == len(s)
	}
}

func (p *printer) stmt(st Stmt, depth, start int) {
	n := st.Base()
	before := n.Before
	text, kept := p.text(st, "")
	asParsed := kept && p.follows(n.Pos.File, n.Pos.Offset-len(before))
	if p.last == nil {
		asParsed = kept && n.Pos.Offset-len(before) == start
	}
	if before == "" && !asParsed && p.b.Len() > 0 {
		before = "\n" + strings.Repeat("  ", depth)
	}
	p.trivia(before, asParsed)
	p.b.WriteString(text)
	p.body(st, depth)
	p.afterComment(n.After)
	switch st.(type) {
	case *VarAssign, *BoolAssign:
		p.needLine = true
	}
	p.rewrote = !kept
	p.last = n
}

// text returns how to print a statement, and whether that is how it was written. Lead is "else" for an else branch.
func (p *printer) text(st Stmt, lead string) (string, bool) {
	n := st.Base()
	want := canonical(st)
	if lead != "" {
		if want == "" {
			want = lead
		} else {
			want = lead + " " + want
		}
	}
	if n.text != "" && (isBad(st) || canonicalText(n.text, lead) == want) {
		return n.text, true
	}
	return want, false
}

func isBad(st Stmt) bool {
	_, ok := st.(*Bad)
	return ok
}

// canonicalText returns the canonical form of a statement's text, or "" when it is not one good statement.
func canonicalText(text, lead string) string {
	src := text
	if lead != "" {
		src = "if true { }\n" + text
	}
	f, err := ParseString("", src+"\n")
	if err != nil {
		f, err = ParseString("", src+"\n}\n")
	}
	if err != nil || len(f.Stmts) != 1 {
		return ""
	}
	st := f.Stmts[0]
	if lead == "" {
		return canonical(st)
	}
	cond, ok := st.(*If)
	if !ok || cond.Else == nil {
		return ""
	}
	return lead + " " + canonical(cond.Else)
}

// body prints the braces of a statement that has them.
func (p *printer) body(st Stmt, depth int) {
	switch st := st.(type) {
	case *Profile:
		p.braces(&st.Body, depth)
	case *Block:
		p.braces(&st.Body, depth)
	case *If:
		p.braces(&st.Body, depth)
		if st.Else != nil {
			p.elseBranch(st.Else, depth)
		}
	}
}

func (p *printer) braces(b *Body, depth int) {
	p.needLine = false
	end := b.End
	if end == "" && len(b.Stmts) > 0 && b.Stmts[len(b.Stmts)-1].Base().text == "" {
		end = "\n" + strings.Repeat("  ", depth)
	}
	p.stmts(b.Stmts, depth+1, b.start)
	p.trivia(end, len(b.Stmts) == 0 && isTrivia(end) || p.last != nil && p.follows(p.last.Pos.File, b.stop-len(end)))
	if b.unclosed {
		return
	}
	p.b.WriteByte('}')
}

func (p *printer) elseBranch(st Stmt, depth int) {
	n := st.Base()
	text, kept := p.text(st, "else")
	before := n.Before
	if before == "" && !kept {
		before = " "
	}
	p.trivia(before, isTrivia(before))
	p.b.WriteString(text)
	p.body(st, depth)
}

// afterComment prints the comment behind a statement.
func (p *printer) afterComment(s string) {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	trimmed := strings.TrimLeft(s, " \t")
	if trimmed == "" {
		p.b.WriteString(s)
		return
	}
	if trimmed[0] != '#' || strings.HasPrefix(trimmed, "#include") {
		return // not a comment; printing it would make it policy
	}
	p.b.WriteString(s)
	p.needLine = true
}
