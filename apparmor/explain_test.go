package apparmor

import (
	"fmt"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	e := evaluator(t, appPolicy(t))
	for text, want := range map[string]string{
		"/etc/shadow r":                   "1 overruled by a deny rule; 2 decides",
		"/etc/shadow x":                   "1 about other permissions; 2 about other permissions",
		"/etc/hosts rw":                   "1 allows a part",
		"/prio/secret r":                  "13 outranked by a higher priority; 14 outranked by a higher priority; 15 decides",
		"capability chown":                "",
		"link /srv/new/a -> /srv/old/b":   "11 decides",
		"signal send set=kill peer=other": "32 decides",
	} {
		q, err := ParseRequest(text)
		if err != nil {
			t.Fatal(err)
		}
		x, err := e.Explain("app", q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range x.Matches {
			got = append(got, fmt.Sprint(m.Rule.Quals().Origin.Line, " ", m.Outcome))
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s: %s, want %s", text, s, want)
		}
		d, err := e.Evaluate("app", q)
		if err != nil || d.String() != x.Decision.String() {
			t.Errorf("%s: explained %v, evaluated %v, %v", text, x.Decision, d, err)
		}
	}
}

func ExampleEvaluator_Explain() {
	app := &Profile{Name: "app", Rules: []Rule{
		&FileRule{Qualifiers: at(2, Allow), Path: "/etc/*", Perms: Read},
		&FileRule{Qualifiers: at(3, Deny), Path: "/etc/shadow", Perms: Read},
	}}
	e, err := NewEvaluator(&Policy{Profiles: []*Profile{app}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := e.Explain("app", File{Path: "/etc/shadow", Access: Read})
	fmt.Print(x)
	fmt.Println(err)
	// Output:
	// /etc/shadow r: denied r (quiet)
	//     app:2:3: /etc/* r,  (overruled by a deny rule)
	//     app:3:3: deny /etc/shadow r,  (decides)
	// <nil>
}
