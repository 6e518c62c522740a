package sys

// SockFilter has the layout of struct sock_filter (include/uapi/linux/filter.h): one instruction of classic BPF, eight bytes.
type SockFilter struct {
	Code uint16
	JT   uint8
	JF   uint8
	K    uint32
}

// MaxFilter is the most instructions one filter can have: BPF_MAXINSNS (include/uapi/linux/bpf_common.h).
const MaxFilter = 4096

// NotifSizes is struct seccomp_notif_sizes (include/uapi/linux/seccomp.h): the sizes in bytes of the running kernel's
// seccomp_notif, seccomp_notif_resp and seccomp_data.
type NotifSizes struct {
	Notif    uint16
	Response uint16
	Data     uint16
}

// Call is a system call as a filter sees it, by its native number.
type Call struct {
	Nr   uint32
	Args [6]uint64
}
