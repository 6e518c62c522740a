package apparmor

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Names of permissions by class, in the order policy lists them.
func netWords() []permName {
	return []permName{{uint32(NetCreate), "create"}, {uint32(NetBind), "bind"}, {uint32(NetListen), "listen"}, {uint32(NetAccept), "accept"},
		{uint32(NetConnect), "connect"}, {uint32(NetSend), "send"}, {uint32(NetReceive), "receive"}, {uint32(NetShutdown), "shutdown"},
		{uint32(NetGetattr), "getattr"}, {uint32(NetSetattr), "setattr"}, {uint32(NetGetopt), "getopt"}, {uint32(NetSetopt), "setopt"}}
}

func dbusWords() []permName {
	return []permName{{uint32(DbusSend), "send"}, {uint32(DbusReceive), "receive"}, {uint32(DbusBind), "bind"}, {uint32(DbusEavesdrop), "eavesdrop"}}
}

func signalWords() []permName {
	return []permName{{uint32(SignalSend), "send"}, {uint32(SignalReceive), "receive"}}
}

func ptraceWords() []permName {
	return []permName{{uint32(PtraceRead), "read"}, {uint32(PtraceTrace), "trace"}, {uint32(PtraceReadby), "readby"}, {uint32(PtraceTracedby), "tracedby"}}
}

func mqueueWords() []permName {
	return []permName{{uint32(MqueueCreate), "create"}, {uint32(MqueueOpen), "open"}, {uint32(MqueueDelete), "delete"}, {uint32(MqueueRead), "read"},
		{uint32(MqueueWrite), "write"}, {uint32(MqueueGetattr), "getattr"}, {uint32(MqueueSetattr), "setattr"}}
}

func ioUringWords() []permName {
	return []permName{{uint32(IOUringOverrideCreds), "override_creds"}, {uint32(IOUringSqpoll), "sqpoll"}}
}

func mountWords() []permName {
	return []permName{{permMount, "mount"}, {permUmount, "umount"}, {permPivotRoot, "pivot_root"}}
}

func usernsWords() []permName { return []permName{{uint32(UsernsCreate), "create"}} }

func changeProfileWords() []permName {
	return []permName{{permChangeProf, "change_profile"}, {permOnexec, "onexec"}}
}

// spell lists the set bits by name, separated by spaces; bits without a name in hexadecimal.
func spell(bits uint32, names []permName) string {
	var out []string
	for _, n := range names {
		if bits&n.bit != 0 {
			out = append(out, n.name)
			bits &^= n.bit
		}
	}
	if bits != 0 {
		out = append(out, "0x"+strconv.FormatUint(uint64(bits), 16))
	}
	return strings.Join(out, " ")
}

// String returns "owner /path rw".
func (q File) String() string {
	return ownerWord(q.Owner) + requestWordText(q.Path) + " " + accessLetters(q.Access)
}

