package apparmor

import (
	"fmt"
	"slices"

	"github.com/gostockade/stockade/apparmor/syntax"
)

func (c *classLowerer) signal() Rule {
	r := &SignalRule{Qualifiers: c.q}
	r.Perms = SignalPerms(c.perms(uint32(SignalReceive), uint32(SignalSend), uint32(SignalAll), signalPermTable[:]...))
	for i := range c.st.Conds {
		x := &c.st.Conds[i]
		switch {
		case !c.onlyEquals(x):
		case x.Name == "set":
			c.signals(r, x)
		case x.Name == "peer":
			c.single(x, &r.Peer)
		default:
			c.unknown(x, "a signal rule", "set and peer")
		}
	}
	slices.Sort(r.Signals)
	r.Signals = slices.Compact(r.Signals)
	return r
}

func (c *classLowerer) signals(r *SignalRule, x *syntax.Cond) {
	for _, v := range x.Values {
		n, ok := SignalByName(v)
		if !ok {
			c.fail(x.Pos, fmt.Sprintf("unknown signal %q", v), "signals are named like kill, term, usr1 or rtmin+5")
			return
		}
		r.Signals = append(r.Signals, n)
	}
}

func (c *classLowerer) dbus() Rule {
	r := &DbusRule{Qualifiers: c.q}
	var peerLabel string
	c.dbusConds(c.st.Conds, r, &r.Name, &peerLabel)
	if peerLabel != "" {
		c.fail(c.st.Pos, "label of a dbus rule outside of peer=()", "peer=(label="+peerLabel+")")
	}
	// What was given before may not be given again for the peer, and neither may the name.
	r.PeerName = r.Name
	c.dbusConds(c.peerConds(), r, &r.PeerName, &r.PeerLabel)
	service := r.Name != ""
	if service {
		r.PeerName = ""
	}
	message := r.Path != "" || r.Interface != "" || r.Member != "" || r.PeerLabel != "" || r.PeerName != ""
	if message && service {
		c.fail(c.st.Pos, "dbus rule with conditions of both a message and a service", "a peer's name stands in peer=(); name= outside is the name to bind")
	}
	def := uint32(DbusAll)
	switch {
	case message:
		def = uint32(DbusSend | DbusReceive)
	case service:
		def = uint32(DbusBind)
	}
	r.Perms = DbusPerms(c.perms(uint32(DbusReceive), uint32(DbusSend), def, dbusPermTable[:]...))
	c.dbusCheck(r, message, service)
	return r
}

func (c *classLowerer) dbusCheck(r *DbusRule, message, service bool) {
	if !c.hasPerms() {
		return
	}
	switch {
	case message && r.Perms&DbusBind != 0:
		c.fail(c.st.Pos, "bind with conditions of a message", "bind takes bus and name")
	case service && r.Perms&(DbusSend|DbusReceive) != 0:
		c.fail(c.st.Pos, "send or receive with the name of a service", "the peer's name stands in peer=()")
	case (message || service) && r.Perms&DbusEavesdrop != 0:
		c.fail(c.st.Pos, "eavesdrop with conditions other than bus", "")
	}
}

// hasPerms reports whether the rule names a permission.
func (c *classLowerer) hasPerms() bool { return len(c.st.Perms) > 0 }

func (c *classLowerer) dbusConds(conds []syntax.Cond, r *DbusRule, name, label *string) {
	for i := range conds {
		x := &conds[i]
		if !c.onlyEquals(x) || !c.oneValue(x) {
			continue
		}
		switch x.Name {
		case "bus":
			c.single(x, &r.Bus)
		case "name":
			c.single(x, name)
		case "label":
			c.single(x, label)
		case "path":
			c.single(x, &r.Path)
		case "interface":
			c.single(x, &r.Interface)
		case "member":
			c.single(x, &r.Member)
		default:
			c.unknown(x, "a dbus rule", "bus, path, interface, member and name, and name and label of the peer")
		}
	}
}

