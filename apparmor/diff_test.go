package apparmor

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/dfa"
)

func diffTexts(t *testing.T, old, new []Rule, opts *DiffOptions) []string {
	t.Helper()
	if opts == nil {
		f := testFeatures(t)
		opts = &DiffOptions{OldFeatures: f, NewFeatures: f}
	}
	changes, err := Diff(&Profile{Name: "app", Rules: old}, &Profile{Name: "app", Rules: new}, opts)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range changes {
		s := c.String()
		for _, r := range c.Because {
			s = strings.ReplaceAll(s, r.String(), fmt.Sprint(r.Rule.Quals().Origin.Line))
		}
		out = append(out, s)
	}
	return out
}

func TestDiff(t *testing.T) {
	r := func(line int, a Action, path string, p FilePerms) Rule {
		return &FileRule{Qualifiers: at(line, a), Path: path, Perms: p}
	}
	px := func(line int, target string) Rule {
		return &FileRule{Qualifiers: at(line, Allow), Path: "/bin/x", Perms: Exec, Exec: ExecTransition{Mode: ExecProfile, Target: target}}
	}
	tests := []struct {
		name     string
		old, new []Rule
		want     []string
	}{
		{"same rules, other order", []Rule{r(1, Allow, "/a", Read), r(2, Allow, "/b", Read)}, []Rule{r(1, Allow, "/{b,a}", Read)}, nil},
		{"narrower glob", []Rule{r(1, Allow, "/etc/**", Read)}, []Rule{r(2, Allow, "/etc/*", Read)},
			[]string{"/etc/x/ r newly denied without 1"}},
		{"new rule", nil, []Rule{r(12, Allow, "/etc/shadow", Read)}, []string{"/etc/shadow r newly allowed by 12"}},
		{"deny added", []Rule{r(1, Allow, "/etc/*", Read|Write)}, []Rule{r(1, Allow, "/etc/*", Read|Write), r(2, Deny, "/etc/shadow", Write)},
			[]string{"/etc/shadow w newly denied by 2"}},
		{"deny of nothing", []Rule{r(1, Allow, "/a", Read)}, []Rule{r(1, Allow, "/a", Read), r(2, Deny, "/b", Read)}, nil},
		{"owner only", []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/h", Perms: Read, Owner: OwnerOnly}}, []Rule{r(2, Allow, "/h", Read)},
			[]string{"/h r newly allowed by 2"}},
		{"others lose it", []Rule{r(2, Allow, "/h", Read)}, []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/h", Perms: Read, Owner: OwnerOnly}},
			[]string{"/h r newly denied without 2"}},
		{"owner gains", nil, []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/h", Perms: Read, Owner: OwnerOnly}},
			[]string{"owner /h r newly allowed by 1"}},
		{"transition", []Rule{px(1, "a")}, []Rule{px(2, "b")}, []string{"/bin/x x transition changed from Px -> a to Px -> b by 2"}},
		{"capability", []Rule{&CapabilityRule{at(1, Allow), 1 << 12}}, []Rule{&CapabilityRule{at(2, Allow), 1 << 13}},
			[]string{"capability net_admin newly denied without 1", "capability net_raw newly allowed by 2"}},
		{"signal", []Rule{&SignalRule{at(1, Allow), SignalSend, []SignalNumber{9}, "x"}}, []Rule{&SignalRule{at(2, Allow), SignalSend, []SignalNumber{9, 15}, "x"}},
			[]string{"signal send set=term peer=x newly allowed by 2"}},
		{"network", nil, []Rule{&NetworkRule{Qualifiers: at(1, Allow), Perms: NetAll, Sockets: []NetworkSockets{{2, 1 << 3, AnyProtocol}}}},
			[]string{"network " + spell(uint32(NetAll), netWords()) + " inet raw newly allowed by 1"}},
		{"umount", []Rule{&UmountRule{at(1, Allow), "/mnt/*/"}}, []Rule{&UmountRule{at(1, Allow), "/mnt/[xy]/"}}, []string{"umount /mnt/z/ newly denied without 1"}},
		{"mount", []Rule{&MountRule{Qualifiers: at(1, Allow), MountPoint: "/m/", Flags: []uint32{MsBind}, Optional: []uint32{MsRec}}},
			[]Rule{&MountRule{Qualifiers: at(1, Allow), MountPoint: "/m/", Flags: []uint32{MsBind}, Optional: []uint32{0}}},
			[]string{"mount options=(rbind) / -> /m/ newly denied without 1"}},
		{"unix", nil, []Rule{&UnixRule{Qualifiers: at(1, Allow), Perms: NetConnect, PeerAddr: "@p*", PeerLabel: "q"}},
			[]string{`unix connect type=stream label=x peer=(addr=@p label=q) newly allowed by 1`}},
		{"dbus", nil, []Rule{&DbusRule{Qualifiers: at(1, Allow), Perms: DbusSend, Bus: "system", Path: "/org", Member: "M*"}},
			[]string{"dbus send bus=system path=/org member=M peer=(label=x) newly allowed by 1"}},
		{"change_profile", nil, []Rule{&ChangeProfileRule{Qualifiers: at(1, Allow), Exec: "/bin/*", Target: "t"}},
			[]string{"change_profile -> t newly allowed by 1", "change_profile /bin/x -> t newly allowed by 1"}},
		{"userns", nil, []Rule{&UsernsRule{at(1, Allow), UsernsCreate}}, []string{"userns create newly allowed by 1"}},
	}
	for _, tt := range tests {
		got := diffTexts(t, tt.old, tt.new, nil)
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s:\n got  %q\n want %q", tt.name, got, tt.want)
		}
	}
}

