package apparmor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/dfa"
	"github.com/gostockade/stockade/internal/testenv"
)

// debianProfiles lists the profiles of Debian's apparmor, apparmor-profiles and apparmor-profiles-extra packages.
func debianProfiles(t testing.TB) []string {
	t.Helper()
	testenv.Tool(t, "apparmor_parser") // the packages are installed together
	var out []string
	for _, dir := range []string{"/etc/apparmor.d", "/usr/share/apparmor/extra-profiles"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !ignoredFile(e.Name()) {
				out = append(out, filepath.Join(dir, e.Name()))
			}
		}
	}
	return out
}

func resolveFile(path string, cache *Cache) (*Policy, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := syntax.Parse(path, src)
	if err != nil {
		return nil, err
	}
	return Resolve(f, &ResolveOptions{Includes: os.DirFS("/etc/apparmor.d"), Root: os.DirFS("/"), Cache: cache})
}

// TestDebianAgainstParser walks our automata of every Debian profile with those that apparmor_parser writes: files, links,
// transitions by name, change_profile; every class of the other automaton; capabilities. Without STOCKADE_CI only every
// tenth profile is compared, because the parser takes a minute for all of them.
func TestDebianAgainstParser(t *testing.T) {
	parser := testenv.Tool(t, "apparmor_parser")
	features := testenv.Shared(t, "conformance/apparmor/features/3.0")
	data, err := os.ReadFile(features)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseFeatures("3.0", data)
	if err != nil {
		t.Fatal(err)
	}
	cache := NewCache()
	var mu sync.Mutex
	profiles := 0
	t.Run("all", func(t *testing.T) {
		for i, path := range debianProfiles(t) {
			if os.Getenv("STOCKADE_CI") != "1" && i%10 != 0 {
				continue
			}
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				p, err := resolveFile(path, cache)
				if err != nil {
					t.Fatal(err)
				}
				theirs, err := parserOutput(t, 5*time.Minute, parser, features, path)
				if err != nil {
					t.Fatal(err)
				}
				for _, diff := range comparePolicy(t, p, f, theirs) {
					t.Error(diff)
				}
				mu.Lock()
				profiles += len(p.Profiles)
				mu.Unlock()
			})
		}
	})
	t.Logf("%d profiles, children and hats are language-equal", profiles)
}