func (c *classLowerer) mqueue() Rule {
	r := &MqueueRule{Qualifiers: c.q}
	typ := ""
	for i := range c.st.Conds {
		x := &c.st.Conds[i]
		switch {
		case !c.onlyEquals(x):
		case x.Name == "label":
			c.single(x, &r.Label)
		case x.Name == "type":
			typ = ""
			c.single(x, &typ)
			c.mqueueType(r, x, typ)
		default:
			c.unknown(x, "a mqueue rule", "type and label")
		}
	}
	if len(c.st.Names) > 0 {
		r.Name = c.st.Names[0]
		c.mqueueName(r)
	}
	r.Perms = MqueuePerms(c.perms(uint32(MqueueRead), uint32(MqueueWrite), uint32(MqueueAll), mqueuePermTable[:]...))
	return r
}

func (c *classLowerer) mqueueType(r *MqueueRule, x *syntax.Cond, typ string) {
	switch typ {
	case "posix":
		r.Type = MqueuePosix
	case "sysv":
		r.Type = MqueueSysV
	default:
		c.fail(x.Pos, fmt.Sprintf("unknown message queue type %q", typ), "types are posix and sysv")
	}
}

// mqueueName checks a queue's name, which also tells its type.
func (c *classLowerer) mqueueName(r *MqueueRule) {
	switch {
	case r.Name != "" && r.Name[0] == '/':
		if r.Type == MqueueSysV {
			c.fail(c.st.Pos, "System V message queue with a path as name", "it is identified by a number")
		}
		r.Type = MqueuePosix
	case isDigits(r.Name):
		if r.Type == MqueuePosix {
			c.fail(c.st.Pos, "POSIX message queue with a number as name", "its name begins with /")
		}
		r.Type = MqueueSysV
	default:
		c.fail(c.st.Pos, fmt.Sprintf("message queue name %q is neither a path nor a number", r.Name), "POSIX names begin with /, System V queues have numbers")
	}
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

const unixPeerHint = "with a peer only send, receive, connect and accept are possible"

func (c *classLowerer) unix(it *item) Rule {
	r := &UnixRule{Qualifiers: c.q}
	typ := ""
	for i := range c.st.Conds {
		x := &c.st.Conds[i]
		switch x.Name {
		case "addr":
			c.unixAddr(x, &r.Addr)
		case "type":
			if c.onlyEquals(x) && c.oneValue(x) {
				c.single(x, &typ)
			}
		case "label":
			c.fail(x.Pos, "label of a unix rule outside of peer=()", "peer=(label=x)")
		default:
			c.unknown(x, "a unix rule", "type and addr, and addr and label of the peer")
		}
	}
	for i := range c.peerConds() {
		x := &c.peerConds()[i]
		switch x.Name {
		case "addr":
			c.unixAddr(x, &r.PeerAddr)
		case "label":
			if c.onlyEquals(x) && c.oneValue(x) {
				c.single(x, &r.PeerLabel)
			}
		default:
			c.unknown(x, "peer=()", "addr and label")
		}
	}
	r.Perms = NetPerms(c.netPerms())
	if c.hasPerms() && r.HasPeer() && r.Perms&^NetPeer != 0 {
		c.fail(c.st.Pos, "permission of the own socket in a rule with a peer", unixPeerHint)
	}
	if typ != "" && c.ok {
		return c.unixType(it, r, typ)
	}
	return r
}

// unixType sets the socket type. Type none is accepted, but no socket has it.
func (c *classLowerer) unixType(it *item, r *UnixRule, typ string) Rule {
	n, ok := SocketTypeByName(typ)
	switch {
	case !ok:
		c.fail(c.st.Pos, fmt.Sprintf("unknown socket type %q", typ), "types are stream, dgram, seqpacket, raw, rdm and packet")
	case n == 0:
		it.warn = "type=none matches no socket; the rule has no effect"
		return nil
	}
	r.Type = uint8(n)
	return r
}

func (c *classLowerer) unixAddr(x *syntax.Cond, to *string) {
	if !c.onlyEquals(x) || !c.oneValue(x) {
		return
	}
	c.single(x, to)
	if a := *to; a != "" && a[0] != '@' && a != "none" && a != "auto" {
		c.fail(x.Pos, fmt.Sprintf("unix address %q", a), "an address is none, auto, or @name for an abstract one; paths are the matter of file rules")
	}
}
