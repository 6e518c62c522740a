package seccomp

import (
	"errors"
	"testing"
)

// Apply says that every thread is confined, so it must not take options under which only one is.
func TestApplyRefusesOneThread(t *testing.T) {
	p := &Profile{Default: Allow, Foreign: Allow} // harmless if it were loaded
	err := Apply(p, &ApplyOptions{Load: LoadOptions{ThisThread: true}})
	var le *LoadError
	if !errors.As(err, &le) || le.InForce || !errors.Is(err, ErrInvalid) {
		t.Errorf("Apply with ThisThread: %v, want an invalid request", err)
	}
}
