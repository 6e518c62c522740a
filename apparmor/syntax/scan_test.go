package syntax

import "testing"

// TestCharClass derives the table of character classes from the rules in apparmor_parser's scanner.
func TestCharClass(t *testing.T) {
	without := func(set string) func(byte) bool {
		return func(c byte) bool {
			for i := 0; i < len(set); i++ {
				if set[i] == c {
					return false
				}
			}
			return true
		}
	}
	letter := func(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
	rules := map[uint8]func(byte) bool{
		clID:        without(" \t\r\n\"!,"),
		clNoAssign:  without(" \t\n\"!,=:)"),
		clLeading:   without(" \t\n\"!,=()+&:"),
		clListValue: without(" \t\n\"!,()"),
		clAlpha:     letter,
		clWord:      func(c byte) bool { return letter(c) || '0' <= c && c <= '9' || c == '_' },
		clBlank:     func(c byte) bool { return c == ' ' || c == '\t' },
		clSpace:     func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' },
	}
	for i := 0; i < 256; i++ {
		for class, rule := range rules {
			if got, want := is(byte(i), class), rule(byte(i)); got != want {
				t.Errorf("byte %q, class %#x: %v, want %v", byte(i), class, got, want)
			}
		}
	}
}

func TestUnescape(t *testing.T) {
	for _, c := range [][2]string{
		{`abc`, "abc"}, {`"a b"`, "a b"}, {`a\ b`, `a\ b`}, {`\141`, "a"}, {`\x61b`, "ab"}, {`\d097`, "a"},
		{`\052`, `\*`}, {`\*`, `\*`}, {`\\`, `\\`}, {`\134`, `\\`}, {`"a\"b"`, `a"b`}, {`\000`, `\000`}, {`\q`, `\q`},
		{`\378`, "\x1f8"}, {`\x`, `\x`}, {`\n\t`, "\n\t"}, {`\`, `\`}, {`""`, ""}, {`\e`, "\x1b"}, {`\054`, `\,`}, {`\d2560`, "\x1960"},
	} {
		if got := unescape(c[0]); got != c[1] {
			t.Errorf("unescape(%s) = %q, want %q", c[0], got, c[1])
		}
	}
}

// TestTokens shows how text is split, mode by mode.
func TestTokens(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"/a rwPx,", []string{"/a", "rwPx", ","}},
		{"/a,b r,", []string{"/a,b", "r", ","}},
		{`"/a b" r,`, []string{`"/a b"`, "r", ","}},
		{"@{X}=a b # c\n/x", []string{"@{X}", "=", "a", "b", "# c\n", "/x"}},
		{"@{X}/y r,", []string{"@{X}/y", "r", ","}},
		{"@X += a \\\n b\n", []string{"@X", "+=", "a", "b", "\n"}},
		{"$B = not ($C)\n", []string{"$B", "=", "not", "(", "$C", ")", "\n"}},
		{"dbus send peer=(name=a, label=(b)),", []string{"dbus", "send", "peer", "=", "(", "name", "=", "a", "label", "=(", "b", ")", ","}},
		{"mount options in (ro,rw) a -> b,", []string{"mount", "options", "in", "(", "ro", "rw", ")", "a", "->", "b", ","}},
		{"profile x{ {", []string{"profile ", "x{", "{"}},
		{"set rlimit cpu <= 10min,", []string{"set", "rlimit", "cpu", "<=", "10", "min", ","}},
		{"if defined @{X} and a<=b { }", []string{"if", "defined", "@{X}", "and", "a<", "=", "b", "{", "}"}},
		{"include if exists <a b>\nabi \"x\",", []string{"include if exists <a b>", "abi", `"x"`, ","}},
		{"priority=-5 all,", []string{"priority", "=", "-5", "all", ","}},
		{"/x -> &y,\n^h {", []string{"/x", "->", "&y", ",", "^", "h", "{"}},
	} {
		s := scanner{src: c.text}
		var got []string
		for {
			tok := s.next()
			if tok.kind == tokEOF {
				break
			}
			got = append(got, c.text[tok.start:tok.end])
		}
		if len(got) != len(c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%q: %q, want %q", c.text, got, c.want)
				break
			}
		}
	}
}
