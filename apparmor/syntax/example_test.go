package syntax_test

import (
	"errors"
	"fmt"

	"github.com/gostockade/stockade/apparmor/syntax"
)

func ExampleParse() {
	src := []byte("profile app /usr/bin/app {\n  /etc/app.conf r\n  /var/log/app w,\n  owner deny /x r,\n}\n")
	_, err := syntax.Parse("usr.bin.app", src)
	fmt.Printf("%+v\n", err)
	var list syntax.ErrorList
	if errors.As(err, &list) {
		fmt.Println(len(list), "errors")
	}
	// Output:
	// usr.bin.app:2:18: missing "," at the end of the rule: found "/var/log/app" (write "," here)
	//   /etc/app.conf r
	//                  ^
	// usr.bin.app:4:9: found "deny", expected a rule (qualifiers come once each, in the order priority=N, audit, allow or deny or prompt, owner or other)
	//   owner deny /x r,
	//         ^
	// 2 errors
}

func ExampleFormat() {
	f, err := syntax.Parse("p", []byte("#include <tunables/global>\nprofile   p flags=(complain,audit){\n/a  wr, # data\n\n\n\n  network   inet ,\n}\n"))
	if err != nil {
		// "p flags" has no space before the brace: the name of a profile may hold one.
		fmt.Println(err)
	}
	fmt.Printf("%s", syntax.Format(f))
	// Output:
	// include <tunables/global>
	// profile p flags=(complain, audit) {
	//   /a rw, # data
	//
	//   network inet,
	// }
}

func ExamplePrint() {
	f, err := syntax.Parse("p", []byte("profile p {\n  /a   r,   # keep my spaces\n}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := f.Stmts[0].(*syntax.Profile)
	p.Body.Stmts = append(p.Body.Stmts, &syntax.FileRule{Path: "/b c", Perms: "rw"})
	fmt.Printf("%s", syntax.Print(f))
	// Output:
	// profile p {
	//   /a   r,   # keep my spaces
	//   "/b c" rw,
	// }
}

func ExampleWalk() {
	f, err := syntax.Parse("p", []byte("profile p {\n  if $x { /a r, }\n  ^hat { /b w, }\n}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	syntax.Walk(f.Stmts, func(st syntax.Stmt) bool {
		if r, ok := st.(*syntax.FileRule); ok {
			fmt.Println(r.Pos, r.Path, r.Perms)
		}
		return true
	})
	// Output:
	// p:2:11 /a r
	// p:3:10 /b w
}

func ExampleQuote() {
	// A name from somewhere else cannot become a rule of its own.
	name := "/srv/x r,\n  /etc/shadow"
	fmt.Println(syntax.Quote(name) + " rw,")
	// Output: "/srv/x r,\012  /etc/shadow" rw,
}

func ExampleEscapeGlob() {
	fmt.Println(syntax.Quote(syntax.EscapeGlob("/srv/a*b")))
	// Output: "/srv/a\*b"
}

func ExampleFormatStmt() {
	fmt.Println(syntax.FormatStmt(&syntax.ClassRule{
		Class: syntax.Dbus,
		Perms: []string{"send"},
		Conds: []syntax.Cond{{Name: "bus", Op: syntax.CondEq, Values: []string{"session"}}},
		Group: &syntax.Group{Name: "peer", Conds: []syntax.Cond{{Name: "label", Op: syntax.CondEq, Values: []string{"a b"}}}},
	}))
	// Output: dbus send bus=session peer=(label="a b"),
}

func ExampleSplitPerms() {
	letters, exec, err := syntax.SplitPerms("rPxwr")
	fmt.Println(letters, exec, err)
	_, _, err = syntax.SplitPerms("ixPx")
	fmt.Println(err)
	// Output:
	// rw Px <nil>
	// -: conflicting exec permissions ix and Px (keep one of them)
}

func ExampleParseString() {
	_, err := syntax.ParseString("usr.bin.app", "profile app {\n  /etc/app.conf z,\n}\n")
	var list syntax.ErrorList
	if errors.As(err, &list) {
		fmt.Println(list[0].Pos)
	}
	// Output: usr.bin.app:2:17
}
