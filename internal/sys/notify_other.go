//go:build !linux

package sys

import "syscall"

// ReceiveNotification fails.
func (Kernel) ReceiveNotification(int, NotifSizes) (Notification, error) {
	return Notification{}, ErrUnsupported
}

// Respond fails.
func (Kernel) Respond(int, NotifSizes, uint64, int64, syscall.Errno, uint32) error {
	return ErrUnsupported
}

// NotificationValid fails.
func (Kernel) NotificationValid(int, uint64) error { return ErrUnsupported }

// WaitReadable fails.
func (Kernel) WaitReadable(int, int) (bool, bool, error) { return false, false, ErrUnsupported }

// SocketPair fails.
func (Kernel) SocketPair() (int, int, error) { return -1, -1, ErrUnsupported }

// DupAbove fails.
func (Kernel) DupAbove(int, int) (int, error) { return -1, ErrUnsupported }

// SendMessage fails.
func (Kernel) SendMessage(int, string, int) error { return ErrUnsupported }

// ReceiveMessage fails.
func (Kernel) ReceiveMessage(int, int) (string, int, error) { return "", -1, ErrUnsupported }

// There are no such numbers here.
const (
	SendMessageNr = 0
	ExitGroupNr   = 0
)
