package apparmor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gostockade/stockade/apparmor/policydb"
	"github.com/gostockade/stockade/internal/dfa"
)

// The oracle is Debian's apparmor_parser: its binary output is decoded, and its automata are walked side by side with
// ours. Both are brought into one notation for that, the parser's permission words with transitions by name.

// parserOutput compiles a file with apparmor_parser under a feature set and decodes the result. It gives up when the parser
// takes longer than patience.
func parserOutput(t *testing.T, patience time.Duration, parser, features, file string, args ...string) ([]*policydb.Profile, error) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	args = append([]string{"--config-file=/dev/null", "-QKq", "-M", features, "-o", out}, args...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	msg, err := exec.CommandContext(ctx, parser, append(args, file)...).CombinedOutput()
	if ctx.Err() != nil {
		t.Logf("%s: the parser takes too long, not compared", file)
	}
	if err != nil {
		return nil, fmt.Errorf("apparmor_parser: %v: %s", err, msg)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return policydb.Decode(data)
}

// oldHalf is one half of a file permission word: 7 bits of permissions, then the kind of transition.
func oldHalf(p FilePerms, x *ExecTransition) (bits uint32, target string) {
	bits = uint32(p)
	if p&Exec == 0 || x == nil {
		return bits, ""
	}
	switch x.Mode {
	case ExecInherit:
		bits |= 0x200
	case ExecUnconfined:
		bits |= 1 << 10
	case ExecProfile:
		bits |= 2 << 10
	case ExecChild:
		bits |= 3 << 10
	}
	switch x.Fallback {
	case FallbackInherit:
		bits |= 0x200
	case FallbackUnconfined:
		bits |= 0x80
	}
	if x.Unsafe {
		bits |= 0x100
	}
	if x.Target != "" {
		bits = bits&^0x3c00 | 4<<10
	}
	return bits, x.Target
}

// fileWord writes a verdict of ours as accept, accept2 and the targets of both halves.
func (a *automaton) fileWord(v verdict) string {
	var words [2]uint32
	var targets [2]string
	for h := range 2 {
		var x *ExecTransition
		if i := v.exec[h]; i > 0 {
			x = &a.transitions[i-1]
		}
		words[h], targets[h] = oldHalf(half(v.allow, h == 0), x)
	}
	accept := words[0] | words[1]<<14
	if v.allow&permChangeProf != 0 {
		accept |= 1 << 31
	}
	if v.allow&permOnexec != 0 {
		accept |= 1 << 30
	}
	if v.allow&onexecKeepsEnv != 0 {
		accept |= 0x100 | 0x100<<14
	}
	pack := func(bits uint32) uint32 { return bits&0x7f | bits>>otherShift&0x7f<<14 }
	return word(accept, pack(v.audit)|pack(v.quiet)<<7, targets)
}

// word drops the audit bits of permissions that are not allowed: the kernel never looks at them, and the parser leaves some.
func word(accept, accept2 uint32, targets [2]string) string {
	const logged, silent = 0x1fc07f, 0x1fc07f << 7
	accept2 = accept2&silent | accept2&logged&accept
	if accept == 0 && accept2 == 0 {
		return ""
	}
	return fmt.Sprintf("accept %#x accept2 %#x %q", accept, accept2, targets)
}

// theirFileWord writes a state of the parser's file automaton in the same way.
func theirFileWord(db *policydb.DB, s int) string {
	accept, accept2 := db.DFA.Accept[s], uint32(0)
	if db.DFA.Accept2 != nil {
		accept2 = db.DFA.Accept2[s]
	}
	var targets [2]string
	for h, shift := range [2]uint{0, 14} {
		if i := accept >> (shift + 10) & 0xf; i >= 4 && accept>>shift&1 != 0 {
			targets[h] = db.Transitions[i-4]
			accept = accept&^(0xf<<(shift+10)) | 4<<(shift+10)
		}
	}
	return word(accept, accept2, targets)
}

// classWord writes a verdict of ours in the words of the classes' automaton, which squeeze socket permissions into 14
// bits.
func classWord(v verdict) string {
	return word(squeeze(v.allow), squeeze(v.audit)&0x1fc07f|squeeze(v.quiet)&0x1fc07f<<7, [2]string{})
}

func squeeze(p uint32) uint32 {
	return p&0x7f | p&0x300<<6 | p&0x700000>>4 | p&0x3000000>>5
}

func theirClassWord(db *policydb.DB, s int) string {
	accept2 := uint32(0)
	if db.DFA.Accept2 != nil {
		accept2 = db.DFA.Accept2[s]
	}
	return word(db.DFA.Accept[s], accept2, [2]string{})
}

// words numbers the notations of two automata alike; "" is 0.
type words map[string]int32

func (w words) id(s string) int32 {
	if s == "" {
		return 0
	}
	n, ok := w[s]
	if !ok {
		n = int32(len(w) + 1)
		w[s] = n
	}
	return n
}

func (w words) text(id int32) string {
	for s, n := range w {
		if n == id {
			return s
		}
	}
	return "nothing"
}

// difference returns the shortest input on which two automata differ, with both answers; "" when they are equal. The empty
// input, which no kernel asks about and for which the parser writes no answer, does not count, nor do inputs of the
// ignored class.
func difference(w words, ours, theirs *dfa.DFA, ignore ...byte) string {
	out := ""
	err := dfa.Walk(ours, dfa.Start, theirs, dfa.Start, func(p dfa.Pair) bool {
		a, b := w.text(ours.Label(p.A)), w.text(theirs.Label(p.B))
		if a == b {
			return true
		}
		path := p.Path()
		if len(path) > 0 && bytes.IndexByte(ignore, path[0]) < 0 && !hiddenMark(path, a, b) {
			out = fmt.Sprintf("on %q: ours %s, theirs %s", path, a, b)
		}
		return out == ""
	})
	if err != nil {
		return err.Error()
	}
	return out
}

// hiddenMark reports whether two answers for a class byte differ only in the mark that says the class is mediated. In
// apparmor_parser before 4.1 a deny rule whose pattern matches the empty string takes the mark's permission away; the
// state stays, which is what the kernel looks for.
func hiddenMark(path []byte, ours, theirs string) bool {
	if len(path) != 1 {
		return false
	}
	var a, b [2]uint32 // stay zero for "nothing"
	fmt.Sscanf(ours, "accept %v accept2 %v", &a[0], &a[1])
	fmt.Sscanf(theirs, "accept %v accept2 %v", &b[0], &b[1])
	return (a[0]^b[0])&^uint32(markMediated) == 0 && (a[1]^b[1])&^uint32(markMediated|markMediated<<7) == 0
}

// ourWords relabels an automaton of ours.
func (a *automaton) ourWords(w words, text func(v verdict) string) *dfa.DFA {
	return a.d.Relabel(func(rules []int32) int32 {
		var es []*entry
		for _, r := range rules {
			es = append(es, &a.entries[r])
		}
		return w.id(text(combine(es)))
	})
}

// theirWords converts an automaton of the parser's; nil is the empty one.
func theirWords(w words, db *policydb.DB, text func(db *policydb.DB, s int) string) *dfa.DFA {
	if db == nil {
		d, _ := dfa.NewBuilder(dfa.Limits{}).Build()
		return d
	}
	return dfa.FromTable(dfa.Table{
		States: db.DFA.Len(), Start: 1,
		Step:  func(s int, b byte) int { return int(db.DFA.Step(uint32(s), b)) },
		Label: func(s int) int32 { return w.id(text(db, s)) },
	})
}

// knownCaps are the capabilities that both sides know.
const knownCaps = 1<<41 - 1

// compareProfile compares one compiled profile with the parser's record and reports what differs.
func compareProfile(c *compiled, their *policydb.Profile) []string {
	var out []string
	report := func(what, diff string) {
		if diff != "" {
			out = append(out, c.profile.FullName()+": "+what+" "+diff)
		}
	}
	w := words{}
	report("files", difference(w, c.file.ourWords(w, c.file.fileWord), theirWords(w, their.File, theirFileWord)))
	if len(c.profile.Xattrs) == 0 {
		report("attachment", attachmentDifference(c.profile, their))
	}
	w = words{}
	report("classes", difference(w, c.db.ourWords(w, classWord), theirWords(w, their.Policy, theirClassWord), ignoredClasses(c.profile)...))
	for _, caps := range []struct {
		what         string
		ours, theirs uint64
	}{
		{"allowed", c.caps.allow, their.Caps.Allow}, {"audited", c.caps.audit, their.Caps.Audit}, {"quiet", c.caps.quiet, their.Caps.Quiet},
	} {
		if diff := (caps.ours ^ caps.theirs) & knownCaps; diff != 0 {
			report("capabilities", fmt.Sprintf("%s: ours %#x, theirs %#x", caps.what, caps.ours, caps.theirs))
		}
	}
	if c.families != nil {
		report("families", compareFamilies(c.families, their.Families))
	}
	return out
}

// ignoredClasses returns the classes that cannot be compared with a parser before 4.1. Mount rules with options, without a
// mount point or with a detached source mean something else there: CVE-2016-1585 was fixed, and their meaning settled,
// in between.
func ignoredClasses(p *Profile) []byte {
	for _, r := range p.Rules {
		m, ok := r.(*MountRule)
		if ok && (len(m.Flags) != 1 || m.Flags[0] != MsAll || m.Source != "" && m.MountPoint == "" || m.Source == "detached") {
			return []byte{dbMount}
		}
	}
	return nil
}

func compareFamilies(f *families, theirs []policydb.Family) string {
	for i := range f.allow {
		var t policydb.Family
		if i < len(theirs) {
			t = theirs[i]
		}
		if uint16(f.allow[i]) != t.Allow {
			return fmt.Sprintf("%s: ours %#x, theirs %+v", FamilyName(i), f.allow[i], t)
		}
	}
	return ""
}

// comparePolicy compiles every profile of a policy and compares it with the parser's output for the same text.
func comparePolicy(t testing.TB, p *Policy, features *Features, theirs []*policydb.Profile) []string {
	t.Helper()
	byName := map[string]*policydb.Profile{}
	for _, x := range theirs {
		name := x.Name
		if x.Namespace != "" {
			name = ":" + x.Namespace + ":" + name
		}
		byName[name] = x
	}
	if len(byName) != len(p.Profiles) {
		return []string{fmt.Sprintf("%d profiles, theirs has %d", len(p.Profiles), len(byName))}
	}
	var out []string
	for _, prof := range p.Profiles {
		their := byName[prof.FullName()]
		if their == nil {
			out = append(out, "the parser has no profile "+prof.FullName())
			continue
		}
		c, err := compile(prof, features, dfa.Limits{})
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, compareProfile(c, their)...)
	}
	return out
}

