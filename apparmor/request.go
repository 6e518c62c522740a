package apparmor

import "net/netip"

// Request is one question to a profile. The set is closed: File, HardLink, Capability, Network, Unix, Mount, Umount, PivotRoot, Dbus,
// Signal, Ptrace, ProfileChange, Userns, Mqueue and IOUring.
//
// Paths are what the kernel matches: absolute, in the mount namespace's view, without symbolic links; a directory ends in
// "/".
type Request interface {
	// Class names the mediation class that answers.
	Class() Class
	// String returns the request in the form of a rule.
	String() string
	evaluate(c *compiled, d *Decision)
}

// File asks for access to a path. With Exec in Access it asks for execve(2), and the Decision says what the program runs
// as. Creating, deleting, renaming and changing attributes are Write; getting attributes needs nothing.
type File struct {
	Path   string
	Access FilePerms // all of these; 0 asks nothing and is denied
	// Owner says that the task's fsuid is the file's owner. False, the zero value, asks for a file of somebody else.
	Owner bool
}

// HardLink asks to create the hard link Path for the existing file Target, link(2).
type HardLink struct {
	Path   string // the new name
	Target string // the existing file
	Owner  bool   // the task's fsuid owns the file
}

// Capability asks for a capability by number (linux/capability.h); CapabilityByName finds it.
type Capability struct {
	Cap int
}

// Network asks for access to a socket that is not a unix socket, or to the mere creation of one.
type Network struct {
	Family int // AF_ number; FamilyByName finds it
	Type   int // SOCK_ number; SocketTypeByName finds it
	// Access is what is done with the socket; 0 means NetCreate.
	Access NetPerms
	// Protocol, Local and Peer matter for inet and inet6 under features that mediate addresses (network_v8/af_inet). Peer
	// is for NetSend, NetReceive, NetConnect and NetAccept. The zero AddrPort is a socket without an address.
	Protocol    int // IPPROTO_ number: 6 for TCP, 17 for UDP
	Local, Peer netip.AddrPort
}

// Unix asks for access to a unix socket that is not bound to a path. (Sockets with a path are asked for with File.)
type Unix struct {
	Type   int      // SOCK_ number
	Access NetPerms // 0 means NetCreate
	// Addr is the local address: "" for an unnamed socket, "@name" for an abstract one.
	Addr string
	// Label is the socket's label, normally the profile's own name.
	Label string
	// PeerAddr and PeerLabel are the other end, for NetSend, NetReceive, NetConnect and NetAccept.
	PeerAddr, PeerLabel string
}

// Mount asks for mount(2).
type Mount struct {
	Source     string // the device, the directory to bind or move, or any string the file system takes
	MountPoint string // a directory, ending in "/"
	FSType     string
	Flags      uint32 // Ms values
}

// Umount asks for umount(2).
type Umount struct {
	MountPoint string // a directory, ending in "/"
}

// PivotRoot asks for pivot_root(2).
type PivotRoot struct {
	NewRoot, OldRoot string // directories, ending in "/"
}

// Dbus asks the bus daemon for access to a message, a name or the bus.
type Dbus struct {
	Bus    string // "system" or "session"
	Access DbusPerms
	// Name is the name to own, for DbusBind, or the peer's, for DbusSend and DbusReceive.
	Name                    string
	PeerLabel               string
	Path, Interface, Member string
}

// Signal asks to send a signal to, or receive it from, a task with the label Peer.
type Signal struct {
	Signal SignalNumber
	Access SignalPerms
	Peer   string // "unconfined" for a task without a profile
}

// Ptrace asks for tracing or reading between this task and one with the label Peer.
type Ptrace struct {
	Access PtracePerms
	Peer   string // "unconfined" for a task without a profile
}

// ProfileChange asks for change_profile(2) to Target; with Exec set, for change_onexec(2) at the execution of that path.
type ProfileChange struct {
	Target string
	Exec   string
}

// Userns asks to create a user namespace.
type Userns struct{}

// Mqueue asks for access to a message queue.
type Mqueue struct {
	Type   MqueueType // MqueuePosix or MqueueSysV
	Name   string     // of a POSIX queue
	Key    int32      // of a System V queue
	Label  string     // the queue's label
	Access MqueuePerms
}

// IOUring asks for an io_uring permission.
type IOUring struct {
	Access IOUringPerms
	Label  string // whose credentials, for IOUringOverrideCreds
}

// Class returns ClassFile.
func (File) Class() Class { return ClassFile }

// Class returns ClassFile.
func (HardLink) Class() Class { return ClassFile }

// Class returns ClassCapability.
func (Capability) Class() Class { return ClassCapability }

// Class returns ClassNetwork.
func (Network) Class() Class { return ClassNetwork }

// Class returns ClassUnix.
func (Unix) Class() Class { return ClassUnix }

// Class returns ClassMount.
func (Mount) Class() Class { return ClassMount }

// Class returns ClassMount.
func (Umount) Class() Class { return ClassMount }

// Class returns ClassMount.
func (PivotRoot) Class() Class { return ClassMount }

// Class returns ClassDbus.
func (Dbus) Class() Class { return ClassDbus }

// Class returns ClassSignal.
func (Signal) Class() Class { return ClassSignal }

// Class returns ClassPtrace.
func (Ptrace) Class() Class { return ClassPtrace }

// Class returns ClassChangeProfile.
func (ProfileChange) Class() Class { return ClassChangeProfile }

// Class returns ClassUserns.
func (Userns) Class() Class { return ClassUserns }

// Class returns ClassMqueue.
func (Mqueue) Class() Class { return ClassMqueue }

// Class returns ClassIOUring.
func (IOUring) Class() Class { return ClassIOUring }
