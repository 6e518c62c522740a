package apparmortest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

const appText = `include <tunables/dirs>
profile app /usr/bin/app {
  @{DATA}/** r,
  deny @{DATA}/secret r,
  /usr/bin/id ix,
  capability net_admin,
}
`

var appIncludes = fstest.MapFS{"tunables/dirs": {Data: []byte("@{DATA} = /srv/data\n")}}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "usr.bin.app")
	if err := os.WriteFile(path, []byte(appText), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(t, Load(t, path, appIncludes), nil)
	s.Check("app", `
		/srv/data/x r        allow
		/srv/data/secret r   deny quiet
		/usr/bin/id x        allow -> ix
		capability net_admin allow
	`)
	s.RequireCoverage("app")
}

func TestLoadErrors(t *testing.T) {
	for src, want := range map[string]string{
		"profile app {\n  /etc/passwd rz,\n}\n":     "app:2:",
		"profile app {\n  capability flying,\n}\n":  "app:2:",
		"include <missing>\nprofile app {\n}\n":     "app:1:",
		"profile app {\n  @{NOWHERE}/x r,\n}\n":     "app:2:",
		"profile app {\n  /a r\n":                   "app:",
		"profile app {\n /a/* px,\n /a/b* ux,\n}\n": "app:",
	} {
		r := &recorder{TB: t}
		if p := Parse(r, "app", src, nil); p != nil || !r.fatal || !strings.Contains(r.errors[0], want) {
			t.Errorf("%q: policy %v, reported %q, want %q", src, p, r.errors, want)
		}
	}
	r := &recorder{TB: t}
	if Load(r, "/nonexistent", nil) != nil || !r.fatal {
		t.Errorf("missing file: %q", r.errors)
	}
}

func ExampleParse() {
	// In a test, pass its *testing.T.
	var t testing.TB = &printer{}
	policy := Parse(t, "usr.bin.app", appText, appIncludes)
	s := New(t, policy, nil)
	s.Check("app", `
		/srv/data/x r        allow
		/srv/data/secret r   allow
	`)
	covered, total := s.Coverage("app")
	fmt.Println(covered, "of", total, "rules exercised")
	// Output:
	// app: line 3: /srv/data/secret r: got deny, want allow
	//	denied r (quiet): usr.bin.app:4:3 deny /srv/data/secret r,
	// 2 of 4 rules exercised
}
