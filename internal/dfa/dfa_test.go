package dfa

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// compileGlobs builds the automaton of a list of globs; rule i is globs[i].
func compileGlobs(t testing.TB, kind GlobKind, globs ...string) *DFA {
	t.Helper()
	b := NewBuilder(Limits{})
	for i, g := range globs {
		if err := b.Add(parseGlob(t, g, kind), int32(i)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parseGlob(t testing.TB, g string, kind GlobKind) *Expr {
	t.Helper()
	text, err := Glob(g, kind)
	if err != nil {
		t.Fatalf("%q: %v", g, err)
	}
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("%q -> %q: %v", g, text, err)
	}
	return e
}

func TestGlob(t *testing.T) {
	tests := []struct {
		glob, match, miss string // space separated inputs
	}{
		{"/a", "/a", "/ /aa a"},
		{"/a*", "/a /abc", "/a/ /a/b"},
		{"/b/*", "/b/x /b/xyz", "/b/ /b /b/x/"},
		{"/c/**", "/c/x /c/x/y /c/x/", "/c/ /c/\x00 /c//"},
		{"/d/*/x", "/d/a/x", "/d//x /d/a/b/x"},
		{"/e/**/x", "/e/a/x /e/a/b/x", "/e//x"},
		{"/f[^a]b", "/fbb /f/b", "/fab"},
		{"/g/{*,b/c}/x", "/g/a/x /g/b/c/x /g//x", "/g/b/d/x"},
		{"/h/{,**}", "/h/ /h/a /h/a/b /h//", "/h"},
		{"/i/**.so", "/i/.so /i/a/b.so", "/i/so"},
		{"/k/?/", "/k/a/", "/k// /k/ab/"},
		{"/p^a", "/p^a", "/pa"},
		{`/q\*`, "/q*", "/qa"},
		{`/x\x41`, "/xA", "/xB"},
		{"{/a,/b}{c,d}", "/ac /bd", "/a /c"},
		{"/r[a-cx]", "/ra /rc /rx", "/rd"},
		{"/a.b+c|(d)", "/a.b+c|(d)", "/axbbc"},
		{"/{usr/,}bin/{ba,da,}sh", "/bin/sh /usr/bin/bash /bin/dash", "/usr/sh"},
	}
	for _, tt := range tests {
		d := compileGlobs(t, GlobPath, tt.glob)
		for _, in := range strings.Fields(strings.ReplaceAll(tt.match, "\x00", "\x00")) {
			if len(d.Match(in)) != 1 {
				t.Errorf("%s does not match %q", tt.glob, in)
			}
		}
		for _, in := range strings.Fields(tt.miss) {
			if len(d.Match(in)) != 0 {
				t.Errorf("%s matches %q", tt.glob, in)
			}
		}
	}
}

func TestGlobErrors(t *testing.T) {
	for glob, offset := range map[string]int{
		"/a]": 2, "/a[b": 4, "/{a": 3, "/a}": 2, "/{a}": 3, `/a\`: 3, "/{{a,b}c}": 8, "/{}": 2,
	} {
		_, err := Glob(glob, GlobPath)
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%q: %v", glob, err)
		} else if se.Offset != offset {
			t.Errorf("%q: offset %d, want %d", glob, se.Offset, offset)
		}
	}
	for _, re := range []string{"a**", "*", "(a", "a)", "[a", "[a-]", "[]", "[a]]*+"} {
		if _, err := Parse(re); err == nil {
			t.Errorf("expression %q accepted", re)
		}
	}
}

func TestRuleSets(t *testing.T) {
	d := compileGlobs(t, GlobPath, "/etc/**", "/etc/shadow", "/etc/*w", "/**")
	for in, want := range map[string][]int32{
		"/etc/shadow": {0, 1, 2, 3},
		"/etc/w":      {0, 2, 3},
		"/etc/a/b":    {0, 3},
		"/x":          {3},
		"":            nil,
	} {
		if got := d.Match(in); !slices.Equal(got, want) {
			t.Errorf("%q: rules %v, want %v", in, got, want)
		}
	}
}

// TestSharing shows that a repetition's body and what follows it do not mix, although both start at one place.
func TestSharing(t *testing.T) {
	for _, tt := range []struct {
		res  []string
		in   string
		want []int32
		note string
	}{
		{[]string{"a(bc)*d", "a(bc)*be"}, "abe", []int32{1}, "body and tail share b"},
		{[]string{"a(bc)*d", "a(bc)*be"}, "abcbcd", []int32{0}, ""},
		{[]string{"a(bc)*d", "abcx"}, "abcx", []int32{1}, ""},
		{[]string{"(a|b)c", "(a|b)*c", "ac"}, "ac", []int32{0, 1, 2}, ""},
		{[]string{"(a|b)+", "(a|b)*"}, "", []int32{1}, "plus is not star"},
		{[]string{"(a|b)+", "(a|b)*"}, "abba", []int32{0, 1}, ""},
		{[]string{"(|a)(|b)(|c)"}, "ac", []int32{0}, ""},
	} {
		b := NewBuilder(Limits{})
		for i, re := range tt.res {
			e, err := Parse(re)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Add(e, int32(i)); err != nil {
				t.Fatal(err)
			}
		}
		d, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Match(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("%v on %q: %v, want %v %s", tt.res, tt.in, got, tt.want, tt.note)
		}
		if got := d.Minimize().Match(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("minimized %v on %q: %v, want %v", tt.res, tt.in, got, tt.want)
		}
	}
}

func TestMinimizeIsSmallest(t *testing.T) {
	// (a|b)*a(a|b)^k needs 2^(k+1) states, plus the dead one.
	d := mustBuild(t, "(a|b)*a(a|b)(a|b)(a|b)")
	if got := d.Minimize().Len(); got != 17 {
		t.Errorf("%d states, want 17", got)
	}
	// Ten words with one tail share it.
	d = mustBuild(t, "(aa|bb|cc|dd)tail")
	if got := d.Minimize().Len(); got != 1+1+4+4+1 {
		t.Errorf("%d states, want 11\n%v", got, d.Minimize())
	}
	if e := mustBuild(t, "[a-c]x|d(x|y)").Minimize(); e.Minimize().String() != e.String() {
		t.Error("minimizing twice changes the automaton")
	}
}

func mustBuild(t testing.TB, re string) *DFA {
	t.Helper()
	e, err := Parse(re)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBuilder(Limits{})
	if err := b.Add(e, 0); err != nil {
		t.Fatal(err)
	}
	d, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWalkFindsShortestWitness(t *testing.T) {
	a := compileGlobs(t, GlobPath, "/etc/**")
	b := compileGlobs(t, GlobPath, "/etc/{a*,b*,*/**}")
	var got string
	err := Walk(a, Start, b, Start, func(p Pair) bool {
		if a.Label(p.A) != 0 && b.Label(p.B) == 0 {
			got = string(p.Path())
		}
		return got == ""
	})
	if err != nil || got != "/etc/x" {
		t.Errorf("witness %q, %v; want /etc/x", got, err)
	}
	if _, ok := Shortest(a, Start, func(l int32) bool { return l == 7 }); ok {
		t.Error("found a label that does not exist")
	}
}

func TestFromTable(t *testing.T) {
	d := compileGlobs(t, GlobPath, "/a/{b,c}*", "/a/**", "/[x-z]?").Minimize()
	e := FromTable(Table{
		States: d.Len(), Start: 1,
		Step:  func(s int, b byte) int { return int(d.Step(State(s), b)) },
		Label: func(s int) int32 { return d.Label(State(s)) },
	})
	if err := Walk(d, Start, e, Start, func(p Pair) bool {
		if d.Label(p.A) != e.Label(p.B) {
			t.Errorf("differ on %q", p.Path())
			return false
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if d.Len() != e.Len() {
		t.Errorf("%d states, want %d", e.Len(), d.Len())
	}
}

func TestLimits(t *testing.T) {
	bomb := "/*a" + strings.Repeat("?", 40)
	e := parseGlob(t, bomb, GlobPath)
	b := NewBuilder(Limits{States: 10000})
	if err := b.Add(e, 0); err != nil {
		t.Fatal(err)
	}
	_, err := b.Build()
	var le *LimitError
	if !errors.As(err, &le) || le.What != "states" {
		t.Errorf("exponential pattern: %v", err)
	}
	b = NewBuilder(Limits{Nodes: 100})
	if err := b.Add(parseGlob(t, "/"+strings.Repeat("{a,b}", 1000), GlobPath), 0); !errors.As(err, &le) || le.What != "nodes" {
		t.Errorf("long pattern: %v", err)
	}
	b = NewBuilder(Limits{Work: 1000})
	if err := b.Add(parseGlob(t, "/"+strings.Repeat("{,a}", 1000), GlobPath), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Build(); !errors.As(err, &le) || le.What != "steps" {
		t.Errorf("wide pattern: %v", err)
	}
}

// TestBombs: with the default limits no pattern takes more than bounded memory; each ends in an error that says so.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("builds automata up to the default limits")
	}
	for name, bomb := range map[string]string{
		"distance":   "/**a" + strings.Repeat("?", 60),
		"many stars": strings.Repeat("/{,**}a?b*c", 30) + strings.Repeat("?", 40),
	} {
		b := NewBuilder(Limits{})
		if err := b.Add(parseGlob(t, bomb, GlobPath), 0); err != nil {
			t.Fatal(err)
		}
		_, err := b.Build()
		var le *LimitError
		if !errors.As(err, &le) {
			t.Errorf("%s: %v, want a limit", name, err)
		}
	}
}

// TestAlternationBomb: fifty alternations in a row have 2^50 expansions and 52 states.
func TestAlternationBomb(t *testing.T) {
	d := compileGlobs(t, GlobPath, "/"+strings.Repeat("{a,b}", 50)).Minimize()
	if d.Len() != 53 {
		t.Errorf("%d states, want 53", d.Len())
	}
}

func TestEmpty(t *testing.T) {
	d, err := NewBuilder(Limits{}).Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*DFA{d, d.Minimize()} {
		if d.Len() != 2 || d.Match("") != nil || d.Match("x") != nil {
			t.Errorf("empty automaton: %v", d)
		}
	}
}

func ExampleDFA_Match() {
	b := NewBuilder(Limits{})
	for i, glob := range []string{"/etc/**", "/etc/shadow"} {
		text, _ := Glob(glob, GlobPath)
		e, _ := Parse(text)
		_ = b.Add(e, int32(i))
	}
	d, _ := b.Build()
	fmt.Println(d.Match("/etc/shadow"), d.Match("/etc/passwd"), d.Match("/tmp"))
	// Output: [0 1] [0] []
}

func TestWalkIn(t *testing.T) {
	a := compileGlobs(t, GlobPath, "/**")
	b := compileGlobs(t, GlobPath, "/{a,b}**")
	in := mustBuild(t, "/b[^/]*/c[a-z]+")
	var got []string
	if err := WalkIn(in, a, Start, b, Start, func(p Pair) bool {
		got = append(got, string(p.Path()))
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []string{"/b/cx"}) {
		t.Errorf("visited %q, want only /b/cx", got)
	}
}

// TestReduceTamesExplosion: sixteen rules of the form /**x/** need 2^16 states to be told apart, and few when they are
// alike.
func TestReduceTamesExplosion(t *testing.T) {
	b := NewBuilder(Limits{States: 20000})
	for i := range 16 {
		if err := b.Add(parseGlob(t, fmt.Sprintf("/**%c/**", 'a'+i), GlobPath), int32(i)); err != nil {
			t.Fatal(err)
		}
	}
	var le *LimitError
	if _, err := b.Build(); !errors.As(err, &le) {
		t.Errorf("rules kept apart: %v, want a limit", err)
	}
	d, err := b.Reduce(func(int32) int32 { return 0 }).Build()
	if err != nil || d.Len() > 100 {
		t.Fatalf("rules alike: %v", err)
	}
	if d.Match("/x/c/y") == nil || d.Match("/x/z/y") != nil {
		t.Error("the reduced automaton matches something else")
	}
}

// TestReduceCycles: a repetition of a group is a cycle that reducing must keep.
func TestReduceCycles(t *testing.T) {
	b := NewBuilder(Limits{})
	for i, re := range []string{"x(ab|cd)*e", "y(ab|cd)*e", "z(a(b|c)*)*e"} {
		e, err := Parse(re)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Add(e, int32(i)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := b.Reduce(func(r int32) int32 { return r / 2 }).Build()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string][]int32{"xe": {0}, "yabcde": {0}, "xabab": nil, "zabcbae": {1}, "ze": {1}, "zbe": nil} {
		if got := d.Match(in); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", in, got, want)
		}
	}
}
