package sys

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sizes and offsets of struct seccomp_notif and seccomp_notif_resp as Linux 5.0 has them. Later kernels may append to them:
// SECCOMP_GET_NOTIF_SIZES says how much.
const (
	notifSize     = 80
	notifRespSize = 24
)

// ReceiveNotification takes the next call that waits on a listener. ENOENT and EINTR mean that the call is no longer there, or
// none came; try again. sizes is what NotifSizes returned.
func (Kernel) ReceiveNotification(fd int, sizes NotifSizes) (Notification, error) {
	buf := make([]uint64, (max(notifSize, int(sizes.Notif))+7)/8) // aligned, and zero as the kernel demands
	if err := ioctl(fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&buf[0])); err != nil {
		return Notification{}, err
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&buf[0])), notifSize)
	n := Notification{
		ID:   buf[0],
		PID:  int(binary.NativeEndian.Uint32(b[8:])),
		Nr:   binary.NativeEndian.Uint32(b[16:]),
		Arch: binary.NativeEndian.Uint32(b[20:]),
		IP:   buf[3],
	}
	copy(n.Args[:], buf[4:])
	return n, nil
}

// Respond answers a call: it returns value, or fails with errno if that is not 0, or is carried out with the flag ContinueCall.
// ENOENT: the call is no longer there.
func (Kernel) Respond(fd int, sizes NotifSizes, id uint64, value int64, errno syscall.Errno, flags uint32) error {
	buf := make([]uint64, (max(notifRespSize, int(sizes.Response))+7)/8)
	b := unsafe.Slice((*byte)(unsafe.Pointer(&buf[0])), notifRespSize)
	buf[0], buf[1] = id, uint64(value)
	binary.NativeEndian.PutUint32(b[16:], uint32(-int32(errno)))
	binary.NativeEndian.PutUint32(b[20:], flags)
	return ioctl(fd, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&buf[0]))
}

// NotificationValid reports with ENOENT that a call is no longer waiting, so that its thread id may be another's by now.
func (Kernel) NotificationValid(fd int, id uint64) error {
	return ioctl(fd, unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id))
}

func ioctl(fd int, request uint, arg unsafe.Pointer) error {
	_, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(arg))
	if errno != 0 {
		return errno
	}
	return nil
}

// WaitReadable waits until the first descriptor can be read, or the second can be or was closed by its peer, and says which. A
// first one that will never be readable again, such as a listener whose filter has no more users, is no longer waited for.
func (Kernel) WaitReadable(fd, other int) (first, second bool, err error) {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(other), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if err == unix.EINTR {
			continue
		}
		first, second = fds[0].Revents&unix.POLLIN != 0, fds[1].Revents != 0
		if err != nil || first || second {
			return first, second, err
		}
		fds[0].Fd = -1 // hung up
	}
}

// SocketPair returns two connected sockets that keep messages apart (SOCK_SEQPACKET), close-on-exec.
func (Kernel) SocketPair() (a, b int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	return fds[0], fds[1], err
}

// DupAbove duplicates a descriptor, close-on-exec, to the lowest free number that is not below least.
func (Kernel) DupAbove(fd, least int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, least)
}

// SendMessage sends a message over a socket, with a descriptor if fd is not negative. It makes one sendmsg(2) and nothing else.
func (Kernel) SendMessage(sock int, text string, fd int) error {
	data := []byte(text)
	if len(data) == 0 {
		return syscall.EINVAL
	}
	iov := unix.Iovec{Base: &data[0]}
	iov.SetLen(len(data))
	msg := unix.Msghdr{Iov: &iov}
	msg.SetIovlen(1)
	var rights []byte
	if fd >= 0 {
		rights = unix.UnixRights(fd)
		msg.Control = &rights[0]
		msg.SetControllen(len(rights))
	}
	_, _, errno := syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(sock), uintptr(unsafe.Pointer(&msg)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// ReceiveMessage receives a message of at most limit bytes and the descriptor that came with it, -1 if none did. An empty text
// means that the peer has closed.
func (Kernel) ReceiveMessage(sock, limit int) (text string, fd int, err error) {
	buf, oob := make([]byte, limit), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(sock, buf, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return "", -1, err
	}
	fd = -1
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return "", -1, err
	}
	for i := range messages {
		if fds, err := unix.ParseUnixRights(&messages[i]); err == nil && len(fds) == 1 {
			fd = fds[0]
		}
	}
	return string(buf[:n]), fd, nil
}

// The native numbers of the calls that SendMessage makes and that end a process.
const (
	SendMessageNr = unix.SYS_SENDMSG
	ExitGroupNr   = unix.SYS_EXIT_GROUP
)
