package apparmor

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/dfa"
)

// at numbers rules made by hand, so that reasons can be told apart.
func at(line int, action Action) Qualifiers {
	return Qualifiers{Action: action, Origin: Origin{Pos: syntax.Pos{File: "app", Line: line, Col: 3}}}
}

func audited(q Qualifiers) Qualifiers {
	q.Audit = true
	return q
}

func withPriority(q Qualifiers, n int) Qualifiers {
	q.Priority = n
	return q
}

// testFeatures mediates every class.
func testFeatures(t testing.TB) *Features {
	t.Helper()
	f, err := ParseFeatures("test", []byte(`file {mask {read}} network {af_unix {yes}} network_v8 {af_mask {inet}} mount {mask {mount}}
 dbus {mask {send}} signal {mask {hup}} ptrace {mask {read}} namespaces {mask {userns_create}} ipc {posix_mqueue {create} sysv_mqueue {create}}
 io_uring {mask {sqpoll}} policy {versions {v6 {yes} v7 {yes}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// appPolicy is a policy with a rule of every class.
func appPolicy(t testing.TB) *Policy {
	rw := Read | Write | Append
	app := &Profile{Name: "app", Attachment: "/usr/bin/app", Rules: []Rule{
		&FileRule{Qualifiers: at(1, Allow), Path: "/etc/**", Perms: Read},
		&FileRule{Qualifiers: at(2, Deny), Path: "/etc/shadow", Perms: rw},
		&FileRule{Qualifiers: audited(at(3, Deny)), Path: "/etc/passwd", Perms: Write | Append},
		&FileRule{Qualifiers: at(4, Allow), Path: "/home/*/**", Perms: rw, Owner: OwnerOnly},
		&FileRule{Qualifiers: audited(at(5, Allow)), Path: "/var/log/**", Perms: Append},
		&FileRule{Qualifiers: at(6, Allow), Path: "/usr/bin/*", Perms: Exec, Exec: ExecTransition{Mode: ExecInherit}},
		&FileRule{Qualifiers: at(7, Allow), Path: "/usr/bin/id", Perms: Exec, Exec: ExecTransition{Mode: ExecProfile, Fallback: FallbackUnconfined}},
		&FileRule{Qualifiers: at(8, Allow), Path: "/usr/bin/helper", Perms: Exec, Exec: ExecTransition{Mode: ExecProfile}},
		&FileRule{Qualifiers: at(9, Allow), Path: "/opt/x", Perms: Exec, Exec: ExecTransition{Mode: ExecProfile, Target: "other"}},
		&FileRule{Qualifiers: at(10, Deny), Path: "/usr/bin/su", Perms: Exec},
		&FileRule{Qualifiers: at(11, Allow), Path: "/srv/new/*", Perms: Link, LinkTarget: "/srv/old/*"},
		&FileRule{Qualifiers: at(12, Allow), Path: "/srv/any/*", Perms: Link | Read, LinkSubset: true},
		&FileRule{Qualifiers: at(13, Allow), Path: "/prio/**", Perms: Read | Write},
		&FileRule{Qualifiers: at(14, Deny), Path: "/prio/secret", Perms: Read | Write},
		&FileRule{Qualifiers: withPriority(at(15, Allow), 5), Path: "/prio/secret", Perms: Read},
		&CapabilityRule{at(20, Allow), 1<<12 | 1<<21},
		&CapabilityRule{at(21, Deny), 1 << 21},
		&NetworkRule{Qualifiers: at(22, Allow), Perms: NetAll, Sockets: []NetworkSockets{{2, 1<<1 | 1<<2, AnyProtocol}}},
		&NetworkRule{Qualifiers: at(23, Deny), Perms: NetAll, Sockets: []NetworkSockets{{2, 1 << 3, AnyProtocol}}},
		&UnixRule{Qualifiers: at(24, Allow), Perms: NetAll, Type: 1, Addr: "@app-*", PeerLabel: "other"},
		&UnixRule{Qualifiers: at(25, Allow), Perms: NetCreate | NetBind | NetListen, Type: 1, Addr: "@app-*"},
		&MountRule{Qualifiers: at(26, Allow), Source: "/dev/sd*", MountPoint: "/mnt/*/", FSTypes: []string{"ext4", "xfs"}, Flags: []uint32{MsRdonly}, Optional: []uint32{MsNosuid}},
		&MountRule{Qualifiers: at(27, Allow), Source: "/src/", MountPoint: "/dst/", Flags: []uint32{MsBind}, Optional: []uint32{0}},
		&UmountRule{at(28, Allow), "/mnt/*/"},
		&PivotRootRule{Qualifiers: at(29, Allow), NewRoot: "/new/", OldRoot: "/new/old/"},
		&DbusRule{Qualifiers: at(30, Allow), Perms: DbusSend, Bus: "system", Path: "/org/x", PeerName: "org.x"},
		&DbusRule{Qualifiers: at(31, Allow), Perms: DbusBind, Bus: "session", Name: "org.app"},
		&SignalRule{at(32, Allow), SignalSend, []SignalNumber{9, 15}, "other"},
		&PtraceRule{at(33, Allow), PtraceRead, "other"},
		&ChangeProfileRule{Qualifiers: at(34, Allow), Target: "other"},
		&MqueueRule{Qualifiers: at(35, Allow), Perms: MqueueRead | MqueueOpen, Type: MqueuePosix, Name: "/q*"},
		&MqueueRule{Qualifiers: at(36, Allow), Perms: MqueueAll, Type: MqueueSysV, Name: "123"},
		&IOUringRule{at(37, Allow), IOUringOverrideCreds, "other"},
		&UsernsRule{at(38, Allow), UsernsCreate},
	}}
	other := &Profile{Name: "other", Rules: []Rule{
		&SignalRule{at(50, Allow), SignalReceive, []SignalNumber{15}, "app"},
		&PtraceRule{at(51, Allow), PtraceTracedby, "app"},
		&UnixRule{Qualifiers: at(52, Allow), Perms: NetAll, PeerLabel: "app"},
	}}
	helper := &Profile{Name: "/usr/bin/helper", Attachment: "/usr/bin/helper"}
	glob := &Profile{Name: "glob", Attachment: "/usr/bin/h*"}
	return &Policy{Profiles: []*Profile{app, other, helper, glob}, Features: testFeatures(t)}
}

func evaluator(t testing.TB, p *Policy) *Evaluator {
	t.Helper()
	e, err := NewEvaluator(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEvaluate(t *testing.T) {
	e := evaluator(t, appPolicy(t))
	tests := []struct {
		q    Request
		want string // Decision.String without the texts of the rules
	}{
		{File{Path: "/etc/hosts", Access: Read}, "allowed: app:1:3"},
		{File{Path: "/etc/hosts", Access: Read | Write}, "denied w: no rule allows it"},
		{File{Path: "/etc/shadow", Access: Read}, "denied r (quiet): app:2:3"},
		{File{Path: "/etc/passwd", Access: Write}, "denied w: app:3:3"},
		{File{Path: "/home/u/x", Access: Write, Owner: true}, "allowed: app:4:3"},
		{File{Path: "/home/u/x", Access: Write}, "denied w: no rule allows it"},
		{File{Path: "/var/log/x", Access: Append}, "allowed (audited): app:5:3"},
		{File{Path: "/usr/bin/ls", Access: Exec}, "allowed -> ix: app:6:3"},
		{File{Path: "/usr/bin/ls", Access: Mmap}, "allowed: app:6:3"},
		{File{Path: "/usr/bin/id", Access: Exec}, "allowed -> Pux: app:6:3; app:7:3"},
		{File{Path: "/usr/bin/helper", Access: Exec}, "allowed -> Px: app:6:3; app:8:3"},
		{File{Path: "/opt/x", Access: Exec}, "allowed -> Px -> other: app:9:3"},
		{File{Path: "/usr/bin/su", Access: Exec}, "denied x (quiet): app:10:3"},
		{File{Path: "/etc/hosts"}, "denied: no rule allows it"},
		{File{Path: "/prio/secret", Access: Read}, "allowed: app:15:3"},
		{File{Path: "/prio/secret", Access: Write}, "denied w (quiet): app:14:3"},
		{HardLink{Path: "/srv/new/a", Target: "/srv/old/b"}, "allowed: app:11:3"},
		{HardLink{Path: "/srv/new/a", Target: "/etc/hosts"}, "denied l: no rule allows it"},
		{HardLink{Path: "/srv/any/a", Target: "/etc/hosts", Owner: true}, "allowed: app:12:3"},
		{HardLink{Path: "/srv/any/a", Target: "/var/log/x", Owner: true}, "denied l (the link would allow r, which the target does not): no rule allows it"},
		{Capability{12}, "allowed: app:20:3"},
		{Capability{21}, "denied sys_admin (quiet): app:21:3"},
		{Capability{1}, "denied dac_override: no rule allows it"},
		{Capability{64}, "denied 64: no rule allows it"},
		{Network{Family: 2, Type: 1}, "allowed: app:22:3"},
		{Network{Family: 2, Type: 3}, "denied create (quiet): app:23:3"},
		{Network{Family: 10, Type: 1}, "denied create: no rule allows it"},
		{Unix{Type: 1}, "allowed: app:25:3"},
		{Unix{Type: 2}, "denied create: no rule allows it"},
		{Unix{Type: 1, Access: NetBind | NetListen, Addr: "@app-1", Label: "app"}, "allowed: app:25:3"},
		{Unix{Type: 1, Access: NetBind, Addr: "@x", Label: "app"}, "denied bind: no rule allows it"},
		{Unix{Type: 1, Access: NetConnect, Addr: "@app-1", Label: "app", PeerAddr: "@y", PeerLabel: "other"}, "allowed: app:24:3"},
		{Unix{Type: 1, Access: NetConnect, Addr: "@app-1", Label: "app", PeerAddr: "@y", PeerLabel: "x"}, "denied connect: no rule allows it"},
		{Mount{Source: "/dev/sda", MountPoint: "/mnt/a/", FSType: "ext4", Flags: MsRdonly}, "allowed: app:26:3"},
		{Mount{Source: "/dev/sda", MountPoint: "/mnt/a/", FSType: "xfs", Flags: MsRdonly | MsNosuid}, "allowed: app:26:3"},
		{Mount{Source: "/dev/sda", MountPoint: "/mnt/a/", FSType: "ext4"}, "denied mount: no rule allows it"},
		{Mount{Source: "/dev/sda", MountPoint: "/mnt/a/", FSType: "btrfs", Flags: MsRdonly}, "denied mount: no rule allows it"},
		{Mount{Source: "/src/", MountPoint: "/dst/", Flags: MsBind}, "allowed: app:27:3"},
		{Mount{Source: "/src/", MountPoint: "/dst/", Flags: MsBind | MsRec}, "denied mount: no rule allows it"},
		{Umount{"/mnt/a/"}, "allowed: app:28:3"},
		{PivotRoot{"/new/", "/new/old/"}, "allowed: app:29:3"},
		{PivotRoot{"/new/", "/old/"}, "denied pivot_root: no rule allows it"},
		{Dbus{Bus: "system", Access: DbusSend, Name: "org.x", Path: "/org/x", Member: "M"}, "allowed: app:30:3"},
		{Dbus{Bus: "system", Access: DbusSend | DbusReceive, Name: "org.x", Path: "/org/x"}, "denied receive: no rule allows it"},
		{Dbus{Bus: "session", Access: DbusBind, Name: "org.app"}, "allowed: app:31:3"},
		{Dbus{Bus: "session", Access: DbusBind, Name: "org.other"}, "denied bind: no rule allows it"},
		{Signal{15, SignalSend, "other"}, "allowed: app:32:3"},
		{Signal{1, SignalSend, "other"}, "denied send: no rule allows it"},
		{Ptrace{PtraceRead, "other"}, "allowed: app:33:3"},
		{Ptrace{PtraceTrace, "other"}, "denied trace: no rule allows it"},
		{ProfileChange{Target: "other"}, "allowed: app:34:3"},
		{ProfileChange{Target: "other", Exec: "/bin/x"}, "allowed: app:34:3"},
		{ProfileChange{Target: "unconfined"}, "denied change_profile: no rule allows it"},
		{Mqueue{Type: MqueuePosix, Name: "/q1", Label: "app", Access: MqueueRead}, "allowed: app:35:3"},
		{Mqueue{Type: MqueuePosix, Name: "/q1", Label: "app", Access: MqueueWrite}, "denied write: no rule allows it"},
		{Mqueue{Type: MqueueSysV, Key: 123, Label: "app", Access: MqueueCreate}, "allowed: app:36:3"},
		{Mqueue{Type: MqueueSysV, Key: 124, Label: "app", Access: MqueueCreate}, "denied create: no rule allows it"},
		{IOUring{Access: IOUringOverrideCreds, Label: "other"}, "allowed: app:37:3"},
		{IOUring{Access: IOUringSqpoll}, "denied sqpoll: no rule allows it"},
		{Userns{}, "allowed: app:38:3"},
	}
	for _, tt := range tests {
		d, err := e.Evaluate("app", tt.q)
		if err != nil {
			t.Errorf("%v: %v", tt.q, err)
		} else if got := positions(d); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.q, got, tt.want)
		}
	}
}

// positions is Decision.String with the rules cut down to their positions.
func positions(d Decision) string {
	s := d.String()
	for _, r := range d.Because {
		s = strings.ReplaceAll(s, r.String(), r.Rule.Quals().Origin.Pos.String())
	}
	return s
}

func TestTransitionEnters(t *testing.T) {
	e := evaluator(t, appPolicy(t))
	for path, want := range map[string]string{
		"/usr/bin/ls":     "app",             // ix
		"/usr/bin/id":     "unconfined",      // Pux, nothing attaches
		"/usr/bin/helper": "/usr/bin/helper", // Px, the literal attachment beats the glob
		"/opt/x":          "other",           // named
	} {
		d, err := e.Evaluate("app", File{Path: path, Access: Exec})
		if err != nil || d.Transition == nil || d.Transition.Enters != want {
			t.Errorf("%s: %+v, %v; want to enter %q", path, d.Transition, err, want)
		}
	}
}

func TestUnmediated(t *testing.T) {
	p := appPolicy(t)
	f, err := ParseFeatures("old", []byte("file {mask {read}}"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEvaluator(p, &EvaluateOptions{Features: f})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []Request{Signal{1, SignalSend, "x"}, Ptrace{PtraceTrace, "x"}, Network{Family: 17, Type: 3}, Unix{Type: 1}, Userns{},
		Mount{MountPoint: "/", Source: "x"}, Dbus{Bus: "system", Access: DbusSend}, Mqueue{Type: MqueuePosix, Access: MqueueRead}, IOUring{Access: IOUringSqpoll}} {
		d, err := e.Evaluate("other", q)
		if err != nil || !d.Allowed || !d.Unmediated || d.Because != nil {
			t.Errorf("%v: %v, %v; want allowed because not mediated", q, d, err)
		}
	}
	for _, q := range []Request{File{Path: "/x", Access: Read}, Capability{1}, ProfileChange{Target: "x"}} {
		if d, err := e.Evaluate("other", q); err != nil || d.Allowed {
			t.Errorf("%v: %v, %v; want denied: the class is always mediated", q, d, err)
		}
	}
}

func TestPeers(t *testing.T) {
	e := evaluator(t, appPolicy(t))
	for _, tt := range []struct {
		q            Request
		mine, theirs bool
	}{
		{Signal{15, SignalSend, "other"}, true, true},
		{Signal{9, SignalSend, "other"}, true, false},
		{Ptrace{PtraceRead, "other"}, true, false},
		{Ptrace{PtraceTrace, "other"}, false, true},
		{Unix{Type: 1, Access: NetSend, Addr: "@app-1", Label: "app", PeerAddr: "@z", PeerLabel: "other"}, true, true},
	} {
		d, err := e.EvaluatePeers("app", tt.q)
		if err != nil || d.Peer == nil {
			t.Errorf("%v: %v, %v", tt.q, d, err)
			continue
		}
		if d.Allowed != (tt.mine && tt.theirs) || d.Peer.Allowed != tt.theirs {
			t.Errorf("%v: %v; want own side %v, other side %v", tt.q, d, tt.mine, tt.theirs)
		}
	}
	if _, err := e.EvaluatePeers("app", Capability{1}); err == nil {
		t.Error("a capability has no other side")
	}
	if d, err := e.EvaluatePeers("app", Ptrace{PtraceTrace, "app"}); err != nil || !d.Allowed {
		t.Errorf("tracing the own label: %v, %v", d, err)
	}
}

func TestEvaluateErrors(t *testing.T) {
	e := evaluator(t, appPolicy(t))
	if d, err := e.Evaluate("nobody", Userns{}); !errors.Is(err, ErrNoProfile) || d.Allowed {
		t.Errorf("unknown profile: %v, %v", d, err)
	}
	bad := &Profile{Name: "bad", Rules: []Rule{&FileRule{Qualifiers: at(7, Allow), Path: "/{a", Perms: Read}}}
	var pe *PatternError
	if d, err := bad.Evaluate(File{Path: "/a", Access: Read}, nil); !errors.As(err, &pe) || pe.Origin.Line != 7 || d.Allowed {
		t.Errorf("malformed pattern: %v, %v", d, err)
	}
	bomb := &Profile{Name: "bomb", Rules: []Rule{&FileRule{Qualifiers: at(8, Allow), Path: "/**a" + strings.Repeat("?", 40), Perms: Read}}}
	be, err := NewEvaluator(&Policy{Profiles: []*Profile{bomb}}, &EvaluateOptions{MaxStates: 10000})
	if err != nil {
		t.Fatal(err)
	}
	var le *dfa.LimitError
	if d, err := be.Evaluate("bomb", File{Path: "/a", Access: Read}); !errors.As(err, &le) || d.Allowed {
		t.Errorf("exponential pattern: %v, %v", d, err)
	}
	if _, err := NewEvaluator(&Policy{Profiles: []*Profile{{Name: "x"}, {Name: "x"}}}, nil); err == nil {
		t.Error("two profiles of one name accepted")
	}
}

// TestClash: two wildcards with different transitions clash, an exact rule settles it.
func TestClash(t *testing.T) {
	rules := func(path string) []Rule {
		return []Rule{
			&FileRule{Qualifiers: at(1, Allow), Path: "/bin/*", Perms: Exec, Exec: ExecTransition{Mode: ExecInherit}},
			&FileRule{Qualifiers: at(2, Allow), Path: path, Perms: Exec, Exec: ExecTransition{Mode: ExecUnconfined}},
		}
	}
	for path, want := range map[string]bool{"/bin/a*": true, "/bin/[ab]": true, "/bin/{a,b}": false, "/bin/a": false, "/sbin/*": false} {
		c, err := compile(&Profile{Name: "x", Rules: rules(path)}, DefaultFeatures(), dfa.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.file.clashes(); got != want {
			t.Errorf("/bin/* ix with %s Ux: clash %v, want %v", path, got, want)
		}
	}
}

func TestUnconfinedProfile(t *testing.T) {
	p := &Profile{Name: "free", Mode: Unconfined}
	if d, err := p.Evaluate(File{Path: "/x", Access: Write}, testFeatures(t)); err != nil || !d.Allowed || !d.Unmediated {
		t.Errorf("file access of an unconfined profile: %v, %v", d, err)
	}
	if d, err := p.Evaluate(Userns{}, testFeatures(t)); err != nil || d.Allowed {
		t.Errorf("user namespace of an unconfined profile: %v, %v; it is the one class mediated", d, err)
	}
}

func ExampleEvaluator_Evaluate() {
	policy := &Policy{Profiles: []*Profile{{Name: "app", Rules: []Rule{
		&FileRule{Qualifiers: Qualifiers{Action: Allow, Origin: Origin{Pos: syntax.Pos{File: "app", Line: 2, Col: 3}}}, Path: "/etc/*", Perms: Read},
		&FileRule{Qualifiers: Qualifiers{Action: Deny, Origin: Origin{Pos: syntax.Pos{File: "app", Line: 3, Col: 3}}}, Path: "/etc/shadow", Perms: Read},
	}}}}
	e, err := NewEvaluator(policy, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/etc/hosts", "/etc/shadow", "/root/x"} {
		d, err := e.Evaluate("app", File{Path: path, Access: Read})
		fmt.Println(d, err)
	}
	// Output:
	// allowed: app:2:3 /etc/* r, <nil>
	// denied r (quiet): app:3:3 deny /etc/shadow r, <nil>
	// denied r: no rule allows it <nil>
}

func TestPrepare(t *testing.T) {
	p := appPolicy(t)
	if err := evaluator(t, p).Prepare(); err != nil {
		t.Error(err)
	}
	for i := range 20 {
		p.Profiles = append(p.Profiles, &Profile{Name: fmt.Sprint("ok", i)})
	}
	for _, n := range []int{3, 9} {
		p.Profiles = append(p.Profiles, &Profile{Name: fmt.Sprint("bad", n), Rules: []Rule{&FileRule{Qualifiers: at(n, Allow), Path: "/[", Perms: Read}}})
	}
	var pe *PatternError
	if err := evaluator(t, p).Prepare(); !errors.As(err, &pe) || pe.Origin.Line != 3 {
		t.Errorf("%v; want the first error, of line 3", err)
	}
}
