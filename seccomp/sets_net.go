package seccomp

// Types of socket(2); SOCK_STREAM is 1 but for MIPS, where it is 2 and SOCK_DGRAM 1.
const (
	socketTypeOne = 1
	socketTypeTwo = 2
)

// streamMembers create TCP sockets, Multipath TCP included.
func streamMembers() []Member {
	return []Member{
		inetSocket(afINET, socketTypeOne, notMIPSArches), inetSocket(afINET6, socketTypeOne, notMIPSArches),
		inetSocket(afINET, socketTypeTwo, mipsArches), inetSocket(afINET6, socketTypeTwo, mipsArches),
	}
}

// datagramMembers create UDP sockets.
func datagramMembers() []Member {
	return []Member{
		inetSocket(afINET, socketTypeTwo, notMIPSArches), inetSocket(afINET6, socketTypeTwo, notMIPSArches),
		inetSocket(afINET, socketTypeOne, mipsArches), inetSocket(afINET6, socketTypeOne, mipsArches),
	}
}

// inetSocket creates sockets of one family and type. Both are ints to the kernel; flags lie above the type.
func inetSocket(family, typ uint64, arches []Arch) Member {
	return Member{Names: []string{"socket"}, Arches: arches, Args: []Arg{
		{Index: 0, Width: Width32, Value: family},
		{Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: typ},
	}}
}

// unixMembers create local sockets of any type.
func unixMembers() []Member {
	return []Member{{Names: []string{"socket", "socketpair"}, Args: []Arg{{Index: 0, Width: Width32, Value: afUnix}}}}
}

var (
	acceptNames  = []string{"accept", "accept4", "listen"}
	connectNames = []string{"connect"}
	// connectionNames use connected sockets. Package net also moves data between descriptors inside the kernel (sendfile,
	// splice). Bind is in every network set because package net probes with it once which IP versions work.
	connectionNames = []string{"bind", "close", "getpeername", "getsockname", "getsockopt", "read", "readv", "sendfile", "sendfile64", "setsockopt",
		"shutdown", "splice", "write", "writev"}
	// messageNames send and receive datagrams and messages, with addresses, control data and descriptors.
	messageNames = []string{"recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto"}
)
