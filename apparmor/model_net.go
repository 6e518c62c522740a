package apparmor

import "net/netip"

// NetPerms is a set of socket permissions, for network and unix rules. The values are apparmor_parser's AA_NET_ (network.h).
type NetPerms uint32

// The socket permissions.
const (
	NetSend     NetPerms = 0x2 // send, write, w
	NetReceive  NetPerms = 0x4 // receive, read, r
	NetCreate   NetPerms = 0x10
	NetShutdown NetPerms = 0x20
	NetConnect  NetPerms = 0x40
	NetSetattr  NetPerms = 0x100
	NetGetattr  NetPerms = 0x200
	NetAccept   NetPerms = 0x100000
	NetBind     NetPerms = 0x200000
	NetListen   NetPerms = 0x400000
	NetSetopt   NetPerms = 0x1000000
	NetGetopt   NetPerms = 0x2000000

	// NetAll is what a rule without permissions means.
	NetAll = NetSend | NetReceive | NetCreate | NetShutdown | NetConnect | NetSetattr | NetGetattr | NetAccept | NetBind |
		NetListen | NetSetopt | NetGetopt
	// NetPeer are the permissions that may be used together with a peer condition.
	NetPeer = NetSend | NetReceive | NetConnect | NetAccept
)

// AnyType and AnyProtocol are the masks of a NetworkSockets that does not restrict them.
const (
	AnyType     uint32 = 0xffffffff
	AnyProtocol uint32 = 0xffffffff
)

// NetworkRule is "network,", "network inet tcp,", "network (send receive) inet6 dgram port=53 peer=(ip=::1),". A network rule
// that covers AF_UNIX is accompanied by an implied UnixRule.
type NetworkRule struct {
	Qualifiers
	// Perms are the permissions; NetAll when none were written.
	Perms NetPerms
	// Sockets lists the address families covered, sorted by family, each once. Nil means every family, type and protocol.
	Sockets []NetworkSockets
	// Local and Peer restrict addresses; only for inet and inet6 (a rule with conditions but no family covers those two).
	Local, Peer NetworkAddr
	// Words are the family, type and protocol as written ("inet", "tcp"), for printing; they add nothing to Sockets.
	Words []string
}

// Class returns ClassNetwork.
func (*NetworkRule) Class() Class { return ClassNetwork }

// NetworkSockets is the sockets of one address family.
type NetworkSockets struct {
	Family uint16 // AF_ number (linux/socket.h)
	// Types has bit 1<<n set for each socket type n (SOCK_STREAM is 1); AnyType for all of them.
	Types uint32
	// Protocols has bit 1<<n set for each IP protocol n; AnyProtocol, or all of the low 24 bits, when not restricted.
	Protocols uint32
}

// NetworkAddr is one side's conditions. The zero value matches everything.
type NetworkAddr struct {
	IP netip.Addr // the address; invalid (zero) when there is no condition. There are no prefixes in policy.
	// NoIP is ip=none: no address.
	NoIP bool
	// HasPort says whether FromPort..ToPort (inclusive) is a condition.
	HasPort          bool
	FromPort, ToPort uint16
	// Interface is the pattern (AARE) of the network interface (6.0); "" for any. Only in Local.
	Interface string
	// Label is the pattern (AARE) of the label=; "" for any. SetLabel says it was written label:=.
	Label    string
	SetLabel bool
}

// IsZero reports whether there is no condition at all.
func (a NetworkAddr) IsZero() bool { return a == NetworkAddr{} }

// UnixRule is "unix,", "unix (send receive) type=stream addr=@/tmp/x* peer=(label=other),". Kernels with only coarse network
// mediation see it as "network unix"; Resolve adds that NetworkRule, implied, after each unix rule that is not deny.
type UnixRule struct {
	Qualifiers
	// Perms are the permissions; NetAll when none were written.
	Perms NetPerms
	// Type is the SOCK_ number of type=; 0 for any.
	Type uint8
	// Addr and PeerAddr are "" for any, "none" for an unnamed socket, "auto" for an autobound one, or "@" and a pattern
	// (AARE in which * also matches NUL) for the abstract name after the leading NUL.
	Addr, PeerAddr string
	// PeerLabel is the pattern (AARE) of the peer's label; "" for any.
	PeerLabel string
}

// Class returns ClassUnix.
func (*UnixRule) Class() Class { return ClassUnix }

// HasPeer reports whether the rule has a condition on the peer.
func (r *UnixRule) HasPeer() bool { return r.PeerAddr != "" || r.PeerLabel != "" }
