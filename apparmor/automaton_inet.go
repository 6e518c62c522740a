package apparmor

import "strings"

// Sizes that precede an address in the automaton (apparmor_parser's network.cc, as of 4.1).
const (
	ipNone = 0
	ipV4   = 1
	ipV6   = 2
)

// addInet adds a network rule where the features mediate addresses (network_v8/af_inet, apparmor_parser 4.1):
//
//	class family type  protocol  local port and address \0  command
//	class family type  protocol  peer port and address \0 label \0  command 1  local port and address \0
//
// with create after the type, what involves a peer at the end of the second form, the rest on the first.
func (a *automatonBuilder) addInet(r *NetworkRule, head string, protocols uint32) {
	add := func(expr string, p NetPerms) {
		if p != 0 {
			a.add(expr, entryFor(r, uint32(p)))
		}
	}
	add(head, r.Perms&NetCreate)
	head += protocolBytes(protocols)
	local := head + r.Local.bytes() + fieldEnd
	add(local, r.Perms&(netLocal&^(NetCreate|netCommand)))
	add(local+hexByte(netCmdListen)+"..", r.Perms&NetListen)
	add(local+hexByte(netCmdOption)+"....", r.Perms&netOptions)
	peer := head + r.Peer.bytes() + fieldEnd + anyText + fieldEnd + hexByte(netCmdPeer) + r.Local.bytes() + fieldEnd
	add(peer, r.Perms&NetPeer)
}

// protocolBytes returns the expression of a set of protocols.
func protocolBytes(mask uint32) string {
	if mask&0xffffff == 0xffffff {
		return ".."
	}
	var set strings.Builder
	for n := range 32 {
		if mask>>n&1 != 0 {
			set.WriteString(hexByte(byte(n)))
		}
	}
	if set.Len() == 0 {
		return ".."
	}
	return `\x00[` + set.String() + "]"
}

// bytes returns the expression of one side's conditions: a byte for the kind of port, the port, the size of the address,
// the address.
func (n NetworkAddr) bytes() string {
	port := "..."
	if n.HasPort && !n.NoIP {
		port = "." + portRange(n.FromPort, n.ToPort)
	}
	switch {
	case n.NoIP:
		return port + hexByte(ipNone)
	case n.IP.Is4():
		return port + hexByte(ipV4) + hexString(n.IP.AsSlice())
	case n.IP.IsValid():
		return port + hexByte(ipV6) + hexString(n.IP.AsSlice())
	}
	return port + "(" + hexByte(ipNone) + "|" + hexByte(ipV4) + "....|" + hexByte(ipV6) + strings.Repeat(".", 16) + ")"
}

func hexString(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteString(hexByte(c))
	}
	return s.String()
}

// portRange returns the expression of the ports lo to hi, most significant byte first.
func portRange(lo, hi uint16) string {
	if lo > hi {
		lo, hi = hi, lo
	}
	span := func(high, from, to byte) string { return hexByte(high) + "[" + hexByte(from) + "-" + hexByte(to) + "]" }
	l, h := byte(lo>>8), byte(hi>>8)
	if l == h {
		return span(l, byte(lo), byte(hi))
	}
	parts := []string{span(l, byte(lo), 0xff), span(h, 0, byte(hi))}
	if l+1 < h {
		parts = append(parts, "["+hexByte(l+1)+"-"+hexByte(h-1)+"].")
	}
	return "(" + strings.Join(parts, "|") + ")"
}
