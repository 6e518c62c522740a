//go:build !linux

package sys

// OpenTaskFile fails.
func (Kernel) OpenTaskFile(Task, string, bool) (int, error) { return -1, ErrUnsupported }

// Write fails.
func (Kernel) Write(int, string) error { return ErrUnsupported }

// Pread fails.
func (Kernel) Pread(int, []byte) (int, error) { return 0, ErrUnsupported }

// Exec fails.
func (Kernel) Exec(string, []string, []string) error { return ErrUnsupported }

// SetCloseOnExec fails.
func (Kernel) SetCloseOnExec(int, bool) error { return ErrUnsupported }

// threadAlive returns false.
func threadAlive(int) bool { return false }
