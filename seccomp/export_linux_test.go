package seccomp

import "testing"

// Child is child, for tests outside the package.
func Child(t *testing.T, fn func() error) { child(t, fn).mustSucceed(t) }
