package apparmor

import (
	"encoding/binary"
	"strings"
)

// splitFields splits an input at its first n-1 NULs; missing fields are empty.
func splitFields(in string, n int) []string {
	f := strings.SplitN(in, "\x00", n)
	for len(f) < n {
		f = append(f, "")
	}
	return f
}

func dbusUniverses() []universe {
	class := hexByte(dbDbus)
	const (
		bus  = `[a-z]+`
		name = `[-A-Za-z0-9_.:]*`
		path = `(/[A-Za-z0-9_/]*|)`
	)
	return []universe{
		{name: "dbus", expr: class + bus, perms: uint32(DbusEavesdrop), names: dbusWords,
			request: func(in string, p uint32, _ bool) Request { return Dbus{Bus: in[1:], Access: DbusPerms(p)} }},
		{name: "dbus", expr: fields(class+bus, name), perms: uint32(DbusBind), names: dbusWords,
			request: func(in string, p uint32, _ bool) Request {
				f := splitFields(in[1:], 2)
				return Dbus{Bus: f[0], Name: f[1], Access: DbusPerms(p)}
			}},
		{name: "dbus", expr: fields(class+bus, name, "("+oneLabel+")", path, name, name), perms: uint32(DbusSend | DbusReceive), names: dbusWords,
			request: func(in string, p uint32, _ bool) Request {
				f := splitFields(in[1:], 6)
				return Dbus{Bus: f[0], Name: f[1], PeerLabel: f[2], Path: f[3], Interface: f[4], Member: f[5], Access: DbusPerms(p)}
			}},
	}
}

// mountDir is a directory: mount points end in a slash.
const mountDir = `/([^/\x00]+/)*`

func mountUniverses() []universe {
	class := hexByte(dbMount)
	request := func(in string, _ uint32, _ bool) Request {
		f := splitFields(in[1:], 4)
		m := Mount{MountPoint: f[0], Source: f[1], FSType: f[2]}
		for i := 0; i < len(f[3]); i++ {
			m.Flags |= 1 << (f[3][i] - 1)
		}
		return m
	}
	mount := func(source, fstype string, flags string) universe {
		return universe{name: "mount", expr: fields(class+mountDir, source, fstype, flags), perms: permMount, names: mountWords, request: request}
	}
	optional := func(mask uint32) string { return mountFlagBytes(0, mask, mask) }
	required := func(flags, mask uint32) string { return mountFlagBytes(flags, mask&^flags, mask) }
	out := []universe{
		mount(`[^\x00]*`, `[a-z0-9_.]+`, optional(newFlags)),
		mount("", "", required(MsRemount, remountFlags&^(MsMake&^MsRec))),
		mount(onePath, "", required(MsBind, bindFlags)),
		mount(onePath, "", required(MsMove, MsMove)),
	}
	for _, f := range [...]uint32{MsShared, MsPrivate, MsSlave, MsUnbindable} {
		out = append(out, mount("", "", required(f, f|MsRec)))
	}
	return append(out,
		universe{name: "umount", expr: class + mountDir, perms: permUmount, names: mountWords,
			request: func(in string, _ uint32, _ bool) Request { return Umount{MountPoint: in[1:]} }},
		universe{name: "pivot_root", expr: fields(class+mountDir, mountDir), perms: permPivotRoot, names: mountWords,
			request: func(in string, _ uint32, _ bool) Request {
				f := splitFields(in[1:], 2)
				return PivotRoot{NewRoot: f[0], OldRoot: f[1]}
			}})
}

func mqueueUniverses() []universe {
	label := "(" + oneLabel + ")"
	return []universe{
		{name: "mqueue", expr: fields(hexByte(dbPosixMq)+`/[^/\x00]+`, label), perms: uint32(MqueueAll), names: mqueueWords,
			request: func(in string, p uint32, _ bool) Request {
				f := splitFields(in[1:], 2)
				return Mqueue{Type: MqueuePosix, Name: f[0], Label: f[1], Access: MqueuePerms(p)}
			}},
		{name: "mqueue", expr: fields(hexByte(dbSysvMq)+"....", label), perms: uint32(MqueueAll), names: mqueueWords,
			request: func(in string, p uint32, _ bool) Request {
				return Mqueue{Type: MqueueSysV, Key: int32(binary.BigEndian.Uint32([]byte(in[1:5]))), Label: in[6:], Access: MqueuePerms(p)}
			}},
	}
}

// unixUniverses are the places of addUnix: protocol, local address, commands, peer.
func unixUniverses(class byte) []universe {
	const (
		address = `(\x01|\x00[^\x00]+)`
		types   = `\x00[\x01\x02\x05]`
	)
	label := "(" + oneLabel + ")"
	proto := hexByte(class) + hex16(familyUnix) + types + `\x00\x00`
	local := proto + address + fieldEnd + label + fieldEnd
	at := func(expr string, perms NetPerms) universe {
		return universe{name: "unix", expr: expr, perms: uint32(perms), names: netWords, request: unixRequest}
	}
	return []universe{
		at(proto, NetCreate),
		at(local, netLocal&^(NetCreate|netCommand|NetAccept)),
		at(local+hexByte(netCmdListen)+`\x00\x00`, NetListen),
		at(local+hexByte(netCmdOption)+`\x00\x00`, netOptions),
		at(local+hexByte(netCmdPeer)+address+fieldEnd+label, NetPeer),
	}
}

// unixRequest reads an input of unixUniverses back.
func unixRequest(in string, perms uint32, _ bool) Request {
	u := Unix{Type: int(in[4]), Access: NetPerms(perms)}
	rest := in[7:]
	if rest == "" {
		return u
	}
	u.Addr, rest = readUnixAddr(rest)
	u.Label, rest, _ = strings.Cut(rest, "\x00")
	if rest != "" && rest[0] == netCmdPeer {
		u.PeerAddr, rest = readUnixAddr(rest[1:])
		u.PeerLabel = rest
	}
	return u
}

// readUnixAddr reads an address and the NUL after it.
func readUnixAddr(in string) (addr, rest string) {
	if in[0] == 1 {
		return "", in[2:]
	}
	name, rest, _ := strings.Cut(in[1:], "\x00")
	return "@" + name, rest
}
