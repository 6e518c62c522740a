package apparmor_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

// files makes a file system of include files.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

// resolve parses and resolves text with include files.
func resolve(text string, inc fstest.MapFS) (*apparmor.Policy, error) {
	f, err := syntax.Parse("t", []byte(text))
	if err != nil {
		return nil, err
	}
	return apparmor.Resolve(f, &apparmor.ResolveOptions{Includes: inc})
}

// written lists the rules of each profile that were written, not implied.
func written(p *apparmor.Policy) string {
	var b strings.Builder
	for _, prof := range p.Profiles {
		fmt.Fprintf(&b, "%s:", prof.FullName())
		for _, r := range prof.Rules {
			if !r.Quals().Implied {
				b.WriteString(" " + r.String())
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestResolve(t *testing.T) {
	inc := files(
		"abs/a", "/abs/a r,\ninclude <abs/b>\n",
		"abs/b", "/abs/b r,\n",
		"abs/loop", "/loop r,\ninclude <abs/loop>\n",
		"dir/one", "/one r,\n", "dir/two", "/two r,\n", "dir/two.dpkg-old", "/old r,\n", "dir/.hid", "/hid r,\n", "dir/README", "read me",
		"dir/sub/three", "/three r,\n",
		"tun", "@{X} = /x /y\n@{Y} = @{X}/z\n",
		"cond", "if $B {\n  /yes r,\n} else {\n  /no r,\n}\n",
	)
	for _, c := range []struct{ name, text, want string }{
		{"plain", "profile p { /a r, deny /b w, }", "p: /a r, deny /b w,\n"},
		{"include", "profile p { include <abs/a>\n /c r, }", "p: /abs/a r, /abs/b r, /c r,\n"},
		{"include once in a block", "profile p { include <abs/b>\n include <abs/a>\n include <abs/b> }", "p: /abs/b r, /abs/a r,\n"},
		{"again in the next profile", "profile p { include <abs/b> }\nprofile q { include <abs/b> }", "p: /abs/b r,\nq: /abs/b r,\n"},
		{"include of itself", "profile p { include <abs/loop> }", "p: /loop r,\n"},
		{"directory", "profile p { include <dir> }", "p: /one r, /two r,\n"},
		{"missing but optional", "profile p { include if exists <nope>\n /a r, }", "p: /a r,\n"},
		{"relative in quotes", "profile p { include \"abs/b\" }", "p: /abs/b r,\n"},
		{"variables", "include <tun>\nprofile p { @{X} r, /a@{Y}/b r, }", "p: \"{/x,/y}\" r, /a{/x/z,/y/z}/b r,\n"},
		{"operators", "@{A} = /a\n@{A} += /b\n@{A} ?= /c\n@{D} ?= /d\n@{E} = /e\n@{E} := /f\nprofile p { @{A} r, @{D} r, @{E} r, }", "p: \"{/a,/b}\" r, /d r, /f r,\n"},
		{"own variables", "profile p /bin/x* { @{exec_path} r, @{attach_path} r, /run/@{profile_name} r, }", "p: /bin/x* r, /bin/x* r, /run/p r,\n"},
		{"variable in a network label", "profile p { network send peer=(label:=@{profile_name}), }", "p: network send peer=(label:=p),\n"},
		{"own variables of a child", "profile p { profile c /c { /run/@{profile_name} r, } }", "p:\np//c: /run/p/c r,\n"},
		{"condition", "$B = true\nprofile p { include <cond> }", "p: /yes r,\n"},
		{"condition that does not hold", "$B = false\nprofile p { include <cond> }", "p: /no r,\n"},
		{"else if", "@{X} = 1 2\nprofile p { if @{X} == 1 { /a r, } else if 1 in @{X} and not defined @{Y} { /b r, } else { /c r, } }", "p: /b r,\n"},
		{"block", "profile p { audit deny owner { /a r, /b w, } }", "p: audit deny owner /a r, audit deny owner /b w,\n"},
		{"block in a block", "profile p { deny { owner { /a r, } other { owner /b r, } } }", "p: deny owner /a r,\n"},
		{"deny block silences", "profile p { deny { audit deny /a r, audit /b r, } }", "p: deny /a r, audit deny /b r,\n"},
		{"dropped from a block", "profile p { { /a r, network, } }", "p: /a r,\n"},
		{"hats and children", "profile p { ^h { /h r, } profile c { hat d { } /c r, } /p r, }", "p: /p r,\np//h: /h r,\np//c: /c r,\np//c//d:\n"},
		{"namespace", ":ns:p { /a r, }\nprofile :ns://q { profile c { } }", ":ns:p: /a r,\n:ns:q:\n:ns:q//c:\n"},
		{"slashes", "profile p { //a r, ///a//b/// r, }", "p: //a r, /a/b/ r,\n"},
		{"transitions", "profile p { /a px -> b, /a2 Cx -> c, /a3 pix -> :n:x, /a4 cx -> /a4, unsafe /a5 ix, }",
			"p: /a px -> b, /a2 Cx -> p//c, /a3 pix -> :n:x, /a4 cx, unsafe /a5 ix,\n"},
		{"links", "profile p { /a l, /b l -> /c, link subset /d -> /e, l subset /f -> /g, }", "p: /a l, link /b -> /c, link subset /d -> /e, link subset /f -> /g,\n"},
		{"change_profile", "profile p { change_profile, change_profile unsafe /a -> b, }", "p: change_profile -> **, change_profile unsafe /a -> b,\n"},
		{"classes", "profile p { signal send set=(kill,term) peer=x, ptrace r, dbus bind bus=a name=b, unix type=stream peer=(label=x), mqueue 12, }",
			"p: signal send set=(kill, term) peer=x, ptrace read, dbus bind bus=a name=b, unix type=stream peer=(label=x), mqueue type=sysv 12,\n"},
		{"limits", "profile p { set rlimit nice <= -5, set rlimit cpu <= 2 min, set rlimit as <= 1 K, set rlimit core <= infinity, }",
			"p: set rlimit nice <= -5, set rlimit cpu <= 120, set rlimit as <= 1024, set rlimit core <= infinity,\n"},
		{"empty is not any", "@{E} = \"\"\nprofile p { signal peer=@{E}, dbus bus=\"\", }", "p: signal peer={,}, dbus bus={,},\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := resolve(c.text, inc)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			if diff := cmp.Diff(c.want, written(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResolveErrors(t *testing.T) {
	inc := files("bad", "/a r,\n/b q,\n", "out", "include <bad>\n", "late", "@{X} = a\n", "notabi", "x {", "deep", "profile d { include <deep> }\n")
	for _, c := range []struct{ text, want string }{
		{"profile p { /a x, }", "t:1:13: exec permission without a transition"},
		{"profile p { deny /a px, }", "t:1:13: exec transition in a deny rule"},
		{"profile p { /a px,\n /a ix, }", `t:2:2: exec transition conflicts with that of "/a px," at t:1:13`},
		{"profile p { /a* px,\n /?b ix, }", `t:2:2: exec transition conflicts with that of "/a* px," at t:1:13`},
		{"profile p {\n change_profile unsafe /a -> b,\n change_profile /a -> b, }", "t:3:2: exec transition conflicts"},
		{"profile p { include <out> }", "bad:2:4: found \"q\", expected permissions"},
		{"profile p { include <out> }", "included from out:1:1, included from t:1:13"},
		{"profile p { include <nope> }", `t:1:13: cannot open "nope"`},
		{"profile p { include <../x> }", "the path leaves the include directory"},
		{"profile p { include \"/etc/passwd\" }", "no files were given for this kind of path"},
		{"profile p { /a r, }\ninclude <late>", "late:1:1: statement after a profile"},
		{"profile p { include <late> }", "late:1:1: alias or variable inside a profile"},
		{"abi <notabi>,", "t:1:1: apparmor: notabi:1: feature set ends"},
		{"abi <kernel>,", "needs the kernel's features"},
		{"profile p { @{X} r, }", "t:1:13: variable @{X} is not set"},
		{"@{X} = @{Y}\n@{Y} = @{X}\nprofile p { @{X} r, }", "variable @{X} refers to itself, in a value of @{Y}"},
		{"$X = true\nprofile p { @{X} r, }", "variable X is a boolean"},
		{"@{X} = a\n@{X} = b\n", "t:2:1: variable @{X} is already set"},
		{"@{X} += a\n", "values added to @{X}, which is not set yet"},
		{"profile p { if $X { } }", "t:1:16: boolean variable $X is not set"},
		{"profile p { if a < 1 { } }", "a number can only be compared with a number"},
		{"profile p { }\nprofile p { }", "t:2:1: profile \"p\" is defined twice"},
		{"profile p { ^h { }\n ^h { } }", "t:2:2: profile or hat \"h\" is defined twice"},
		{"profile p flags=(complain, kill) { }", "flag kill conflicts with complain"},
		{"profile p flags=(fast) { }", "unknown profile flag \"fast\""},
		{"profile p { /a r, /[ w, }", "t:1:19: bad pattern \"/[\""},
		{"profile p { /{a} r, }", "{} with a single alternative"},
		{"profile p /{a { }", "bad pattern \"/{a\""},
		{"profile p { capability fly, }", "unknown capability \"fly\""},
		{"profile p { network inet fly, }", "family inet has no type or protocol \"fly\""},
		{"profile p { network ip=1.2.3.4/8, }", "ip address \"1.2.3.4/8\""},
		{"profile p { signal set=boo, }", "unknown signal \"boo\""},
		{"profile p { set rlimit nofile <= 5 K, }", "limit of nofile: no unit applies"},
		{"profile p { set rlimit nice <= 20, }", "limit of nice: out of range"},
		{"profile p { mount options=(ro,rw), }", "mount options that exclude each other"},
		{"profile p { mount options=bind fstype=ext4 /a -> /b, }", "mount rule that can match nothing"},
		{"profile p { dbus send name=a, }", "send or receive with the name of a service"},
		{"profile p { unix bind peer=(label=x), }", "permission of the own socket in a rule with a peer"},
		{"profile p { owner network, }", "owner or other on a network rule"},
		{"profile p { priority=1001 /a r, }", "priority out of range"},
		{"profile p { priority=1 { /a r, } }", "priority on a block"},
		{"profile p { allow { deny /a r, } }", "qualifier deny of the rule conflicts with that of its block, allow"},
		{"/a r,", "t:1:1: rule outside of a profile"},
		{"include <deep>", "includes nested deeper than 100: \"deep\" includes itself"},
	} {
		_, err := resolve(c.text, inc)
		if err == nil {
			t.Errorf("%q: accepted, want %q", c.text, c.want)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
		var e *syntax.Error
		if !errors.As(err, &e) || !e.Pos.IsValid() {
			t.Errorf("%q: no position in %#v", c.text, err)
		}
	}
}

// TestTooManyTransitions fills the kernel's table of named exec transitions.
func TestTooManyTransitions(t *testing.T) {
	text := func(n int) string {
		var b strings.Builder
		b.WriteString("profile p {\n")
		for i := 0; i < n; i++ {
			fmt.Fprintf(&b, "/bin/%d px -> t%d,\n", i, i)
		}
		return b.String() + "}\n"
	}
	if _, err := resolve(text(apparmor.MaxTransitions), nil); err != nil {
		t.Error(err)
	}
	_, err := resolve(text(apparmor.MaxTransitions+1), nil)
	if err == nil || !strings.Contains(err.Error(), "t:14:1: more than 12 different exec targets") {
		t.Errorf("got %v", err)
	}
}

// TestBombs resolves policy that grows without bound when taken literally.
func TestBombs(t *testing.T) {
	var doubling strings.Builder
	doubling.WriteString("@{V0} = a b\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&doubling, "@{V%d} = @{V%d}@{V%d}\n", i, i-1, i-1)
	}
	wide := "@{A} = " + strings.Repeat("x y z ", 2000) + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"variables that double", doubling.String() + "profile p { /@{V59} r, }", "take more than"},
		{"alternations side by side", wide + "profile p { /" + strings.Repeat("@{A}", 5000) + " r, }", ""},
		{"alternations inside each other", "profile p { /" + strings.Repeat("{a,", 60) + strings.Repeat("}", 60) + " r, }", "nested too deeply"},
		{"product of exec rules", "profile p { /" + strings.Repeat("{a,b}", 50) + " px,\n /" + strings.Repeat("{a,bb}", 50) + "* ix,\n /" + strings.Repeat("{b,a}", 50) + "* ux, }", "conflict"},
		{"repeated mount options", "profile p { mount" + strings.Repeat(" options=ro options in (rw)", 5000) + ", }", ""},
		{"pairs of mount options", "profile p { mount" + mountOptions() + ", }", "more than 4096 combinations"},
		{"deep blocks", "profile p { " + strings.Repeat("{ ", 1000) + strings.Repeat("} ", 1000) + "}", "nested deeper than"},
		{"deep expression", "profile p { if " + strings.Repeat("( ", 1000) + "true" + strings.Repeat(" )", 1000) + " { } }", "nested deeper than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := resolve(c.text, nil)
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %.300v, want %q", err, c.want)
			}
		})
	}
}

// mountOptions writes 128 different sets of mount options twice, as options= and as options in.
func mountOptions() string {
	var b strings.Builder
	for i := range 128 {
		var set []string
		for bit, name := range []string{"ro", "nosuid", "nodev", "noexec", "sync", "dirsync", "noatime"} {
			if i>>bit&1 != 0 {
				set = append(set, name)
			}
		}
		fmt.Fprintf(&b, " options=(%s, silent) options in (%s, silent)", strings.Join(set, ", "), strings.Join(set, ", "))
	}
	return b.String()
}

// TestOrigins follows a rule back through the includes.
func TestOrigins(t *testing.T) {
	p, err := resolve("profile p {\n  include <a>\n}\n", files("a", "# first\ninclude <b>\n", "b", "\n  /x r,\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := p.Profile("p").Rules[0].Quals().Origin.String()
	if want := "b:2:3 (included from a:2:1) (included from t:2:3)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCacheKeepsPoliciesApart resolves two profiles with the same include and different variables from one cache.
func TestCacheKeepsPoliciesApart(t *testing.T) {
	opts := &apparmor.ResolveOptions{Includes: files("abs", "@{X}/@{profile_name} r,\n"), Cache: apparmor.NewCache()}
	for _, name := range []string{"one", "two", "one"} {
		f, err := syntax.Parse(name, []byte("@{X} = /"+name+"\nprofile "+name+" {\n  include <abs>\n}\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := apparmor.Resolve(f, opts)
		if err != nil {
			t.Fatal(err)
		}
		want := "/" + name + "/" + name + " r,"
		if r := p.Profiles[0].Rules[0]; r.String() != want || r.Quals().Origin.From.Pos.File != name {
			t.Errorf("got %s from %v, want %s", r, r.Quals().Origin, want)
		}
	}
}

// TestAliases copies rules and attachments.
func TestAliases(t *testing.T) {
	p, err := resolve("alias /usr/ -> /mnt/usr/,\nprofile p /usr/bin/x { /usr/lib/** r, /etc/x l -> /usr/y, }", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Profiles[0].Rules {
		got = append(got, r.String())
	}
	want := []string{"/usr/lib/** r,", "link /etc/x -> /usr/y,", "/mnt/usr/lib/** r,", "link /etc/x -> /mnt/usr/y,"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a := p.Profiles[0].AttachmentAliases; len(a) != 1 || a[0] != "/mnt/usr/bin/x" {
		t.Errorf("attachments %q", a)
	}
}

// TestImplied lists the rules that nobody wrote.
func TestImplied(t *testing.T) {
	p, err := resolve("profile p { change_profile -> q, ^h { } }\nprofile q { all, }", nil)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, prof := range p.Profiles {
		for _, r := range prof.Rules {
			if r.Quals().Implied {
				count[prof.Name+" "+r.Class().String()]++
			}
		}
	}
	want := map[string]int{"p file": 6, "p//h file": 3, "q file": 2, "q unix": 1, "q dbus": 1, "q io_uring": 1, "q mqueue": 1, "q ptrace": 1,
		"q signal": 1, "q userns": 1, "q mount": 4, "q network": 1, "q capability": 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
}

// TestABI takes the first abi rule, or the default.
func TestABI(t *testing.T) {
	inc := files("abi/x", "dbus {yes\n}\n", "abi/y", "mount {yes\n}\n")
	p, err := resolve("abi <abi/x>,\nabi <abi/y>,\nprofile p { abi <abi/y>, }", inc)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Features.Mediates(apparmor.ClassDbus) || p.Features.Mediates(apparmor.ClassMount) || p.ABI != "<abi/x>" || len(p.Warnings) != 2 {
		t.Errorf("abi %s %v, warnings %v", p.ABI, p.Features, p.Warnings)
	}
	p, err = resolve("profile p { abi <abi/x>, }", inc)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Features.Equal(apparmor.DefaultFeatures()) || p.ABI != "" {
		t.Errorf("an abi rule inside a profile chose the features: %v", p.Features)
	}
}

// FuzzResolve checks that no text makes Resolve panic or run away, and that what it accepts stays acceptable when formatted.
func FuzzResolve(f *testing.F) {
	inc := files("a", "/a r,\ninclude <b>\n", "b", "@{X}/b r,\n", "d/x", "if $B { /x r, }\n", "abi", "dbus {yes\n}\n", "v", "@{X} = /x /y\n$B = true\n")
	for _, s := range []string{
		"include <v>\nprofile p /bin/{a,b} { include <a>\n include <d>\n @{X}/** rwix, }\n",
		"abi <abi>,\nalias /a -> /b,\n@{Y} = @{Y}x\nprofile p { deny owner { /a r, } ^h { } profile c { all, } }\n",
		"profile p { dbus send peer=(name=a), network inet tcp, signal set=kill, mount options=ro /a -> /b, /a px -> x, /b* cx, }\n",
		"profile p { if @{X} == a and not defined $B { /a r, } else { /b r, } }\n",
	} {
		f.Add(s)
	}
	cache := apparmor.NewCache()
	f.Fuzz(func(t *testing.T, text string) {
		file, err := syntax.ParseString("f", text)
		if err != nil {
			return
		}
		opts := &apparmor.ResolveOptions{Includes: inc, Cache: cache}
		p, err := apparmor.Resolve(file, opts)
		if err != nil {
			return
		}
		again, err := syntax.Parse("f", syntax.Format(file))
		if err != nil {
			t.Fatalf("formatted text does not parse: %v", err)
		}
		q, err := apparmor.Resolve(again, opts)
		if err != nil {
			t.Fatalf("formatted text does not resolve: %v\n%s", err, syntax.Format(file))
		}
		if written(p) != written(q) {
			t.Fatalf("formatting changed what the text means:\n%s\n%s", written(p), written(q))
		}
	})
}

func ExampleResolve() {
	src := []byte(`abi <abi/4.0>,
include <tunables/home>
profile app /usr/bin/app {
  include <abstractions/base>
  @{HOME}/.config/app/** rw,
  deny /etc/shadow r,
}
`)
	file, err := syntax.Parse("usr.bin.app", src)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%+v\n", err)
		return
	}
	pol, err := apparmor.Resolve(file, &apparmor.ResolveOptions{Includes: files( // usually os.DirFS("/etc/apparmor.d")
		"abi/4.0", "file {mask {read write}}\n",
		"tunables/home", "@{HOME} = /home/*/ /root/\n",
		"abstractions/base", "/etc/ld.so.cache r,\n",
	)})
	if err != nil {
		fmt.Fprintf(os.Stderr, "%+v\n", err)
		return
	}
	for _, r := range pol.Profile("app").Rules {
		fmt.Println(r.Quals().Origin.Pos, r)
	}
	// Output:
	// abstractions/base:1:1 /etc/ld.so.cache r,
	// usr.bin.app:5:3 "{/home/*,/root}/.config/app/**" rw,
	// usr.bin.app:6:3 deny /etc/shadow r,
}

func ExampleParseFeatures() {
	f, err := apparmor.ParseFeatures("abi/x", []byte("network_v8 {af_mask {inet inet6\n}\n}\nsignal {mask {kill term\n}\n}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Has("network_v8/af_mask/inet6"), f.Mediates(apparmor.ClassSignal), f.Mediates(apparmor.ClassDbus))
	// Output: true true false
}

func ExampleReadFeatures() {
	live := files("signal/mask", "kill term\n", "policy/versions/v8", "yes\n") // os.DirFS("/sys/kernel/security/apparmor/features")
	f, err := apparmor.ReadFeatures(live)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(f)
	// Output:
	// policy {versions {v8 {yes
	// }
	// }
	// }
	// signal {mask {kill term
	// }
	// }
}
