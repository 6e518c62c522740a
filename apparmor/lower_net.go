package apparmor

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// netPerms adds up the permissions of a network or unix rule.
func (c *classLowerer) netPerms() uint32 {
	return c.perms(uint32(NetReceive), uint32(NetSend), uint32(NetAll), netPermTable[:]...)
}

// netPermTable is the socket permissions by name.
var netPermTable = [...]permName{
	{uint32(NetCreate), "create"}, {uint32(NetBind), "bind"}, {uint32(NetListen), "listen"}, {uint32(NetAccept), "accept"},
	{uint32(NetConnect), "connect"}, {uint32(NetSend), "send"}, {uint32(NetReceive), "receive"}, {uint32(NetShutdown), "shutdown"},
	{uint32(NetGetattr), "getattr"}, {uint32(NetSetattr), "setattr"}, {uint32(NetGetopt), "getopt"}, {uint32(NetSetopt), "setopt"},
	{uint32(NetSend), "write"}, {uint32(NetReceive), "read"},
}

// Address families that take conditions, and the one with rules of its own.
const (
	afUnix  = 1
	afInet  = 2
	afInet6 = 10
)

func (c *classLowerer) network() Rule {
	r := &NetworkRule{Qualifiers: c.q, Words: c.st.Names}
	if c.q.Priority != 0 {
		c.fail(c.st.Pos, "priority on a network rule", "")
	}
	c.netConds(c.st.Conds, &r.Local)
	c.netConds(c.peerConds(), &r.Peer)
	if r.Peer.Interface != "" {
		c.fail(c.st.Pos, "interface of a peer", "interface stands outside of peer=()")
	}
	peer := r.Peer.IP.IsValid() || r.Peer.NoIP || r.Peer.HasPort
	r.Sockets = c.sockets(peer || !r.Local.IsZero())
	r.Perms = NetPerms(c.netPerms())
	if c.hasPerms() && peer && r.Perms&^NetPeer != 0 {
		c.fail(c.st.Pos, "permission of the own socket in a rule with a peer", unixPeerHint)
	}
	return r
}

// allTypes is what naming a family alone covers: stream, dgram, raw, rdm, seqpacket and packet.
const allTypes uint32 = 0x43e

// family is what a family's name alone stands for.
func familySockets(af int) NetworkSockets {
	s := NetworkSockets{Family: uint16(af), Types: allTypes, Protocols: 0xffffff}
	if af == afInet || af == afInet6 {
		s.Protocols = AnyProtocol // tcp and udp do not restrict it
	}
	return s
}

// sockets finds the sockets that the words of a rule cover: nothing, a family, a type or protocol, or a family with either.
// Conditions on addresses leave only inet and inet6.
func (c *classLowerer) sockets(conds bool) []NetworkSockets {
	words := c.st.Names
	if len(words) == 0 {
		if conds {
			return []NetworkSockets{familySockets(afInet), familySockets(afInet6)}
		}
		return nil
	}
	if af, ok := FamilyByName(words[0]); ok {
		if conds && af != afInet && af != afInet6 {
			c.fail(c.st.Pos, fmt.Sprintf("address conditions on family %s", words[0]), "only inet and inet6 have them")
			return nil
		}
		if len(words) == 1 {
			return []NetworkSockets{familySockets(af)}
		}
		if s, ok := socketsOf(af, words[1]); ok {
			return []NetworkSockets{s}
		}
		c.fail(c.st.Pos, fmt.Sprintf("family %s has no type or protocol %q", words[0], words[1]), typeHint)
		return nil
	}
	var out []NetworkSockets
	if len(words) == 1 {
		for af, name := range familyNames {
			if name == "" || conds && af != afInet && af != afInet6 {
				continue
			}
			if s, ok := socketsOf(af, words[0]); ok {
				out = append(out, s)
			}
		}
	}
	if out == nil {
		c.fail(c.st.Pos, fmt.Sprintf("unknown network family, type or protocol %q", words[0]), "network inet stream, or one of both words")
	}
	return out
}

const typeHint = "types are stream, dgram, seqpacket, rdm, raw and packet; inet has tcp, udp and icmp, inet6 tcp and udp"

// socketsOf returns the sockets of a family with a type, or with a protocol of the inet families.
func socketsOf(af int, word string) (NetworkSockets, bool) {
	s := NetworkSockets{Family: uint16(af), Protocols: 0xffffff}
	switch word {
	case "tcp", "udp":
		if af != afInet && af != afInet6 {
			return s, false
		}
		s.Types, s.Protocols = 1<<1, AnyProtocol
		if word == "udp" {
			s.Types = 1 << 2
		}
		return s, true
	case "icmp":
		s.Types, s.Protocols = 1<<3, 1<<1
		return s, af == afInet
	}
	n, ok := SocketTypeByName(word)
	if !ok || allTypes>>n&1 == 0 {
		return s, false
	}
	s.Types = 1 << n
	return s, true
}

func (c *classLowerer) netConds(conds []syntax.Cond, to *NetworkAddr) {
	var ip, port string
	for i := range conds {
		x := &conds[i]
		if x.Name == "label" && x.Op == syntax.CondSet {
			to.SetLabel = true
		} else if !c.onlyEquals(x) {
			continue
		}
		switch x.Name {
		case "label":
			c.single(x, &to.Label)
		case "ip":
			if c.single(x, &ip); ip != "" {
				c.netIP(x, ip, to)
			}
		case "port":
			if c.single(x, &port); port != "" {
				c.netPort(x, port, to)
			}
		case "interface":
			c.single(x, &to.Interface)
		default:
			c.unknown(x, "a network rule", "ip, port, interface and label, and ip, port and label of the peer")
		}
	}
}

func (c *classLowerer) netIP(x *syntax.Cond, s string, to *NetworkAddr) {
	if s == "none" {
		to.NoIP = true
		return
	}
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Zone() != "" {
		c.fail(x.Pos, fmt.Sprintf("ip address %q", s), "an address is none, or like 192.0.2.1 or 2001:db8::1; there are no prefixes")
		return
	}
	to.IP = ip
}

func (c *classLowerer) netPort(x *syntax.Cond, s string, to *NetworkAddr) {
	from, last, isRange := strings.Cut(s, "-")
	a, okA := portNumber(from)
	b, okB := a, okA
	if isRange {
		b, okB = portNumber(last)
	}
	if !okA || !okB || a > b {
		c.fail(x.Pos, fmt.Sprintf("port %q", s), "a port is a number up to 65535, or a range like 1024-2048")
		return
	}
	to.HasPort, to.FromPort, to.ToPort = true, a, b
}

func portNumber(s string) (uint16, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimLeft(s, " \t\r\n\v\f"), "+"), 10, 16)
	return uint16(n), err == nil && n <= math.MaxUint16
}
