package apparmor

// DbusPerms is a set of D-Bus permissions (sys/apparmor.h).
type DbusPerms uint32

// The D-Bus permissions.
const (
	DbusSend      DbusPerms = 1 << 1
	DbusReceive   DbusPerms = 1 << 2
	DbusEavesdrop DbusPerms = 1 << 5
	DbusBind      DbusPerms = 1 << 6
	DbusAll                 = DbusSend | DbusReceive | DbusEavesdrop | DbusBind
)

// DbusRule is "dbus,", "dbus bind bus=session name=org.x,", "dbus send bus=system path=/org/x peer=(name=org.x),". All strings are
// patterns (AARE); "" matches anything.
type DbusRule struct {
	Qualifiers
	// Perms are the permissions. Without any in the text: send and receive if the rule has message conditions, bind if it has
	// Name, else all.
	Perms DbusPerms
	Bus   string
	// Name is the well-known name to own (bind). PeerName is the peer's name, for send and receive. Never both.
	Name, PeerName string
	// PeerLabel is the peer's label.
	PeerLabel               string
	Path, Interface, Member string
}

// Class returns ClassDbus.
func (*DbusRule) Class() Class { return ClassDbus }

// SignalPerms is a set of signal permissions.
type SignalPerms uint32

// The signal permissions.
const (
	SignalSend    SignalPerms = 1 << 1
	SignalReceive SignalPerms = 1 << 2
	SignalAll                 = SignalSend | SignalReceive
)

// SignalNumber is a signal in AppArmor's own numbering, which is x86's 1..31, then emt 32, and 35 for "exists" (signal 0);
// real-time signal SIGRTMIN+n is 128+n (apparmor_parser's signal.cc, the kernel's sig_map).
type SignalNumber uint8

// SignalRule is "signal,", "signal send set=(term, kill) peer=other,".
type SignalRule struct {
	Qualifiers
	Perms SignalPerms // SignalAll when none were written
	// Signals is sorted and without duplicates; nil for any signal.
	Signals []SignalNumber
	// Peer is the pattern (AARE) of the other task's label; "" for any.
	Peer string
}

// Class returns ClassSignal.
func (*SignalRule) Class() Class { return ClassSignal }

// PtracePerms is a set of ptrace permissions (apparmor_parser's ptrace.h).
type PtracePerms uint32

// The ptrace permissions.
const (
	PtraceTrace    PtracePerms = 0x2  // trace, write, w: trace the peer
	PtraceRead     PtracePerms = 0x4  // read, r: read the peer's /proc files and memory
	PtraceTracedby PtracePerms = 0x8  // be traced by the peer
	PtraceReadby   PtracePerms = 0x10 // be read by the peer
	PtraceAll                  = PtraceTrace | PtraceRead | PtraceTracedby | PtraceReadby
)

// PtraceRule is "ptrace,", "ptrace (read, trace) peer=other,".
type PtraceRule struct {
	Qualifiers
	Perms PtracePerms // PtraceAll when none were written
	Peer  string      // pattern (AARE) of the other task's label; "" for any
}

// Class returns ClassPtrace.
func (*PtraceRule) Class() Class { return ClassPtrace }

// MqueuePerms is a set of message queue permissions (apparmor_parser's mqueue.h).
type MqueuePerms uint32

// The message queue permissions.
const (
	MqueueWrite   MqueuePerms = 0x2
	MqueueRead    MqueuePerms = 0x4
	MqueueCreate  MqueuePerms = 0x10
	MqueueDelete  MqueuePerms = 0x20
	MqueueOpen    MqueuePerms = 0x40
	MqueueSetattr MqueuePerms = 0x100
	MqueueGetattr MqueuePerms = 0x200
	MqueueAll                 = MqueueWrite | MqueueRead | MqueueCreate | MqueueDelete | MqueueOpen | MqueueSetattr | MqueueGetattr
)

// MqueueType is the kind of message queue.
type MqueueType uint8

// The kinds of message queue.
const (
	MqueueAny   MqueueType = iota // the rule covers both kinds
	MqueuePosix                   // mq_open(3): names begin with /
	MqueueSysV                    // msgget(2): names are keys, decimal numbers
)

// MqueueRule is "mqueue,", "mqueue (read write) type=posix /name,", "mqueue create 1234,".
type MqueueRule struct {
	Qualifiers
	Perms MqueuePerms // MqueueAll when none were written
	// Type is what type= says or Name implies.
	Type MqueueType
	// Name is the pattern (AARE) of a POSIX queue's name, or the decimal key of a System V queue; "" for any.
	Name string
	// Label is the pattern (AARE) of the queue's label; "" for any.
	Label string
}

// Class returns ClassMqueue.
func (*MqueueRule) Class() Class { return ClassMqueue }

// IOUringPerms is a set of io_uring permissions (apparmor_parser's io_uring.h).
type IOUringPerms uint32

// The io_uring permissions.
const (
	IOUringOverrideCreds IOUringPerms = 0x8
	IOUringSqpoll        IOUringPerms = 0x10
	IOUringAll                        = IOUringOverrideCreds | IOUringSqpoll
)

// IOUringRule is "io_uring,", "io_uring sqpoll,", "io_uring override_creds label=x,".
type IOUringRule struct {
	Qualifiers
	Perms IOUringPerms // IOUringAll when none were written
	Label string       // pattern (AARE) of the label whose credentials are used; "" for any
}

// Class returns ClassIOUring.
func (*IOUringRule) Class() Class { return ClassIOUring }

// UsernsPerms is a set of user namespace permissions.
type UsernsPerms uint32

// UsernsCreate is the only user namespace permission (apparmor_parser's userns.h).
const UsernsCreate UsernsPerms = 0x8

// UsernsRule is "userns," or "userns create,".
type UsernsRule struct {
	Qualifiers
	Perms UsernsPerms // always UsernsCreate
}

// Class returns ClassUserns.
func (*UsernsRule) Class() Class { return ClassUserns }
