package apparmor

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gostockade/stockade/apparmor/policydb"
	"github.com/gostockade/stockade/internal/testenv"
)

// TestRandomPolicyAgainstParser makes policies of random rules, prints them, lets apparmor_parser compile the text, and
// walks its automata with ours.
func TestRandomPolicyAgainstParser(t *testing.T) {
	parser := testenv.Tool(t, "apparmor_parser")
	for _, features := range []string{"3.0", "features.all"} {
		file := testenv.Shared(t, "conformance/apparmor/features/"+features)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseFeatures(features, data)
		if err != nil {
			t.Fatal(err)
		}
		compared, rejected, answers := 0, 0, 0
		for seed := range uint64(100) {
			p := randomPolicy(rand.New(rand.NewPCG(seed, 1)))
			src := filepath.Join(t.TempDir(), fmt.Sprint(seed))
			if err := os.WriteFile(src, []byte(policyText(p)), 0o600); err != nil {
				t.Fatal(err)
			}
			theirs, err := parserOutput(t, 5*time.Minute, parser, file, src)
			if err != nil {
				rejected++ // conflicting transitions; the Clash test covers them
				if c, err2 := compile(p.Profiles[0], f, limitsForTest); err2 != nil || !c.file.clashes() {
					t.Errorf("seed %d: the parser rejects it and we do not: %v\n%s", seed, err, policyText(p))
				}
				continue
			}
			compared++
			answers += compareAnswers(t, p, f, theirs[0], rand.New(rand.NewPCG(seed, 3)))
			for _, diff := range comparePolicy(t, p, f, theirs) {
				t.Errorf("%s, seed %d: %s\n%s", features, seed, diff, policyText(p))
			}
		}
		t.Logf("%s: %d policies equal, %d rejected by both; %d requests allowed by both", features, compared, rejected, answers)
		if compared < 30 {
			t.Errorf("only %d policies compared", compared)
		}
	}
}

// compareAnswers asks random requests of Evaluate and of the parser's binary, and returns how many both allow.
func compareAnswers(t *testing.T, p *Policy, f *Features, their *policydb.Profile, r *rand.Rand) int {
	t.Helper()
	e, err := NewEvaluator(p, &EvaluateOptions{Features: f})
	if err != nil {
		t.Fatal(err)
	}
	allowed := 0
	for range 200 {
		q := roller{r}.request()
		switch q.(type) {
		case Network, Unix:
			if !f.Has("network_v8") {
				continue // another class, and families
			}
		}
		d, err := e.Evaluate("rnd", q)
		if err != nil {
			t.Fatal(err)
		}
		if want := kernelAllows(their, q); d.Allowed != want {
			t.Errorf("%v: %v, the kernel would say %v\n%s", q, d, want, policyText(p))
		}
		if d.Allowed {
			allowed++
		}
	}
	return allowed
}

// clashes reports whether any input asks for two transitions.
func (a *automaton) clashes() bool {
	for i := range a.verdicts {
		if a.verdicts[i].clash {
			return true
		}
	}
	return false
}

type roller struct{ *rand.Rand }

func (r roller) pick(s ...string) string { return s[r.IntN(len(s))] }

func randomPolicy(r *rand.Rand) *Policy {
	g := roller{r}
	p := &Profile{Name: "rnd"}
	for range 3 + r.IntN(12) {
		p.Rules = append(p.Rules, g.rule()...)
	}
	return &Policy{Profiles: []*Profile{p}}
}

func (g roller) quals() Qualifiers {
	q := Qualifiers{Action: Allow, Audit: g.IntN(4) == 0}
	if g.IntN(4) == 0 {
		q.Action = Deny
	}
	return q
}

func (g roller) path() string {
	out := ""
	for range 1 + g.IntN(3) {
		out += "/" + g.pick("a", "b", "ab", "*", "**", "a*", "*b", "{a,b}", "{a,b*}", "?", "[ab]", "[^a]c", "{,a}b", "c/{d,**}", `\*`, "x.y")
	}
	return out + g.pick("", "", "", "/", "/**", "{,/}")
}

func (g roller) label() string {
	return g.pick("", "", "unconfined", "foo", "foo*", "/usr/bin/*", "{a,b}", "**", "a//b")
}

func (g roller) rule() []Rule {
	q := g.quals()
	switch g.IntN(12) {
	case 0:
		return []Rule{&CapabilityRule{q, 1<<g.IntN(19) | 1<<(19+g.IntN(19))}}
	case 1:
		return []Rule{&SignalRule{q, SignalPerms(1+g.IntN(3)) << 1, [][]SignalNumber{nil, {9}, {9, 15}, {1, 129}}[g.IntN(4)], g.label()}}
	case 2:
		return []Rule{&PtraceRule{q, PtracePerms(1+g.IntN(15)) << 1, g.label()}}
	case 3:
		d := &DbusRule{Qualifiers: q, Perms: DbusSend, Bus: g.pick("", "session", "system"), Path: g.pick("", "/org/*", "/a"),
			Member: g.pick("", "Get*", "X"), PeerName: g.pick("", "org.x.**"), PeerLabel: g.label()}
		if g.IntN(2) == 0 {
			d = &DbusRule{Qualifiers: q, Perms: DbusBind, Bus: g.pick("", "session"), Name: g.pick("", "org.{x,y}")}
		}
		return []Rule{d}
	case 4, 5:
		return g.sockets(q)
	default:
		return []Rule{g.file(q)}
	}
}

// sockets makes network and unix rules with the rules they imply.
func (g roller) sockets(q Qualifiers) []Rule {
	if g.IntN(2) == 0 {
		return []Rule{&NetworkRule{Qualifiers: q, Perms: NetAll, Words: []string{"inet", "stream"}, Sockets: []NetworkSockets{{2, 1 << 1, AnyProtocol}}}}
	}
	u := &UnixRule{Qualifiers: q, Perms: NetPerms(g.IntN(4))<<21 | NetSend | NetConnect, Type: uint8(g.IntN(3)),
		Addr: g.pick("", "@a*", "none", "@x/**"), PeerLabel: g.label()}
	if u.PeerLabel != "" {
		u.Perms &= NetPeer
	}
	out := []Rule{u}
	if q.Action == Allow {
		types := AnyType
		if u.Type != 0 {
			types = 1 << u.Type
		}
		q.Implied = true
		out = append(out, &NetworkRule{Qualifiers: q, Perms: NetAll, Sockets: []NetworkSockets{{familyUnix, types, AnyProtocol}}})
	}
	return out
}

func (g roller) file(q Qualifiers) Rule {
	f := &FileRule{Qualifiers: q, Path: g.path(), Owner: Owner(g.IntN(2))}
	f.Perms = []FilePerms{Read, Read | Write | Append, Append, Lock | Read, Mmap | Read, Link | Read, Link, Exec, Exec | Read, Read}[g.IntN(10)]
	if f.Perms == Link {
		f.LinkTarget, f.LinkSubset = g.path(), g.IntN(2) == 0
	} else if f.Perms&Link != 0 {
		f.LinkSubset = true
	}
	if f.Perms&Exec != 0 && q.Action == Allow {
		f.Exec = []ExecTransition{
			{Mode: ExecInherit}, {Mode: ExecUnconfined, Unsafe: true}, {Mode: ExecUnconfined}, {Mode: ExecProfile}, {Mode: ExecInherit},
			{Mode: ExecProfile, Fallback: FallbackInherit}, {Mode: ExecProfile, Fallback: FallbackUnconfined, Unsafe: true}, {Mode: ExecProfile, Target: "tgt"},
		}[g.IntN(8)]
	}
	return f
}
