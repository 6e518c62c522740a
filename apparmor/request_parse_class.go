package apparmor

import (
	"math"
	"net/netip"
	"strings"
)

// request reads the whole request by its first word.
func (p *requestParser) request() Request {
	switch {
	case p.word("owner"):
		if p.word("link") {
			return p.link(true)
		}
		return p.file(true)
	case p.word("link"):
		return p.link(false)
	case p.word("capability"):
		return p.capability()
	case p.word("network"):
		return p.network()
	case p.word("unix"):
		return p.unix()
	case p.word("mount"):
		return p.mount()
	case p.word("umount"), p.word("unmount"):
		return Umount{MountPoint: p.next("mount point")}
	case p.word("pivot_root"):
		q := PivotRoot{}
		p.conds(func(k, v string) bool { return setString(k == "oldroot", &q.OldRoot, v) })
		q.NewRoot = p.next("new root")
		return q
	}
	return p.ipcRequest()
}

func (p *requestParser) ipcRequest() Request {
	switch {
	case p.word("dbus"):
		return p.dbus()
	case p.word("signal"):
		return p.signal()
	case p.word("ptrace"):
		q := Ptrace{Access: PtracePerms(p.perms(ptraceWords()))}
		p.conds(func(k, v string) bool { return setString(k == "peer", &q.Peer, v) })
		return q
	case p.word("change_profile"):
		q := ProfileChange{}
		if !p.word("->") {
			q.Exec = p.next("executable or ->")
			p.arrow()
		}
		q.Target = p.next("target")
		return q
	case p.word("userns"):
		p.word("create")
		return Userns{}
	case p.word("mqueue"):
		return p.mqueue()
	case p.word("io_uring"):
		q := IOUring{Access: IOUringPerms(p.perms(ioUringWords()))}
		p.conds(func(k, v string) bool { return setString(k == "label", &q.Label, v) })
		return q
	}
	return p.file(false)
}

// setString stores a value when the condition holds.
func setString(ok bool, to *string, v string) bool {
	if ok {
		*to = v
	}
	return ok
}

func (p *requestParser) arrow() {
	if !p.word("->") {
		p.fail("-> expected")
	}
}

func (p *requestParser) file(owner bool) Request {
	if p.at == len(p.words) || !strings.HasPrefix(p.words[p.at].text, "/") {
		p.fail("a path beginning with /, or a class such as capability or network, expected")
		return nil
	}
	q := File{Path: p.next("path"), Owner: owner}
	perms := p.next("permissions")
	if perms == "" {
		p.fail("permissions expected")
	}
	for i := range len(perms) {
		bit, ok := filePermLetter(perms[i])
		if !ok {
			p.at--
			p.fail("permission %q; r, w, a, k, l, m, x, c and d are known", perms[i:i+1])
			return nil
		}
		q.Access |= bit
	}
	return q
}

// filePermLetter returns the permission of a letter.
func filePermLetter(c byte) (FilePerms, bool) {
	switch c {
	case 'r':
		return Read, true
	case 'w', 'c', 'd':
		return Write, true
	case 'a':
		return Append, true
	case 'k':
		return Lock, true
	case 'l':
		return Link, true
	case 'm':
		return Mmap, true
	case 'x':
		return Exec, true
	}
	return 0, false
}

func (p *requestParser) link(owner bool) Request {
	q := HardLink{Owner: owner, Path: p.next("new path")}
	p.arrow()
	q.Target = p.next("existing path")
	return q
}

func (p *requestParser) capability() Request {
	name := p.next("capability")
	n, ok := CapabilityByName(name)
	if !ok && p.err == nil {
		p.at--
		p.fail("no capability %q", name)
	}
	return Capability{n}
}

// socketType reads the name of a socket type.
func (p *requestParser) socketType(name string) int {
	n, ok := SocketTypeByName(name)
	if !ok {
		p.fail("no socket type %q", name)
	}
	return n
}