// policyText prints a policy made by hand, for the parser to read.
func policyText(p *Policy) string {
	var b strings.Builder
	for _, prof := range p.Profiles {
		fmt.Fprintf(&b, "profile %s {\n", prof.Name)
		for _, r := range prof.Rules {
			if !r.Quals().Implied {
				fmt.Fprintf(&b, "  %s\n", r)
			}
		}
		b.WriteString("}\n")
	}
	return b.String()
}

var limitsForTest dfa.Limits

// attachmentDifference compares the attachment automaton of a profile.
func attachmentDifference(p *Profile, their *policydb.Profile) string {
	a := &attachments{}
	b := dfa.NewBuilder(dfa.Limits{})
	patterns := p.AttachmentAliases
	if p.Attachment != "" {
		patterns = append([]string{p.Attachment}, patterns...)
	}
	for _, pattern := range patterns {
		if err := a.add(b, p, pattern); err != nil {
			return err.Error()
		}
	}
	if their.XMatch == nil {
		// The parser writes none when the name alone is the attachment, without a wildcard.
		if len(patterns) > 1 || len(patterns) == 1 && !a.patterns[0].literal {
			return fmt.Sprintf("ours %q, theirs none", patterns)
		}
		return ""
	}
	ours, err := b.Build()
	if err != nil {
		return err.Error()
	}
	w := words{}
	ours = ours.Relabel(func(rules []int32) int32 {
		if len(rules) == 0 {
			return 0
		}
		return w.id(word(1, 0, [2]string{}))
	})
	return difference(w, ours, theirWords(w, their.XMatch, func(db *policydb.DB, s int) string {
		return word(db.DFA.Accept[s]&1, 0, [2]string{})
	}))
}
