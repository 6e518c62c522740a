package apparmor

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

// inetUniverses are the places of addInet. Addresses and ports are of any value, the kind of port is left out.
func inetUniverses(class byte) []universe {
	side := `\x00..(` + hexByte(ipV4) + "....|" + hexByte(ipV6) + strings.Repeat(".", 16) + ")" + fieldEnd
	typ := hexByte(class) + `\x00[` + hexByte(familyInet) + hexByte(familyInet6) + `]\x00[\x01-\x03]`
	proto := typ + `\x00[\x01\x06\x11]`
	local := proto + side
	at := func(expr string, perms NetPerms) universe {
		return universe{name: "network", expr: expr, perms: uint32(perms), names: netWords, request: inetRequest}
	}
	return []universe{
		at(typ, NetCreate),
		at(local, netLocal&^(NetCreate|netCommand|NetAccept)),
		at(local+hexByte(netCmdListen)+`\x00\x00`, NetListen),
		at(local+hexByte(netCmdOption)+`\x00\x00\x00\x00`, netOptions),
		at(local+fieldEnd+hexByte(netCmdPeer)+side, NetPeer),
	}
}

// inetRequest reads an input of inetUniverses back.
func inetRequest(in string, perms uint32, _ bool) Request {
	q := Network{Family: int(in[2]), Type: int(in[4]), Access: NetPerms(perms)}
	if len(in) == 5 {
		return q
	}
	q.Protocol = int(in[6])
	first, rest := readSide(in[7:])
	if q.Access&NetPeer == 0 || len(rest) < 2 || rest[1] != netCmdPeer {
		q.Local = first
		return q
	}
	q.Peer = first
	q.Local, _ = readSide(rest[2:])
	return q
}

// readSide reads the kind of port, the port, the address and the NUL after it.
func readSide(in string) (netip.AddrPort, string) {
	port := binary.BigEndian.Uint16([]byte(in[1:3]))
	size := 4
	if in[3] == ipV6 {
		size = 16
	}
	ip, _ := netip.AddrFromSlice([]byte(in[4 : 4+size]))
	return netip.AddrPortFrom(ip, port), in[4+size+1:]
}
