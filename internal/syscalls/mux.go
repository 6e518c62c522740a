package syscalls

import "iter"

// A Mux is one operation of a multiplexing call: the first argument of Call is Sub, and the real arguments follow, for
// socketcall behind a pointer that a filter cannot read.
type Mux struct {
	Call string // "socketcall" or "ipc"
	Sub  uint32
}

// socketcallOps are the operations of socketcall(2) from 1 (include/uapi/linux/net.h, SYS_SOCKET...).
var socketcallOps = [...]string{
	1: "socket", 2: "bind", 3: "connect", 4: "listen", 5: "accept", 6: "getsockname", 7: "getpeername", 8: "socketpair",
	9: "send", 10: "recv", 11: "sendto", 12: "recvfrom", 13: "shutdown", 14: "setsockopt", 15: "getsockopt",
	16: "sendmsg", 17: "recvmsg", 18: "accept4", 19: "recvmmsg", 20: "sendmmsg",
}

// ipcOps are the operations of ipc(2) (include/uapi/linux/ipc.h, SEMOP...). The kernel takes the operation from the low
// 16 bits of the argument; a version is in the high ones (ipc/syscall.c, "call & 0xffff").
var ipcOps = [...]string{
	1: "semop", 2: "semget", 3: "semctl", 4: "semtimedop", 11: "msgsnd", 12: "msgrcv", 13: "msgget", 14: "msgctl",
	21: "shmat", 22: "shmdt", 23: "shmget", 24: "shmctl",
}

// Multiplexed returns the operation through which a also offers the named call, whether or not it has a direct number.
// False where a has no such multiplexer: 386, m68k, MIPS o32, POWER, s390, s390x and SuperH have both.
func Multiplexed(a ABI, name string) (Mux, bool) {
	for _, call := range [...]string{"socketcall", "ipc"} {
		for sub, op := range muxOps(call) {
			if op != name || op == "" {
				continue
			}
			if _, ok := Number(a, call); ok {
				return Mux{call, uint32(sub)}, true
			}
		}
	}
	return Mux{}, false
}

// MuxNames yields the names for which Multiplexed returns an operation on a.
func MuxNames(a ABI) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, call := range [...]string{"socketcall", "ipc"} {
			if _, ok := Number(a, call); !ok {
				continue
			}
			for _, op := range muxOps(call) {
				if op != "" && !yield(op) {
					return
				}
			}
		}
	}
}

// MuxName returns the call that operation sub of a multiplexer stands for on a. For "ipc" only the low 16 bits of sub count.
func MuxName(a ABI, call string, sub uint32) (string, bool) {
	if _, ok := Number(a, call); !ok {
		return "", false
	}
	if call == "ipc" {
		sub &= 0xffff
	}
	ops := muxOps(call)
	if uint64(sub) >= uint64(len(ops)) || ops[sub] == "" {
		return "", false
	}
	return ops[sub], true
}

func muxOps(call string) []string {
	switch call {
	case "socketcall":
		return socketcallOps[:]
	case "ipc":
		return ipcOps[:]
	}
	return nil
}
