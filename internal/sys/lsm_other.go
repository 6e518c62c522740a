//go:build !linux

package sys

// LSMSelfAttr fails.
func (Kernel) LSMSelfAttr(uint32, uint64) (string, error) { return "", ErrUnsupported }

// SetLSMSelfAttr fails.
func (Kernel) SetLSMSelfAttr(uint32, uint64, string) error { return ErrUnsupported }

// SetLSMSelfAttrAll fails.
func (Kernel) SetLSMSelfAttrAll(uint32, uint64, string) error { return ErrUnsupported }

// PeerSecurity fails.
func (Kernel) PeerSecurity(int) (string, error) { return "", ErrUnsupported }

// SetNoNewPrivsAll fails.
func (Kernel) SetNoNewPrivsAll() error { return ErrUnsupported }
