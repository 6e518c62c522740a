package apparmor

import "github.com/gostockade/stockade/apparmor/syntax"

// dbusPermTable, signalPermTable, ptracePermTable, mqueuePermTable and ioUringPermTable are the permissions by name; a second
// name of a bit comes after its first.
var (
	dbusPermTable = [...]permName{{uint32(DbusSend), "send"}, {uint32(DbusReceive), "receive"}, {uint32(DbusBind), "bind"},
		{uint32(DbusEavesdrop), "eavesdrop"}, {uint32(DbusSend), "write"}, {uint32(DbusReceive), "read"}}
	signalPermTable = [...]permName{{uint32(SignalSend), "send"}, {uint32(SignalReceive), "receive"}, {uint32(SignalSend), "write"},
		{uint32(SignalReceive), "read"}}
	ptracePermTable = [...]permName{{uint32(PtraceRead), "read"}, {uint32(PtraceTrace), "trace"}, {uint32(PtraceReadby), "readby"},
		{uint32(PtraceTracedby), "tracedby"}, {uint32(PtraceTrace), "write"}}
	mqueuePermTable = [...]permName{{uint32(MqueueCreate), "create"}, {uint32(MqueueOpen), "open"}, {uint32(MqueueDelete), "delete"},
		{uint32(MqueueRead), "read"}, {uint32(MqueueWrite), "write"}, {uint32(MqueueGetattr), "getattr"},
		{uint32(MqueueSetattr), "setattr"}}
	ioUringPermTable = [...]permName{{uint32(IOUringOverrideCreds), "override_creds"}, {uint32(IOUringSqpoll), "sqpoll"}}
)

// String returns the rule in canonical text.
func (r *DbusRule) String() string {
	return r.class(&syntax.ClassRule{Class: syntax.Dbus, Perms: permWords(uint32(r.Perms), uint32(DbusAll), dbusPermTable[:]...),
		Conds: concat(eq("bus", r.Bus), eq("path", r.Path), eq("interface", r.Interface), eq("member", r.Member), eq("name", r.Name)),
		Group: peerGroup(eq("name", r.PeerName), eq("label", r.PeerLabel))})
}

// String returns the rule in canonical text.
func (r *SignalRule) String() string {
	var set []syntax.Cond
	if len(r.Signals) > 0 {
		set = []syntax.Cond{{Name: "set", Op: syntax.CondEq}}
		for _, s := range r.Signals {
			set[0].Values = append(set[0].Values, s.String())
		}
	}
	return r.class(&syntax.ClassRule{Class: syntax.Signal, Perms: permWords(uint32(r.Perms), uint32(SignalAll), signalPermTable[:]...),
		Conds: concat(set, eq("peer", r.Peer))})
}

// String returns the rule in canonical text.
func (r *PtraceRule) String() string {
	return r.class(&syntax.ClassRule{Class: syntax.Ptrace, Perms: permWords(uint32(r.Perms), uint32(PtraceAll), ptracePermTable[:]...),
		Conds: eq("peer", r.Peer)})
}

// String returns the rule in canonical text.
func (r *MqueueRule) String() string {
	st := &syntax.ClassRule{Class: syntax.Mqueue, Perms: permWords(uint32(r.Perms), uint32(MqueueAll), mqueuePermTable[:]...),
		Conds: concat(eq("type", [...]string{"", "posix", "sysv", ""}[r.Type&3]), eq("label", r.Label))}
	if r.Name != "" {
		st.Names = []string{r.Name}
	}
	return r.class(st)
}

// String returns the rule in canonical text.
func (r *IOUringRule) String() string {
	return r.class(&syntax.ClassRule{Class: syntax.IOUring, Perms: permWords(uint32(r.Perms), uint32(IOUringAll), ioUringPermTable[:]...),
		Conds: eq("label", r.Label)})
}

// String returns the rule in canonical text.
func (r *UsernsRule) String() string {
	return r.class(&syntax.ClassRule{Class: syntax.Userns})
}
