//go:build !linux

package sys

// Gettid returns 0: there is no such id here.
func (Kernel) Gettid() int { return 0 }

// SetNoNewPrivs fails.
func (Kernel) SetNoNewPrivs() error { return ErrUnsupported }

// NoNewPrivs fails.
func (Kernel) NoNewPrivs() (bool, error) { return false, ErrUnsupported }

// SetFilter fails.
func (Kernel) SetFilter(uint32, []SockFilter) (int, error) { return 0, ErrUnsupported }

// ProbeFilterFlags fails.
func (Kernel) ProbeFilterFlags(uint32) error { return ErrUnsupported }

// ActionAvail fails.
func (Kernel) ActionAvail(uint32) error { return ErrUnsupported }

// NotifSizes fails.
func (Kernel) NotifSizes() (NotifSizes, error) { return NotifSizes{}, ErrUnsupported }

// SeccompMode fails.
func (Kernel) SeccompMode() (int, error) { return 0, ErrUnsupported }

// SeccompModeCall returns no call.
func (Kernel) SeccompModeCall() Call { return Call{} }

// Release fails.
func (Kernel) Release() (string, error) { return "", ErrUnsupported }

// OpenTasks fails.
func (Kernel) OpenTasks(int) (int, error) { return -1, ErrUnsupported }

// ThreadIDs fails.
func (Kernel) ThreadIDs(int) ([]int, error) { return nil, ErrUnsupported }

// OpenStatus fails.
func (Kernel) OpenStatus(int, int) (int, error) { return -1, ErrUnsupported }

// ReadStart fails.
func (Kernel) ReadStart(int, []byte) (int, error) { return 0, ErrUnsupported }

// Read fails.
func (Kernel) Read(int, []byte) (int, error) { return 0, ErrUnsupported }

// ReadCall returns no call.
func (Kernel) ReadCall(int, []byte) Call { return Call{} }

// Close fails.
func (Kernel) Close(int) error { return ErrUnsupported }

// CloseCall returns no call.
func (Kernel) CloseCall(int) Call { return Call{} }
