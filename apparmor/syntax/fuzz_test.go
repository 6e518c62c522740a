package syntax

import "testing"

// FuzzParse checks that any text is printed back as it was, and that the canonical form of good text is good and stable.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, err := ParseString("f", src)
		if got := string(Print(file)); got != src {
			t.Fatalf("printed %q, want %q", got, src)
		}
		if err != nil {
			return
		}
		one := string(Format(file))
		again, err := ParseString("f", one)
		if err != nil {
			t.Fatalf("formatted text does not parse: %v\n%q\nfrom %q", err, one, src)
		}
		if two := string(Format(again)); two != one {
			t.Fatalf("format is not stable:\n%q\n%q\nfrom %q", one, two, src)
		}
	})
}

var seeds = []string{
	"abi <abi/4.0>,\ninclude <tunables/global>\n@{X} = a \"b c\" # c\n$B = not (true and $C)\n\nprofile x /bin/x flags=(complain) {\n  # c\n  /a r, # d\n}\n",
	"/bin/x { audit deny owner /a* rwPx -> y, if $x == a { file, } else if defined @{X} { } else { all, } }\n",
	"profile x { dbus send bus=system peer=(label=\"a b\", name=c), network inet tcp, signal set=(term,kill) peer=x, }",
	"profile x { mount options in (ro, bind) fstype=(a b) /a -> /b, pivot_root oldroot=/a /b, set rlimit cpu <= 10 min, ^h { } }",
	"#include \"x\"\n@X += \"a\\\"b\" \\\n c\n",
	"profile \"a\\\\\" { \"/b\\\\\" r, }",
	"@{X} = \"a",
	"{", "}", "if", "\\", "profile x { /a r }",
}
