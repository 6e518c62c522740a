package apparmor

import (
	"strconv"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// words joins the non-empty parts of a rule with spaces and ends it with a comma.
func (q *Qualifiers) words(parts ...string) string {
	out := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return q.prefix() + strings.Join(out, " ") + ","
}

// cond returns name=value, or "" when the value is empty.
func cond(name, value string) string {
	if value == "" {
		return ""
	}
	return name + "=" + syntax.Quote(value)
}

// peer wraps conditions in peer=(...), or returns "" when there are none.
func peer(conds ...string) string {
	var out []string
	for _, c := range conds {
		if c != "" {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "peer=(" + strings.Join(out, " ") + ")"
}

// arrow returns "-> target", or "".
func arrow(target string) string {
	if target == "" {
		return ""
	}
	return "-> " + syntax.Quote(target)
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return syntax.Quote(s)
}

// permNames lists the names of the set bits in parentheses, or nothing when all of them are set.
func permNames(perms, all uint32, names ...permName) string {
	if perms == all {
		return ""
	}
	var out []string
	for _, n := range names {
		if perms&n.bit != 0 {
			out = append(out, n.name)
		}
	}
	return "(" + strings.Join(out, ", ") + ")"
}

type permName struct {
	bit  uint32
	name string
}

func (r *FileRule) String() string {
	owner := [...]string{"", "owner", "other"}[r.Owner]
	perms := r.Perms.String()
	if r.Perms&Exec != 0 {
		perms = strings.TrimSuffix(perms, "x") + r.Exec.String()
	}
	if r.Perms == Link && r.LinkTarget != "" {
		subset := ""
		if r.LinkSubset {
			subset = "subset"
		}
		return r.words(owner, "link", subset, quoted(r.Path), arrow(r.LinkTarget))
	}
	target := r.Exec.Target
	if r.Perms&Exec == 0 {
		target = r.LinkTarget
	}
	return r.words(owner, quoted(r.Path), perms, arrow(target))
}

func (r *ChangeProfileRule) String() string {
	unsafe := ""
	if r.Unsafe && r.Exec != "" {
		unsafe = "unsafe"
	}
	return r.words("change_profile", unsafe, quoted(r.Exec), arrow(r.Target))
}

func (r *CapabilityRule) String() string {
	if r.Caps == AllCapabilities {
		return r.words("capability")
	}
	parts := []string{"capability"}
	for n := 0; n < 64; n++ {
		if r.Caps&(1<<n) != 0 {
			parts = append(parts, CapabilityName(n))
		}
	}
	return r.words(parts...)
}

func netPermNames(p NetPerms) string {
	return permNames(uint32(p), uint32(NetAll),
		permName{uint32(NetCreate), "create"}, permName{uint32(NetBind), "bind"}, permName{uint32(NetListen), "listen"},
		permName{uint32(NetAccept), "accept"}, permName{uint32(NetConnect), "connect"}, permName{uint32(NetSend), "send"},
		permName{uint32(NetReceive), "receive"}, permName{uint32(NetShutdown), "shutdown"}, permName{uint32(NetGetattr), "getattr"},
		permName{uint32(NetSetattr), "setattr"}, permName{uint32(NetGetopt), "getopt"}, permName{uint32(NetSetopt), "setopt"})
}

func (r *NetworkRule) String() string {
	parts := append([]string{"network", netPermNames(r.Perms)}, r.Words...)
	parts = append(parts, r.Local.conds()...)
	return r.words(append(parts, peer(r.Peer.conds()...))...)
}

// conds returns the address conditions as text.
func (a NetworkAddr) conds() []string {
	var out []string
	if a.NoIP {
		out = append(out, "ip=none")
	} else if a.IP.IsValid() {
		out = append(out, "ip="+a.IP.String())
	}
	if a.HasPort {
		port := "port=" + strconv.Itoa(int(a.FromPort))
		if a.ToPort != a.FromPort {
			port += "-" + strconv.Itoa(int(a.ToPort))
		}
		out = append(out, port)
	}
	out = append(out, cond("interface", a.Interface))
	if a.SetLabel {
		return append(out, "label:="+syntax.Quote(a.Label))
	}
	return append(out, cond("label", a.Label))
}

func (r *UnixRule) String() string {
	typ := ""
	if r.Type != 0 {
		typ = "type=" + SocketTypeName(int(r.Type))
	}
	return r.words("unix", netPermNames(r.Perms), typ, cond("addr", r.Addr), peer(cond("addr", r.PeerAddr), cond("label", r.PeerLabel)))
}

func (r *DbusRule) String() string {
	perms := permNames(uint32(r.Perms), uint32(DbusAll), permName{uint32(DbusSend), "send"}, permName{uint32(DbusReceive), "receive"},
		permName{uint32(DbusBind), "bind"}, permName{uint32(DbusEavesdrop), "eavesdrop"})
	return r.words("dbus", perms, cond("bus", r.Bus), cond("path", r.Path), cond("interface", r.Interface), cond("member", r.Member),
		cond("name", r.Name), peer(cond("name", r.PeerName), cond("label", r.PeerLabel)))
}

func (r *SignalRule) String() string {
	perms := permNames(uint32(r.Perms), uint32(SignalAll), permName{uint32(SignalSend), "send"}, permName{uint32(SignalReceive), "receive"})
	set := ""
	if len(r.Signals) > 0 {
		var names []string
		for _, s := range r.Signals {
			names = append(names, s.String())
		}
		set = "set=(" + strings.Join(names, ", ") + ")"
	}
	return r.words("signal", perms, set, cond("peer", r.Peer))
}

func (r *PtraceRule) String() string {
	perms := permNames(uint32(r.Perms), uint32(PtraceAll), permName{uint32(PtraceRead), "read"}, permName{uint32(PtraceTrace), "trace"},
		permName{uint32(PtraceReadby), "readby"}, permName{uint32(PtraceTracedby), "tracedby"})
	return r.words("ptrace", perms, cond("peer", r.Peer))
}

func (r *MqueueRule) String() string {
	perms := permNames(uint32(r.Perms), uint32(MqueueAll), permName{uint32(MqueueCreate), "create"}, permName{uint32(MqueueOpen), "open"},
		permName{uint32(MqueueDelete), "delete"}, permName{uint32(MqueueRead), "read"}, permName{uint32(MqueueWrite), "write"},
		permName{uint32(MqueueGetattr), "getattr"}, permName{uint32(MqueueSetattr), "setattr"})
	typ := [...]string{"", "type=posix", "type=sysv"}[r.Type]
	return r.words("mqueue", perms, typ, cond("label", r.Label), quoted(r.Name))
}

func (r *IOUringRule) String() string {
	perms := permNames(uint32(r.Perms), uint32(IOUringAll), permName{uint32(IOUringOverrideCreds), "override_creds"},
		permName{uint32(IOUringSqpoll), "sqpoll"})
	return r.words("io_uring", perms, cond("label", r.Label))
}

func (r *UsernsRule) String() string { return r.words("userns") }

func (r *RlimitRule) String() string {
	value := strconv.FormatUint(r.Value, 10)
	switch {
	case r.Value == RlimitInfinity:
		value = "infinity"
	case r.Resource == RlimitNice:
		value = strconv.FormatInt(int64(r.Value)-20, 10)
	}
	return "set rlimit " + r.Resource.String() + " <= " + value + ","
}
