//go:build !linux

package seccomptest

import (
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

func live(t testing.TB, _ *seccomp.Profile, _ string) *LiveResult {
	t.Helper()
	t.Skip("seccomptest: Live needs Linux")
	return nil
}

func liveChild(*seccomp.Profile, func()) {}
