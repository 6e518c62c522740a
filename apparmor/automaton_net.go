package apparmor

import (
	"strings"

	"github.com/gostockade/stockade/internal/dfa"
)

// AF_UNIX (linux/socket.h).
const familyUnix = 1

// Commands that select what follows a socket's address in the automaton (the kernel's af_unix.h and net.h).
const (
	netCmdPeer   = 1
	netCmdListen = 2
	netCmdOption = 4
)

// Groups of socket permissions by the place in the automaton that holds them.
const (
	netLocal   = NetCreate | NetShutdown | NetSetattr | NetGetattr | NetBind | NetAccept | NetListen | NetSetopt | NetGetopt
	netOptions = NetSetopt | NetGetopt
	netCommand = NetListen | netOptions
)

// addNetwork adds a network rule as the class the features have: family and socket type. Rules are spread over the 16
// types a mask can name; an unrestricted rule that logs, or a quiet denial, covers every type instead, as apparmor_parser
// does it.
//
// Where the features do not mediate addresses, conditions on them are not enforced: the rule covers every address.
func (a *automatonBuilder) addNetwork(r *NetworkRule, class byte, inet bool) {
	r.eachFamily(func(family int, types, protocols uint32) {
		head := hexByte(class) + hex16(uint16(family))
		if types > 0xffff && r.logs() {
			head += ".."
		} else if set := typeSet(types); set != "" {
			head += `\x00` + set
		} else {
			return
		}
		if inet && (family == familyInet || family == familyInet6) {
			a.addInet(r, head, protocols)
			return
		}
		a.add(head, entryFor(r, uint32(r.Perms)))
	})
}

// typeSet returns a class of the low 16 socket types in the mask.
func typeSet(mask uint32) string {
	var b strings.Builder
	for t := range 16 {
		if mask>>t&1 != 0 {
			b.WriteString(hexByte(byte(t)))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "[" + b.String() + "]"
}

// addUnix adds a unix rule:
//
//	class family type protocol  local address \0 label \0  command ...
//
// with create on the protocol, bind and the other local permissions after the label, listen and options after their
// command, and what involves a peer after the peer's address and label.
func (a *automatonBuilder) addUnix(r *UnixRule, class byte) {
	head := hexByte(class) + hex16(familyUnix) + ".."
	if r.Type != 0 {
		head = hexByte(class) + hex16(familyUnix) + hex16(uint16(r.Type))
	}
	head += ".."
	mask := r.Perms
	add := func(expr string, p NetPerms) {
		if p != 0 {
			a.add(expr, entryFor(r, uint32(p)))
		}
	}
	if mask&NetCreate != 0 && !r.HasPeer() {
		add(head, NetCreate)
		mask &^= NetCreate
	}
	if mask&NetBind != 0 && (r.Addr == "" || r.Addr == "auto") {
		// Binding without an address: the kernel picks one.
		add(head+fieldEnd+anyText+fieldEnd, NetBind)
		if r.Addr != "" {
			mask &^= NetBind
		}
	}
	if mask == 0 {
		return
	}
	head += a.unixAddr(r, r.Addr) + anyText + fieldEnd
	if r.HasPeer() {
		add(head, mask&NetAccept)
	} else {
		add(head, mask&(netLocal&^netCommand))
		add(head+hexByte(netCmdListen)+"..", mask&NetListen)
		add(head+hexByte(netCmdOption)+"..", mask&netOptions)
	}
	peer := head + hexByte(netCmdPeer) + a.unixAddr(r, r.PeerAddr) + a.globOr(r, r.PeerLabel, anyText)
	add(peer, r.Perms&NetPeer)
}

// unixAddr returns the expression of an address with the NUL after it.
func (a *automatonBuilder) unixAddr(r *UnixRule, addr string) string {
	switch addr {
	case "":
		return `.*` + fieldEnd
	case "none":
		return `\x01` + fieldEnd
	case "auto":
		return `\x00` + strings.Repeat("[0-9a-f]", 5) + fieldEnd
	}
	return `\x00` + a.globKind(r, addr[1:], dfa.GlobNull) + fieldEnd
}
