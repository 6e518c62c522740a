package apparmor

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/apparmor/policydb"
)

// kernelAllows answers a request from the parser's binary the way the kernel does (security/apparmor: file.c, ipc.c, net.c,
// af_unix.c, and dbus-daemon through .access). It shares nothing with Evaluate but the request.
func kernelAllows(p *policydb.Profile, q Request) bool {
	switch q := q.(type) {
	case File:
		shift := 14
		if q.Owner {
			shift = 0
		}
		return has(run(p.File, q.Path)>>shift, uint32(q.Access))
	case Capability:
		return p.Caps.Allow>>q.Cap&1 != 0
	case Signal:
		return has(run(p.Policy, "\x0a"+string([]byte{byte(q.Signal)})+q.Peer), uint32(q.Access))
	case Ptrace:
		return has(run(p.Policy, "\x09"+q.Peer), uint32(q.Access))
	case Dbus:
		return has(run(p.Policy, strings.Join([]string{"\x20" + q.Bus, q.Name, q.PeerLabel, q.Path, q.Interface, q.Member}, "\x00")), uint32(q.Access))
	case Network:
		return has(run(p.Policy, "\x0e\x00"+string([]byte{byte(q.Family), 0, byte(q.Type)})), 0x10)
	case Unix: // connect only
		local := "\x0e\x00\x01\x00" + string([]byte{byte(q.Type)}) + "\x00\x00\x00" + q.Addr[1:] + "\x00" + q.Label + "\x00"
		return has(run(p.Policy, local+"\x01\x00"+q.PeerAddr[1:]+"\x00"+q.PeerLabel), 0x40)
	}
	panic(fmt.Sprintf("no kernel answer for %T", q))
}

func run(db *policydb.DB, in string) uint32 {
	if db == nil {
		return 0
	}
	return db.DFA.Accept[db.DFA.Run(1, in)]
}

func has(got, want uint32) bool { return want != 0 && got&want == want }

// request makes a random request.
func (g roller) request() Request {
	label := g.pick("unconfined", "foo", "foobar", "/usr/bin/x", "a", "b", "a//b")
	switch g.IntN(10) {
	case 0:
		return Capability{g.IntN(41)}
	case 1:
		return Signal{SignalNumber([]int{1, 9, 15, 129}[g.IntN(4)]), SignalPerms(1+g.IntN(3)) << 1, label}
	case 2:
		return Ptrace{PtracePerms(1+g.IntN(15)) << 1, label}
	case 3:
		return Dbus{Bus: g.pick("session", "system"), Access: DbusSend, Name: g.pick("org.x.y", "org.y"), PeerLabel: label, Path: g.pick("/a", "/org/z"), Member: g.pick("Get", "X")}
	case 4:
		return Network{Family: g.IntN(4), Type: 1 + g.IntN(3)}
	case 5:
		return Unix{Type: 1 + g.IntN(2), Access: NetConnect, Addr: g.pick("@a1", "@x/y"), Label: "rnd", PeerAddr: "@p", PeerLabel: label}
	}
	path := ""
	for range 1 + g.IntN(4) {
		path += "/" + g.pick("a", "b", "ab", "c", "d", "*", "x.y", "ac")
	}
	return File{Path: path + g.pick("", "", "/"), Access: FilePerms(1 << g.IntN(7)), Owner: g.IntN(2) == 0}
}
