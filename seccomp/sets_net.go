package seccomp

// Types of socket(2). SOCK_STREAM is socketTypeOne but for MIPS; see mipsArches.
const (
	socketTypeOne = 1
	socketTypeTwo = 2
)

// streamMembers create TCP sockets, Multipath TCP included.
var streamMembers = []Member{
	{Names: []string{"socket"}, Arches: notMIPSArches, Args: []Arg{{Width: Width32, Value: afINET}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeOne}}},
	{Names: []string{"socket"}, Arches: notMIPSArches, Args: []Arg{{Width: Width32, Value: afINET6}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeOne}}},
	{Names: []string{"socket"}, Arches: mipsArches, Args: []Arg{{Width: Width32, Value: afINET}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeTwo}}},
	{Names: []string{"socket"}, Arches: mipsArches, Args: []Arg{{Width: Width32, Value: afINET6}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeTwo}}},
}

// datagramMembers create UDP sockets.
var datagramMembers = []Member{
	{Names: []string{"socket"}, Arches: notMIPSArches, Args: []Arg{{Width: Width32, Value: afINET}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeTwo}}},
	{Names: []string{"socket"}, Arches: notMIPSArches, Args: []Arg{{Width: Width32, Value: afINET6}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeTwo}}},
	{Names: []string{"socket"}, Arches: mipsArches, Args: []Arg{{Width: Width32, Value: afINET}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeOne}}},
	{Names: []string{"socket"}, Arches: mipsArches, Args: []Arg{{Width: Width32, Value: afINET6}, {Index: 1, Op: MaskedEQ, Width: Width32, Mask: sockTypeMask, Value: socketTypeOne}}},
}

// unixMembers create local sockets of any type.
var unixMembers = []Member{
	{Names: []string{"socket", "socketpair"}, Args: []Arg{{Width: Width32, Value: afUnix}}},
	{Names: []string{"accept", "accept4", "bind", "connect", "listen"}},
}

// connectionMembers use connected sockets. Package net also moves data between descriptors inside the kernel (sendfile, splice). Bind
// is in every network set: package net probes with it once which IP versions work.
var connectionMembers = []Member{
	{Names: []string{"bind", "close", "getpeername", "getsockname", "getsockopt", "read", "readv", "sendfile", "sendfile64", "setsockopt", "shutdown", "splice",
		"write", "writev"}},
}

// messageMembers send and receive datagrams and messages, with addresses, control data and descriptors.
var messageMembers = []Member{
	{Names: []string{"recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto"}},
}

var (
	acceptMembers  = []Member{{Names: []string{"accept", "accept4", "listen"}}}
	connectMembers = []Member{{Names: []string{"connect"}}}
)