func (p *requestParser) network() Request {
	q := Network{Access: NetPerms(p.perms(netWords()))}
	name := p.next("address family")
	n, ok := FamilyByName(name)
	if !ok && p.err == nil {
		p.at--
		p.fail("no address family %q", name)
	}
	q.Family = n
	typ := p.next("socket type")
	switch typ { // the protocol names policy uses for the types
	case "tcp":
		typ = "stream"
	case "udp":
		typ = "dgram"
	case "icmp":
		typ = "raw"
	}
	if p.err == nil {
		q.Type = p.socketType(typ)
	}
	p.conds(func(k, v string) bool {
		switch k {
		case "proto":
			q.Protocol = int(p.number(v, "protocol", 16))
		case "peer":
			p.subconds(v, func(k, v string) bool { return p.address(&q.Peer, k, v) })
		default:
			return p.address(&q.Local, k, v)
		}
		return true
	})
	return q
}

// address reads one condition of an address.
func (p *requestParser) address(a *netip.AddrPort, key, value string) bool {
	switch key {
	case "ip":
		ip, err := netip.ParseAddr(value)
		if err != nil || ip.Zone() != "" {
			p.fail("%q is not an IP address", value)
		}
		*a = netip.AddrPortFrom(ip, a.Port())
	case "port":
		n := p.number(value, "port", 32)
		if n < 0 || n > math.MaxUint16 {
			p.fail("port %d is not in 0 to 65535", n)
		}
		*a = netip.AddrPortFrom(a.Addr(), uint16(n))
	default:
		return false
	}
	return true
}

func (p *requestParser) unix() Request {
	q := Unix{Access: NetPerms(p.perms(netWords()))}
	p.conds(func(k, v string) bool {
		switch k {
		case "type":
			q.Type = p.socketType(v)
		case "peer":
			p.subconds(v, func(k, v string) bool {
				return setString(k == "addr", &q.PeerAddr, v) || setString(k == "label", &q.PeerLabel, v)
			})
		default:
			return setString(k == "addr", &q.Addr, v) || setString(k == "label", &q.Label, v)
		}
		return true
	})
	return q
}

func (p *requestParser) mount() Request {
	q := Mount{}
	p.conds(func(k, v string) bool {
		if k != "options" {
			return setString(k == "fstype", &q.FSType, v)
		}
		for _, o := range strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' }) {
			set, clear, ok := MountFlagsByName(o)
			if !ok {
				p.fail("no mount option %q", o)
			}
			q.Flags = q.Flags&^clear | set
		}
		return true
	})
	if !p.word("->") {
		q.Source = p.next("source or ->")
		p.arrow()
	}
	q.MountPoint = p.next("mount point")
	return q
}

func (p *requestParser) dbus() Request {
	q := Dbus{Access: DbusPerms(p.perms(dbusWords()))}
	p.conds(func(k, v string) bool {
		if k == "peer" {
			p.subconds(v, func(k, v string) bool {
				return setString(k == "label", &q.PeerLabel, v) || setString(k == "name", &q.Name, v)
			})
			return true
		}
		return setString(k == "bus", &q.Bus, v) || setString(k == "path", &q.Path, v) || setString(k == "interface", &q.Interface, v) ||
			setString(k == "member", &q.Member, v) || setString(k == "name", &q.Name, v)
	})
	return q
}

func (p *requestParser) signal() Request {
	q := Signal{Access: SignalPerms(p.perms(signalWords()))}
	p.conds(func(k, v string) bool {
		if k == "set" {
			n, ok := SignalByName(v)
			if !ok {
				p.fail("no signal %q", v)
			}
			q.Signal = n
			return true
		}
		return setString(k == "peer", &q.Peer, v)
	})
	if p.err == nil && q.Signal == 0 {
		p.fail("set=SIGNAL expected")
	}
	return q
}

func (p *requestParser) mqueue() Request {
	q := Mqueue{Access: MqueuePerms(p.perms(mqueueWords()))}
	p.conds(func(k, v string) bool { return setString(k == "label", &q.Label, v) })
	name := p.next("queue name beginning with / or key")
	if strings.HasPrefix(name, "/") {
		q.Type, q.Name = MqueuePosix, name
		return q
	}
	q.Type = MqueueSysV
	if p.err == nil {
		n := p.number(name, "queue key", 64)
		if n < math.MinInt32 || n > math.MaxInt32 {
			p.fail("key %d does not fit 32 bits", n)
		}
		q.Key = int32(n)
	}
	return q
}
