package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// TestErrors checks message, hint and place of what is wrong.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"profile p {\n /a r\n}\n", "f:2:6: missing"},
		{"profile p {\n /a r /b w,\n}\n", "f:2:6: missing"},
		{"profile p {\n /a,\n}\n", "f:2:4: found \",\", expected permissions"},
		{"profile p{ }\n", "put a space between the name and"},
		{"profile\n p { }\n", "expected a name on the same line"},
		{"profile p {\n", `f:1:11: "{" is never closed`},
		{"}\n", `f:1:1: found "}" without "{"`},
		{"profile p { } }", `f:1:15: found "}" without "{"`},
		{"@{X} = a,\n", "assignments end with the line, without a comma"},
		{"@{X} =\n", "expected a value"},
		{"# c", "cut off by the end of the file"},
		{"profile p { audit audit /a r, }", "qualifiers come once each"},
		{"profile p { deny profile q { } }", "qualifiers are for rules and blocks"},
		{"profile p { /b { } }", "profile inside a profile without a keyword"},
		{"profile p { @{X} = a\n }", "variables are set before the profiles"},
		{"foo { }", "must begin with / or :"},
		{"profile p { dbus peer=(name=a) bus=x, }", "dbus send bus=session"},
		{"profile p { signal peer=(a), }", "expected"},
		{"profile p { if { } }", "expected an expression"},
		{"profile p { if $x { /a r, } else /b r, }", "expected \"{\" or \"if\""},
		{"profile p { set rlimit cpu = 5, }", "set rlimit nofile <= 1024,"},
		{"profile p { link /a, }", "link /new -> /existing,"},
		{"include <a\n", "f:1:1: found an include without a path"},
		{"abi abi/4.0", "missing \",\""},
		{"profile p { /a\x00 }", "expected permissions"},
		{"\xef\xbb\xbfprofile p { }", "policy is ASCII"},
		{"profile p { \"a\" r, }", "a quoted path begins with"},
		{"profile p { mount /a -> options=ro, }", "expected a mount point"},
		{"profile p { priority=x /a r, }", "expected a number"},
		{"profile p { /a px -> , }", `expected a name after "->"`},
		{"profile p { change_profile -> \"\", }", "empty string"},
	} {
		_, err := ParseString("f", c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// TestRecovery finds every error of a file, once, and the good rules between them.
func TestRecovery(t *testing.T) {
	f, err := ParseString("f", `profile p {
  /a q,
  /b r,
  capability chown
  /c w,
  if { /d r, }
  network inet bogus extra,
  /e r,
}
profile q { /f r }
profile r { /g r, }
`)
	list, ok := err.(ErrorList)
	if !ok {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range list {
		lines = append(lines, fmt.Sprint(e.Pos.Line))
	}
	if got, want := strings.Join(lines, " "), "2 4 6 7 10"; got != want {
		t.Errorf("errors on lines %s, want %s:\n%v", got, want, err)
	}
	var paths []string
	Walk(f.Stmts, func(st Stmt) bool {
		if r, ok := st.(*FileRule); ok {
			paths = append(paths, r.Path)
		}
		return true
	})
	if got, want := strings.Join(paths, " "), "/b /c /d /e /g"; got != want {
		t.Errorf("rules read: %s, want %s", got, want)
	}
}

// TestErrorLimit stops after MaxErrors and still prints the file.
func TestErrorLimit(t *testing.T) {
	src := "profile p {\n" + strings.Repeat("  /a q,\n", 3*MaxErrors) + "}\n"
	f, err := ParseString("f", src)
	if list, _ := err.(ErrorList); len(list) != MaxErrors {
		t.Errorf("%d errors, want %d", len(list), MaxErrors)
	}
	if got := string(Print(f)); got != src {
		t.Errorf("printed %q", got)
	}
}

// TestCaret puts the caret under the right column, tabs and multi-byte text before it.
func TestCaret(t *testing.T) {
	_, err := ParseString("f", "profile p {\n\t\"/é\" r /x,\n}\n")
	got := fmt.Sprintf("%+v", err)
	if want := "\n\t\"/é\" r /x,\n\t      ^"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want suffix %q", got, want)
	}
}

func TestFileSizeLimit(t *testing.T) {
	if _, err := ParseString("f", strings.Repeat("\n", MaxFileSize+1)); err == nil || !strings.Contains(err.Error(), "larger than the limit") {
		t.Errorf("got %v", err)
	}
}

// hostile are strings that would end a rule or start another one if they were written as they are.
var hostile = []string{
	"/a r,\n/etc/shadow rw", "x, capability sys_admin", "\" } profile q { /** rwx, } \"", "a\\", "a\\\\", `a\"`, "#include </etc/x>", "a#b", "{", "}",
	")", "(", ",", "", " ", "\t", "\r\n", "\x00", "@{X}", "->", "-> x", "a b", "=", ":=", "in", "and", "audit", "rw", "true", "//&x", "&x", "é", "\xff",
	"a,", ",a", "a=b", "peer=(x)", "\\\n", "/a\\ b", "\"", "\"\"", "$x", "^h", "+identities", "!x",
}

// TestNoInjection puts hostile strings into every field a program can fill, and reads the result back. It must be one
// statement of the same kind, or nothing at all.
func TestNoInjection(t *testing.T) {
	for _, s := range hostile {
		cond := []Cond{{Name: "name", Op: CondEq, Values: []string{s}}}
		for _, st := range []Stmt{
			&FileRule{Path: s, Perms: "r"}, &FileRule{Path: "/a", Perms: s}, &FileRule{Path: "/a", Perms: "px", Target: s},
			&LinkRule{Path: s, Target: "/b"}, &LinkRule{Path: "/a", Target: s}, &CapabilityRule{Names: []string{s}},
			&ClassRule{Class: Dbus, Conds: cond}, &ClassRule{Class: Dbus, Group: &Group{Name: "peer", Conds: cond}},
			&ClassRule{Class: Dbus, Conds: []Cond{{Name: s, Op: CondEq, Values: []string{"x"}}}}, &ClassRule{Class: Dbus, Perms: []string{s}},
			&ClassRule{Class: Dbus, Group: &Group{Name: s, Conds: cond}}, &ClassRule{Class: Dbus, Conds: []Cond{{Name: "a", Op: CondIn, Values: []string{s, "b"}}}},
			&ClassRule{Class: Network, Names: []string{s}}, &ClassRule{Class: Mqueue, Names: []string{s}},
			&MountRule{Source: s, Target: "/b"}, &MountRule{Source: "/a", Target: s}, &MountRule{Op: PivotRoot, Source: s, Target: s},
			&RlimitRule{Resource: s, Value: "1"}, &RlimitRule{Resource: "cpu", Value: s}, &RlimitRule{Resource: "cpu", Value: "1", Unit: s},
			&ChangeProfileRule{Exec: s}, &ChangeProfileRule{Target: s},
			&ABI{Path: s, Magic: true}, &ABI{Path: s}, &Include{Path: s, Magic: true}, &Include{Path: s}, &Alias{From: s, To: "/b"}, &Alias{From: "/a", To: s},
			&VarAssign{Name: s, Values: []string{"a"}}, &VarAssign{Name: "X", Values: []string{s}}, &VarAssign{Name: "X", Values: []string{"a", s, "b"}},
			&BoolAssign{Name: s, Expr: &ValueExpr{Value: "true"}}, &BoolAssign{Name: "X", Expr: &ValueExpr{Value: s}},
			&BoolAssign{Name: "X", Expr: &CompareExpr{X: s, Y: "a"}}, &BoolAssign{Name: "X", Expr: &DefinedExpr{Name: s}},
			&Profile{Name: s}, &Profile{Kind: PathProfile, Name: s}, &Profile{Kind: HatProfile, Name: s}, &Profile{Kind: CaretHat, Name: s},
			&Profile{Name: "p", Attachment: s}, &Profile{Name: "p", Flags: []string{s}}, &Profile{Name: "p", Identities: []string{s}},
			&Profile{Name: "p", Group: &Group{Name: "xattrs", Conds: []Cond{{Name: s}}}}, &If{Cond: &ValueExpr{Value: s}},
		} {
			checkInjection(t, s, st)
		}
	}
}

func checkInjection(t *testing.T, s string, st Stmt) {
	t.Helper()
	marker := &CapabilityRule{Names: []string{"chown"}}
	text := string(Print(&File{Stmts: []Stmt{st, marker}}))
	f, err := ParseString("f", text)
	if err != nil {
		return
	}
	if len(f.Stmts) != 2 || fmt.Sprintf("%T", f.Stmts[0]) != fmt.Sprintf("%T", st) || canonical(f.Stmts[1]) != canonical(marker) {
		t.Errorf("%q in %T became %d statements:\n%s", s, st, len(f.Stmts), text)
	}
	if canonical(f.Stmts[0]) != canonical(st) && !strings.ContainsAny(s, "\\\x00") {
		t.Errorf("%q in %T reads back as %s, not %s", s, st, canonical(f.Stmts[0]), canonical(st))
	}
}

// TestNoInjectionThroughTrivia puts policy where only white space and comments belong.
func TestNoInjectionThroughTrivia(t *testing.T) {
	for _, s := range []string{"/x r,", "# c", "# c\n/x r,", "#include <x>\n", "\n#include <x>", "\n /x r,\n", "\\"} {
		rule := func() *FileRule { return &FileRule{Path: "/a", Perms: "r"} }
		before, after := rule(), rule()
		before.Before, after.After = s, s
		f := &File{Stmts: []Stmt{before, after, &Profile{Name: "p", Body: Body{Stmts: []Stmt{rule()}, End: s}}}, End: s}
		text := string(Print(f))
		got, err := ParseString("f", text)
		if err != nil {
			t.Errorf("%q: %v\n%s", s, err, text)
			continue
		}
		n := 0
		Walk(got.Stmts, func(Stmt) bool { n++; return true })
		if n != 4 {
			t.Errorf("%q: %d statements\n%s", s, n, text)
		}
	}
}

// TestEdit changes parsed files and prints them.
func TestEdit(t *testing.T) {
	const src = "# head\nprofile p { # open\n  /a   r, # a\n  /b w,\n  if $x {/c r,} else {/d r,}\n} # end\n"
	for _, c := range []struct {
		name string
		edit func(*File)
		want string
	}{
		{"nothing", func(*File) {}, src},
		{"a field", func(f *File) { f.Stmts[0].(*Profile).Body.Stmts[0].(*FileRule).Path = "/z z" },
			strings.Replace(src, "/a   r,", `"/z z" r,`, 1)},
		{"a header", func(f *File) { f.Stmts[0].(*Profile).Flags = []string{"complain"} },
			strings.Replace(src, "profile p {", "profile p flags=(complain) {", 1)},
		{"a rule less", func(f *File) {
			b := &f.Stmts[0].(*Profile).Body
			b.Stmts = append(b.Stmts[:1:1], b.Stmts[2:]...)
		}, strings.Replace(src, "  /b w,\n", "", 1)},
		{"a rule more", func(f *File) {
			b := &f.Stmts[0].(*Profile).Body
			b.Stmts = append([]Stmt{&FileRule{Path: "/n", Perms: "r"}}, b.Stmts...)
		}, strings.Replace(src, " # open\n  /a", "\n  /n r,\n # open\n  /a", 1)},
		{"a statement in front", func(f *File) { f.Stmts = append([]Stmt{&ABI{Path: "abi/4.0", Magic: true}}, f.Stmts...) },
			"abi <abi/4.0>," + strings.Replace(src, "# head", "\n# head", 1)},
	} {
		f, err := ParseString("f", strings.ReplaceAll(src, "{/", "{ /"))
		if err != nil {
			t.Fatal(err)
		}
		c.edit(f)
		got := strings.ReplaceAll(string(Print(f)), "{ /", "{/")
		if got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		if _, err := ParseString("f", strings.ReplaceAll(got, "{/", "{ /")); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// FuzzQuote checks that a quoted string is one string to the scanner, in every mode that takes one.
func FuzzQuote(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := Quote(s)
		for _, m := range []mode{modeName, modeTarget, modeValue, modeList, modeListParen, modeAssign, modeExpr, modeMount, modeDbus, modeMqueue, modeChangeProfile} {
			sc := scanner{src: q + " \n\" \\\" x, ) }", mode: m, stack: []mode{modePolicy}}
			if tok := sc.next(); tok.start != 0 || tok.end != len(q) && !(s == "" && m == modeListParen) {
				t.Errorf("mode %d: %q is read as %q", m, q, sc.src[tok.start:tok.end])
			}
		}
	})
}
