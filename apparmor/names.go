package apparmor

import "strconv"

// capabilityNames are the kernel's capabilities in numeric order (linux/capability.h, 5.9 to 6.18: 41 of them).
var capabilityNames = [...]string{"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource",
	"sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin",
	"syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore"}

// CapabilityByName returns the number of a capability ("net_admin" is 12); false when there is none of the name.
func CapabilityByName(name string) (int, bool) { return indexOf(capabilityNames[:], name) }

// CapabilityName returns the name of capability n, or its number in decimal when it has none.
func CapabilityName(n int) string { return nameAt(capabilityNames[:], n) }

// familyNames are the address families by number (linux/socket.h, AF_MAX 46). 12 is not assigned.
var familyNames = [...]string{"unspec", "unix", "inet", "ax25", "ipx", "appletalk", "netrom", "bridge", "atmpvc", "x25", "inet6",
	"rose", "", "netbeui", "security", "key", "netlink", "packet", "ash", "econet", "atmsvc", "rds", "sna", "irda", "pppox",
	"wanpipe", "llc", "ib", "mpls", "can", "tipc", "bluetooth", "iucv", "rxrpc", "isdn", "phonet", "ieee802154", "caif", "alg", "nfc",
	"vsock", "kcm", "qipcrtr", "smc", "xdp", "mctp"}

// FamilyByName returns the AF_ number of an address family ("inet6" is 10); false when there is none of the name.
func FamilyByName(name string) (int, bool) { return indexOf(familyNames[:], name) }

// FamilyName returns the name of address family n, or its number in decimal when it has none.
func FamilyName(n int) string { return nameAt(familyNames[:], n) }

// socketTypeNames are the socket types by number (linux/net.h).
var socketTypeNames = [...]string{"none", "stream", "dgram", "raw", "rdm", "seqpacket", "dccp", "", "", "", "packet"}

// SocketTypeByName returns the SOCK_ number of a socket type ("dgram" is 2); false when there is none of the name.
func SocketTypeByName(name string) (int, bool) { return indexOf(socketTypeNames[:], name) }

// SocketTypeName returns the name of socket type n, or its number in decimal when it has none.
func SocketTypeName(n int) string { return nameAt(socketTypeNames[:], n) }

// resourceNames are the resource limits by number.
var resourceNames = [...]string{"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks",
	"sigpending", "msgqueue", "nice", "rtprio", "rttime"}

// ResourceByName returns the resource of a name; false when there is none. "ofile" is "nofile".
func ResourceByName(name string) (Resource, bool) {
	if name == "ofile" {
		return RlimitNofile, true
	}
	n, ok := indexOf(resourceNames[:], name)
	return Resource(n), ok
}

// String returns the resource's name in policy.
func (r Resource) String() string { return nameAt(resourceNames[:], int(r)) }

// signalNames are the signals in AppArmor's numbering.
var signalNames = [...]string{"", "hup", "int", "quit", "ill", "trap", "abrt", "bus", "fpe", "kill", "usr1", "segv", "usr2", "pipe",
	"alrm", "term", "stkflt", "chld", "cont", "stop", "tstp", "ttin", "ttou", "urg", "xcpu", "xfsz", "vtalrm", "prof", "winch", "io",
	"pwr", "sys", "emt", "", "", "exists"}

// Real-time signals: "rtmin+0" to "rtmin+32" are SignalRTMin to SignalRTMin+32.
const SignalRTMin SignalNumber = 128

// signalRTCount is the largest offset (apparmor_parser's MAXRT_SIG).
const signalRTCount = 32

// SignalByName returns the signal of a name in policy: "term", "rtmin+5"; false when there is none. "stp" is the old name
// of "tstp", and "poll" is "io".
func SignalByName(name string) (SignalNumber, bool) {
	switch name {
	case "stp":
		name = "tstp"
	case "poll":
		name = "io"
	}
	const rt = "rtmin+"
	if len(name) >= len(rt) && name[:len(rt)] == rt {
		n, ok := parseRTOffset(name[len(rt):])
		return SignalRTMin + SignalNumber(n), ok
	}
	n, ok := indexOf(signalNames[:], name)
	return SignalNumber(n), ok
}

// String returns the signal's name in policy.
func (s SignalNumber) String() string {
	if s >= SignalRTMin {
		return "rtmin+" + strconv.Itoa(int(s-SignalRTMin))
	}
	return nameAt(signalNames[:], int(s))
}

// parseRTOffset reads the number after "rtmin+" as apparmor_parser does: what follows the digits is ignored, and no digits
// are 0.
func parseRTOffset(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		if n = n*10 + int(s[i]-'0'); n > signalRTCount {
			return 0, false
		}
	}
	if len(s) > 0 && s[0] == '-' {
		return 0, false
	}
	return n, true
}

func indexOf(names []string, name string) (int, bool) {
	if name == "" {
		return 0, false
	}
	for i, n := range names {
		if n == name {
			return i, true
		}
	}
	return 0, false
}

func nameAt(names []string, n int) string {
	if n >= 0 && n < len(names) && names[n] != "" {
		return names[n]
	}
	return strconv.Itoa(n)
}
