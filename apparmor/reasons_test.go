package apparmor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gostockade/stockade/internal/dfa"
)

// explodingProfile has rules that cannot be told apart in a small automaton.
func explodingProfile() *Profile {
	p := &Profile{Name: "boom"}
	for i := range 20 {
		p.Rules = append(p.Rules, &FileRule{Qualifiers: at(i+1, Allow), Path: fmt.Sprintf("/srv/**%c**", 'a'+i), Perms: Read})
	}
	p.Rules = append(p.Rules, &FileRule{Qualifiers: at(50, Deny), Path: "/srv/**secret**", Perms: Read},
		&FileRule{Qualifiers: withPriority(at(51, Allow), 3), Path: "/srv/xx/secret", Perms: Read})
	return p
}

// TestMergedAutomaton: a profile whose rules cannot be told apart in bounded memory is evaluated all the same, and names
// its reasons.
func TestMergedAutomaton(t *testing.T) {
	p := explodingProfile()
	c, err := compile(p, DefaultFeatures(), dfa.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if !c.file.merged || c.file.d.Len() > 2000 {
		t.Fatalf("merged %v, %d states", c.file.merged, c.file.d.Len())
	}
	e := evaluator(t, &Policy{Profiles: []*Profile{p}})
	for path, want := range map[string]struct {
		allowed bool
		lines   []int
	}{
		"/srv/x/a":       {true, []int{1}},
		"/srv/ab":        {true, []int{1, 2}},
		"/srv/xyz":       {false, nil},
		"/srv/a/secret":  {false, []int{50}},
		"/srv/xx/secret": {true, []int{51}},
	} {
		d, err := e.Evaluate("boom", File{Path: path, Access: Read})
		var lines []int
		for _, r := range d.Because {
			lines = append(lines, r.Rule.Quals().Origin.Line)
		}
		if err != nil || d.Allowed != want.allowed || !slices.Equal(lines, want.lines) {
			t.Errorf("%s: %v, %v; want allowed %v by %v", path, d, err, want.allowed, want.lines)
		}
	}
}

// TestReasonsAgree: both ways of finding the reasons give the same ones.
func TestReasonsAgree(t *testing.T) {
	f := testFeatures(t)
	named := 0
	for seed := range uint64(120) {
		g := roller{rand.New(rand.NewPCG(seed, 4))}
		c, err := compile(randomPolicy(g.Rand).Profiles[0], f, dfa.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			q := g.request()
			var a Decision
			q.evaluate(c, &a)
			b := a
			c.nameReasons(q, &b)
			if fmt.Sprint(a.Because) != fmt.Sprint(b.Because) {
				t.Errorf("seed %d, %v: %v by states, %v one by one", seed, q, a.Because, b.Because)
			}
			named += len(a.Because)
		}
	}
	if named < 200 {
		t.Errorf("only %d reasons compared", named)
	}
}

// TestDiffMerged: differences of such profiles name the right rules too.
func TestDiffMerged(t *testing.T) {
	old, new := explodingProfile(), explodingProfile()
	new.Rules = append(new.Rules, &FileRule{Qualifiers: at(60, Allow), Path: "/opt/z", Perms: Read})
	old.Rules = append(old.Rules, &FileRule{Qualifiers: at(61, Allow), Path: "/var/z", Perms: Read})
	changes, err := Diff(old, new, nil)
	if err != nil || len(changes) != 2 {
		t.Fatalf("%v, %v; want two changes", changes, err)
	}
	for i, line := range []int{60, 61} {
		if b := changes[i].Because; len(b) != 1 || b[0].Rule.Quals().Origin.Line != line {
			t.Errorf("%v; want it because of line %d", changes[i], line)
		}
	}
}