// accessLetters spells permissions out; unlike in policy, w does not imply a.
func accessLetters(p FilePerms) string {
	var b strings.Builder
	for _, c := range []byte("mrwalkx") {
		if bit, _ := filePermLetter(c); p&bit != 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// String returns "link /new -> /old".
func (q HardLink) String() string {
	return ownerWord(q.Owner) + "link " + requestWordText(q.Path) + " -> " + requestWordText(q.Target)
}

func ownerWord(owner bool) string {
	if owner {
		return "owner "
	}
	return ""
}

// String returns "capability name".
func (q Capability) String() string { return "capability " + CapabilityName(q.Cap) }

// String returns "network family type proto=6 ip=a port=n peer=(ip=b port=m)".
func (q Network) String() string {
	protocol := ""
	if q.Protocol != 0 {
		protocol = "proto=" + strconv.Itoa(q.Protocol)
	}
	return join("network", spell(uint32(q.Access), netWords()), FamilyName(q.Family), SocketTypeName(q.Type), protocol,
		join(addrConds(q.Local)...), requestPeer(addrConds(q.Peer)...))
}

// addrConds returns "ip=a port=n" for an address that is set.
func addrConds(a netip.AddrPort) []string {
	var out []string
	if a.Addr().IsValid() {
		out = append(out, "ip="+a.Addr().String())
	}
	if a.Port() != 0 {
		out = append(out, "port="+strconv.Itoa(int(a.Port())))
	}
	return out
}

// String returns "unix perms type=t addr=a peer=(...)".
func (q Unix) String() string {
	return join("unix", spell(uint32(q.Access), netWords()), "type="+SocketTypeName(q.Type), requestCond("addr", q.Addr), requestCond("label", q.Label),
		requestPeer(requestCond("addr", q.PeerAddr), requestCond("label", q.PeerLabel)))
}

// String returns "mount options=(...) source -> mount point".
func (q Mount) String() string {
	options := ""
	if q.Flags != 0 {
		options = "options=(" + mountFlagWords(q.Flags) + ")"
	}
	return join("mount", options, requestCond("fstype", q.FSType), requestWordText(q.Source), "->", requestWordText(q.MountPoint))
}

// String returns "umount /mnt/".
func (q Umount) String() string { return "umount " + requestWordText(q.MountPoint) }

// String returns "pivot_root oldroot=/old/ /new/".
func (q PivotRoot) String() string {
	return join("pivot_root", requestCond("oldroot", q.OldRoot), requestWordText(q.NewRoot))
}

// String returns "dbus perms bus=b ...".
func (q Dbus) String() string {
	return join("dbus", spell(uint32(q.Access), dbusWords()), requestCond("bus", q.Bus), requestCond("path", q.Path), requestCond("interface", q.Interface),
		requestCond("member", q.Member), requestCond("name", q.Name), requestPeer(requestCond("label", q.PeerLabel)))
}

// String returns "signal send set=term peer=p".
func (q Signal) String() string {
	return join("signal", spell(uint32(q.Access), signalWords()), "set="+q.Signal.String(), requestCond("peer", q.Peer))
}

// String returns "ptrace read peer=p".
func (q Ptrace) String() string {
	return join("ptrace", spell(uint32(q.Access), ptraceWords()), requestCond("peer", q.Peer))
}

// String returns "change_profile /exec -> target".
func (q ProfileChange) String() string {
	if q.Exec == "" {
		return "change_profile -> " + requestWordText(q.Target)
	}
	return join("change_profile", requestWordText(q.Exec), "->", requestWordText(q.Target))
}

// String returns "userns create".
func (Userns) String() string { return "userns create" }

// String returns "mqueue perms name".
func (q Mqueue) String() string {
	name := requestWordText(q.Name)
	if q.Type == MqueueSysV {
		name = fmt.Sprint(q.Key)
	}
	return join("mqueue", spell(uint32(q.Access), mqueueWords()), requestCond("label", q.Label), name)
}

// String returns "io_uring perms".
func (q IOUring) String() string {
	return join("io_uring", spell(uint32(q.Access), ioUringWords()), requestCond("label", q.Label))
}

// join puts spaces between the parts that are not empty.
func join(parts ...string) string {
	out := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// requestWordText returns a path or name as ParseRequest reads it back: bare where possible, else in double quotes with
// backslashes before quotes and backslashes. It is text, not a pattern.
func requestWordText(s string) string {
	if s != "" && s[0] != '-' && !strings.ContainsAny(s, " \t\"\\()=,") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// requestCond returns key=value, or "" for the empty value.
func requestCond(key, value string) string {
	if value == "" {
		return ""
	}
	return key + "=" + requestWordText(value)
}

// requestPeer wraps conditions in peer=(...), or returns "" when there are none.
func requestPeer(conds ...string) string {
	s := join(conds...)
	if s == "" {
		return ""
	}
	return "peer=(" + s + ")"
}
