package seccomp

import (
	"syscall"
	"testing"
)

// Child is child, for tests outside the package.
func Child(t *testing.T, fn func() error) { child(t, fn).mustSucceed(t) }

// UnprivilegedChild is unprivileged, for tests outside the package: it returns what the child wrote and the signal that ended it.
func UnprivilegedChild(t *testing.T, fn func() error) (string, syscall.Signal) {
	r := unprivileged(t, fn)
	return r.output, r.signal()
}
