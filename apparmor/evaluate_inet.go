package apparmor

import (
	"encoding/binary"
	"net/netip"

	"github.com/gostockade/stockade/internal/dfa"
)

// Address families with mediated addresses (linux/socket.h).
const (
	familyInet  = 2
	familyInet6 = 10
)

// inet answers a question about an internet socket at the places of addInet. s is the state after the type.
func (q Network) inet(c *compiled, d *Decision, s dfa.State, access NetPerms) {
	a := c.db
	proto := c.step16(s, q.Protocol)
	local := a.d.Step(q.side(a, proto, q.Local), 0)
	peer := a.d.Step(a.d.Step(q.side(a, proto, q.Peer), 0), 0) // the peer's label is not known to the kernel: empty
	peer = a.d.Step(q.side(a, a.d.Step(peer, netCmdPeer), q.Local), 0)
	d.Allowed = access != 0
	for _, part := range [...]struct {
		perms NetPerms
		state dfa.State
	}{
		{NetCreate, s},
		{netLocal &^ (NetCreate | netCommand | NetAccept), local},
		{NetListen, a.d.Run(local, "\x02\x00\x00")},
		{netOptions, a.d.Run(local, "\x04\x00\x00\x00\x00")},
		{NetPeer, peer},
	} {
		if p := access & part.perms; p != 0 && (d.Allowed || d.probe) {
			d.answer(a, part.state, uint32(p), netWords)
		}
	}
}

// side reads one side's port and address.
func (q Network) side(a *automaton, s dfa.State, addr netip.AddrPort) dfa.State {
	var port [3]byte
	binary.BigEndian.PutUint16(port[1:], addr.Port())
	for _, b := range port {
		s = a.d.Step(s, b)
	}
	ip := addr.Addr().Unmap()
	switch {
	case ip.Is4():
		s = a.d.Step(s, ipV4)
	case ip.IsValid():
		s = a.d.Step(s, ipV6)
	default:
		return a.d.Step(s, ipNone)
	}
	for _, b := range ip.AsSlice() {
		s = a.d.Step(s, b)
	}
	return s
}