// TestExampleProfiles asks the two example profiles what they are for.
func TestExampleProfiles(t *testing.T) {
	debianProfiles(t) // for the abstractions
	for name, tests := range map[string][]struct {
		q     string
		allow bool
	}{
		"myapp": {
			{"/var/lib/myapp/x r", true},
			{"/etc/passwd w", false},
			{"/etc/passwd r", false},
			{"network inet raw", false},
			{"network inet6 raw", false},
			{"network packet raw", false},
			{"network inet stream", true},
			{"capability sys_admin", false},
			{"capability dac_read_search", true},
			{"/tmp/x w", true},
		},
		"node-api": {
			{"/etc/shadow r", false},
			{"/app/index.js r", true},
			{"/app/index.js w", false},
			{"/usr/local/bin/node x", true},
			{"owner /home/user/.ssh/authorized_keys w", false},
			{"owner /root/.ssh/authorized_keys w", false},
			{"owner /home/user/.ssh/id_ed25519 r", false},
			{"network inet stream", true},
			{"network inet raw", false},
		},
	} {
		p, err := resolveFile(testenv.Shared(t, "corpora/apparmor/"+name), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f, err := ParseFeatures("3.0", mustRead(t, testenv.Shared(t, "conformance/apparmor/features/3.0")))
		if err != nil {
			t.Fatal(err)
		}
		for _, features := range []*Features{p.Features, f} {
			e, err := NewEvaluator(p, &EvaluateOptions{Features: features})
			if err != nil {
				t.Fatal(err)
			}
			for _, tt := range tests {
				q, err := ParseRequest(tt.q)
				if err != nil {
					t.Fatal(err)
				}
				if d, err := e.Evaluate(name, q); err != nil || d.Allowed != tt.allow || d.Unmediated {
					t.Errorf("%s: %s: %v, %v; want allowed %v", name, tt.q, d, err, tt.allow)
				}
			}
		}
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExampleHomes: no home that the tunables define lets node-api touch authorized_keys. The homes are the words of
// @{HOME}; the automaton shows that no path of that form is writable at all.
func TestExampleHomes(t *testing.T) {
	debianProfiles(t)
	p, err := resolveFile(testenv.Shared(t, "corpora/apparmor/node-api"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compile(p.Profile("node-api"), p.Features, dfa.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := dfa.Glob(homeKeys(t, p), dfa.GlobPath)
	if err != nil {
		t.Fatal(err)
	}
	x, err := dfa.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b := dfa.NewBuilder(dfa.Limits{})
	if err := b.Add(x, 0); err != nil {
		t.Fatal(err)
	}
	in, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	if err := dfa.WalkIn(in, in, dfa.Start, c.file.d, dfa.Start, func(pair dfa.Pair) bool {
		asked++
		if v := c.file.verdict(pair.B); (half(v.allow, true)|half(v.allow, false))&(Write|Append) != 0 {
			t.Errorf("%s is writable", pair.Path())
		}
		return true
	}); err != nil || asked == 0 {
		t.Errorf("%d states asked, %v", asked, err)
	}
}

// homeKeys returns the pattern of authorized_keys in every home: the deny rule's own pattern with its last ** replaced, so
// that the homes are those the tunables define.
func homeKeys(t *testing.T, p *Policy) string {
	t.Helper()
	for _, r := range p.Profile("node-api").Rules {
		if f, ok := r.(*FileRule); ok && f.Action == Deny && strings.HasSuffix(f.Path, "/.ssh/**") {
			return strings.TrimSuffix(f.Path, "**") + "authorized_keys"
		}
	}
	t.Fatal("node-api has no deny rule for .ssh")
	return ""
}

// BenchmarkDebianCompile builds the automata of all Debian profiles, one after the other.
func BenchmarkDebianCompile(b *testing.B) {
	cache := NewCache()
	var policies []*Policy
	for _, path := range debianProfiles(b) {
		p, err := resolveFile(path, cache)
		if err != nil {
			b.Fatal(err)
		}
		policies = append(policies, p)
	}
	f, err := ParseFeatures("3.0", mustRead(b, testenv.Shared(b, "conformance/apparmor/features/3.0")))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		states := 0
		for _, p := range policies {
			for _, prof := range p.Profiles {
				c, err := compile(prof, f, dfa.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				states += c.file.d.Len() + c.db.d.Len()
			}
		}
		b.ReportMetric(float64(states), "states")
	}
}

// BenchmarkDebianEvaluate asks a large real profile.
func BenchmarkDebianEvaluate(b *testing.B) {
	debianProfiles(b)
	p, err := resolveFile("/usr/share/apparmor/extra-profiles/usr.bin.evolution-2.10", nil)
	if err != nil {
		b.Fatal(err)
	}
	e := evaluator(b, p)
	name := p.Profiles[0].FullName()
	for _, text := range []string{"/etc/shadow r", "/usr/lib/x86_64-linux-gnu/libc.so.6 m", "owner /home/user/.evolution/mail/local/Inbox w", "network inet stream"} {
		q, err := ParseRequest(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(q), func(b *testing.B) {
			if _, err := e.Evaluate(name, q); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Evaluate(name, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestFormatKeepsMeaning formats every Debian profile and compares what it means before and after: every automaton with
// every permission, transition and log mask.
func TestFormatKeepsMeaning(t *testing.T) {
	cache := NewCache()
	for i, path := range debianProfiles(t) {
		if !testenv.CI() && i%10 != 0 {
			continue
		}
		before, err := resolveFile(path, cache)
		if err != nil {
			t.Fatal(err)
		}
		file, err := syntax.Parse(path, mustRead(t, path))
		if err != nil {
			t.Fatal(err)
		}
		formatted, err := syntax.Parse(path, syntax.Format(file))
		if err != nil {
			t.Errorf("%s: formatted: %v", path, err)
			continue
		}
		after, err := Resolve(formatted, &ResolveOptions{Includes: os.DirFS("/etc/apparmor.d"), Root: os.DirFS("/"), Cache: cache})
		if err != nil {
			t.Errorf("%s: formatted: %v", path, err)
			continue
		}
		changes, removed, added, err := DiffPolicies(before, after, &DiffOptions{Logging: true})
		if err != nil || changes != nil || removed != nil || added != nil {
			t.Errorf("%s: %v %v %v %v", path, changes, removed, added, err)
		}
	}
}

// BenchmarkDebianMinimal builds the smallest automata of all Debian profiles, as an encoder of kernel policy needs them:
// rules that do the same as one, states told apart by permissions alone.
func BenchmarkDebianMinimal(b *testing.B) {
	cache := NewCache()
	f, err := ParseFeatures("3.0", mustRead(b, testenv.Shared(b, "conformance/apparmor/features/3.0")))
	if err != nil {
		b.Fatal(err)
	}
	var profiles []*Profile
	for _, path := range debianProfiles(b) {
		p, err := resolveFile(path, cache)
		if err != nil {
			b.Fatal(err)
		}
		profiles = append(profiles, p.Profiles...)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		states := 0
		for _, p := range profiles {
			c := &compiled{profile: p, features: f}
			c.net, c.unix = networkClasses(f)
			file, db := newAutomatonBuilder(dfa.Limits{}), newAutomatonBuilder(dfa.Limits{})
			for _, r := range p.Rules {
				c.addRule(file, db, r)
			}
			c.marks(db)
			for _, a := range []*automatonBuilder{file, db} {
				d, err := a.b.Reduce(a.alike()).Build()
				if err != nil {
					b.Fatal(err)
				}
				states += d.Minimize().Len()
			}
		}
		b.ReportMetric(float64(states), "states")
	}
}