func TestDiffMediation(t *testing.T) {
	no, err := ParseFeatures("none", []byte("file {mask {read}}"))
	if err != nil {
		t.Fatal(err)
	}
	yes := testFeatures(t)
	all := []Rule{&SignalRule{at(1, Allow), SignalAll, nil, ""}}
	got := diffTexts(t, all, all, &DiffOptions{OldFeatures: no, NewFeatures: yes})
	text := strings.Join(got, "\n")
	if strings.Contains(text, "signal") {
		t.Errorf("every signal was allowed and is allowed: %s", text)
	}
	for _, want := range []string{"ptrace read trace readby tracedby peer=x newly denied: the class was not mediated before", "userns create newly denied", "network"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	back := strings.Join(diffTexts(t, all, all, &DiffOptions{OldFeatures: yes, NewFeatures: no}), "\n")
	if !strings.Contains(back, "newly allowed: the class is no longer mediated") {
		t.Errorf("the other way:\n%s", back)
	}
}

func TestDiffLogging(t *testing.T) {
	f := testFeatures(t)
	plain := []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/a", Perms: Read}}
	logged := []Rule{&FileRule{Qualifiers: audited(at(2, Allow)), Path: "/a", Perms: Read}}
	if got := diffTexts(t, plain, logged, nil); got != nil {
		t.Errorf("logging reported unasked: %q", got)
	}
	got := diffTexts(t, plain, logged, &DiffOptions{OldFeatures: f, NewFeatures: f, Logging: true})
	if len(got) != 1 || got[0] != "/a r logging changed by 2" {
		t.Errorf("got %q", got)
	}
}

func TestSubset(t *testing.T) {
	wide := &Profile{Name: "w", Rules: []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/etc/**", Perms: Read | Write}}}
	narrow := &Profile{Name: "n", Rules: []Rule{&FileRule{Qualifiers: at(2, Allow), Path: "/etc/ssl/*", Perms: Read}}}
	if ok, c, err := Subset(narrow, wide, nil); !ok || c != nil || err != nil {
		t.Errorf("narrow in wide: %v %v %v", ok, c, err)
	}
	ok, c, err := Subset(wide, narrow, nil)
	if ok || err != nil || c == nil || c.Request.String() != "/etc/x rw" {
		t.Errorf("wide in narrow: %v %v %v", ok, c, err)
	}
}

// TestDiffWitnessesAreTrue makes random pairs of profiles and asks both about every witness: they must answer as the
// change says. Where there is no change, random requests must be answered alike.
func TestDiffWitnessesAreTrue(t *testing.T) {
	f := testFeatures(t)
	witnesses := 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 2))
		old, new := randomPolicy(r).Profiles[0], randomPolicy(r).Profiles[0]
		new.Rules = append(new.Rules, old.Rules[:len(old.Rules)/2]...)
		changes, err := Diff(old, new, &DiffOptions{OldFeatures: f, NewFeatures: f})
		if err != nil {
			t.Fatal(err)
		}
		a := evaluator(t, &Policy{Profiles: []*Profile{old}, Features: f})
		b := evaluator(t, &Policy{Profiles: []*Profile{new}, Features: f})
		for _, c := range changes {
			if _, ok := c.Request.(HardLink); ok {
				continue // a link is asked in two places, a change is reported for each
			}
			witnesses++
			x, err := a.Evaluate("rnd", c.Request)
			if err != nil {
				t.Fatal(err)
			}
			y, err := b.Evaluate("rnd", c.Request)
			if err != nil {
				t.Fatal(err)
			}
			switch c.Kind {
			case NewlyAllowed:
				if !y.Allowed || x.Allowed {
					t.Errorf("seed %d: %v: old %v, new %v", seed, c, x, y)
				}
			case NewlyDenied:
				if !x.Allowed || y.Allowed {
					t.Errorf("seed %d: %v: old %v, new %v", seed, c, x, y)
				}
			case TransitionChanged:
				if !x.Allowed || !y.Allowed || *x.Transition == *y.Transition {
					t.Errorf("seed %d: %v: old %v, new %v", seed, c, x, y)
				}
			}
		}
		same, err := Diff(old, old, &DiffOptions{OldFeatures: f, NewFeatures: f, Logging: true})
		if err != nil || same != nil {
			t.Errorf("seed %d: a profile differs from itself: %v, %v", seed, same, err)
		}
	}
	if witnesses < 500 {
		t.Errorf("only %d witnesses", witnesses)
	}
}

// TestUniverses: every universe has inputs, and its requests read back to those inputs' permissions and class.
func TestUniverses(t *testing.T) {
	for _, u := range append(fileUniverses(), classUniverses(dbNetV8, dbNetV8, true)...) {
		in, err := u.automaton()
		if err != nil {
			t.Fatal(err)
		}
		w, ok := dfa.Shortest(in, dfa.Start, func(l int32) bool { return l != 0 })
		if !ok {
			t.Errorf("%s: no inputs", u.name)
			continue
		}
		if q := u.request(string(w), u.perms, true); q.String() == "" {
			t.Errorf("%s: %q has no request", u.name, w)
		}
	}
}

func ExampleDiff() {
	old := &Profile{Name: "app", Rules: []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/etc/ssl/*", Perms: Read}}}
	new := &Profile{Name: "app", Rules: []Rule{&FileRule{Qualifiers: at(12, Allow), Path: "/etc/{ssl/?*,shadow}", Perms: Read}}}
	changes, err := Diff(old, new, nil)
	if err != nil {
		fmt.Println(err)
	}
	for _, c := range changes {
		fmt.Println(c)
	}
	// Output: /etc/shadow r newly allowed by app:12:3 /etc/{ssl/?*,shadow} r,
}

func ExampleSubset() {
	wide := &Profile{Name: "app", Rules: []Rule{&FileRule{Qualifiers: at(1, Allow), Path: "/etc/**", Perms: Read}}}
	narrow := &Profile{Name: "app", Rules: []Rule{&FileRule{Qualifiers: at(2, Allow), Path: "/etc/{ssl,ca}/*", Perms: Read}}}
	ok, _, _ := Subset(narrow, wide, nil)
	fmt.Println(ok)
	ok, witness, _ := Subset(wide, narrow, nil)
	fmt.Println(ok, witness.Request)
	// Output:
	// true
	// false /etc/x r
}
