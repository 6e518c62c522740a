package syntax

import (
	"bytes"
	"strings"
	"testing"
)

// TestPositions compares the positions of statements and conditions with lines counted from the start of the file.
func TestPositions(t *testing.T) {
	src := "\nprofile x {\n" + strings.Repeat("mount options=ro\n  fstype=ext4 /a, if @{x} ==\n y {\n\n} dbus peer=(\nname=b), /a r,\n", 50) + "}\n"
	f, err := ParseString("f", src)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	check := func(p Pos) {
		n++
		line := 1 + strings.Count(src[:p.Offset], "\n")
		col := p.Offset - strings.LastIndexByte(src[:p.Offset], '\n')
		if p.Line != line || p.Col != col {
			t.Fatalf("offset %d is at %d:%d, want %d:%d", p.Offset, p.Line, p.Col, line, col)
		}
	}
	Walk(f.Stmts, func(st Stmt) bool {
		check(st.Base().Pos)
		switch st := st.(type) {
		case *MountRule:
			for _, c := range st.Conds {
				check(c.Pos)
			}
		case *ClassRule:
			check(st.Group.Pos)
			check(st.Group.Conds[0].Pos)
		case *If:
			check(st.Cond.Position())
		}
		return true
	})
	if n != 1+50*9 {
		t.Fatalf("%d positions seen", n)
	}
}

// BenchmarkParseConditions reads statements whose parts have positions of their own; the cost of a byte must not grow with
// the file.
func BenchmarkParseConditions(b *testing.B) {
	src := "profile x {\n" + strings.Repeat("mount options=ro /x,\nif @{x} == y {\n}\n", 20000) + "}\n"
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := ParseString("f", src); err != nil {
			b.Fatal(err)
		}
	}
}

// TestEmptyMountPath keeps a mount rule's empty path apart from the absence of one.
func TestEmptyMountPath(t *testing.T) {
	const src = "profile x {\n  mount \"\" -> \"\",\n  umount \"\",\n  umount,\n}\n"
	f, err := ParseString("f", src)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Format(f)); got != src {
		t.Errorf("formatted %q", got)
	}
	body := f.Stmts[0].(*Profile).Body.Stmts
	for i, want := range []string{"{,}", "{,}", ""} {
		if got := body[i].(*MountRule).Source; got != want {
			t.Errorf("source %d is %q, want %q", i, got, want)
		}
	}
}

// TestNesting reads what real policy generators nest, and bounds what nesting does to the size of formatted text.
func TestNesting(t *testing.T) {
	for name, src := range map[string]string{
		"if":      "profile x {\n" + strings.Repeat("if true {\n", MaxDepth-2) + strings.Repeat("}\n", MaxDepth-2) + "}\n",
		"else if": "profile x {\nif true {\n}" + strings.Repeat(" else if true {\n}", MaxDepth-3) + "\n}\n",
		"paren":   "$x = " + strings.Repeat("(", MaxDepth-1) + "true" + strings.Repeat(")", MaxDepth-1) + "\n",
	} {
		f, err := ParseString("f", src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		one := Format(f)
		if again, err := Parse("f", one); err != nil || !bytes.Equal(Format(again), one) {
			t.Errorf("%s: format is not stable: %v", name, err)
		}
	}
	n := MaxDepth - 1
	src := strings.Repeat("profile x {\n", n) + strings.Repeat("all,\n", 10000) + strings.Repeat("}\n", n)
	f, err := ParseString("f", src)
	if err != nil {
		t.Fatal(err)
	}
	if got := Format(f); len(got) > 20*len(src) {
		t.Errorf("%d bytes become %d", len(src), len(got))
	}
}

// TestLineEnds reads boolean assignments of files with the line ends of other systems.
func TestLineEnds(t *testing.T) {
	f, err := ParseString("f", "$X = true\r\n$Y = not $X\r\nprofile x {\r\n  if $X {\r\n  }\r\n}\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(Format(f)), "$X = true\n"; !strings.HasPrefix(strings.ReplaceAll(got, "${X}", "$X"), want) {
		t.Errorf("formatted %q", got)
	}
}
