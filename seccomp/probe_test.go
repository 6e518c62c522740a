package seccomp

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

func TestProbeOldKernels(t *testing.T) {
	tests := []struct {
		release string
		flags   Flags
		old     bool // before 4.14
		has     []Action
		lacks   []Action
	}{
		{"6.1.0", allFlags, false, []Action{KillProcess, KillThread, Trap, Errno(1), Notify, Trace, Log, Allow}, nil},
		{"4.9.0", FlagTSync, true, []Action{KillThread, Trap, Errno(1), Trace, Allow}, []Action{KillProcess, Log, Notify}},
	}
	for _, tt := range tests {
		k := newFakeKernel()
		k.release, k.flagsKnown, k.oldActions = tt.release, tt.flags, tt.old
		f, err := probe(k)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range tt.has {
			if err := f.Action(a); err != nil {
				t.Errorf("%s: %v: %v", tt.release, a, err)
			}
		}
		for _, a := range tt.lacks {
			var missing *NotSupportedError
			if err := f.Action(a); !errors.As(err, &missing) || missing.Since != actionSince(a) || missing.Running != tt.release {
				t.Errorf("%s: %v: %v", tt.release, a, err)
			}
		}
		for i := range flagNames {
			flag := Flags(1 << i)
			err := f.Flags(flag)
			if known := tt.flags&flag != 0; known != (err == nil) || !known && !errors.Is(err, ErrNotSupported) {
				t.Errorf("%s: %v: %v", tt.release, flag, err)
			}
		}
		if k.installed() {
			t.Error("probing installed a filter")
		}
	}
}

// TestProbeUnderFilter: EPERM and ENOSYS are an older filter's answer, not the kernel's.
func TestProbeUnderFilter(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EPERM, syscall.ENOSYS} {
		good := newFakeKernel()
		good.threads[0].Mode = ModeFilter
		if _, err := probe(good); err != nil {
			t.Fatal(err)
		}
		for i, step := range good.calls {
			if step != "action avail" && step != "probe flags" {
				continue
			}
			k := newFakeKernel()
			k.threads[0].Mode = ModeFilter
			k.failAt, k.failErr = i, errno
			f, err := probe(k)
			if err != nil {
				t.Fatal(err)
			}
			unknown := 0
			for _, a := range actionNames {
				if errors.Is(f.Action(a.kind), ErrInconclusive) {
					unknown++
				}
			}
			for j := range flagNames {
				if errors.Is(f.Flags(1<<j), ErrInconclusive) {
					unknown++
				}
			}
			if unknown != 1 || strings.Count(f.String(), "?") != 1 {
				t.Errorf("%v at step %d: %d inconclusive answers\n%v", errno, i, unknown, f)
			}
		}
	}
}

func TestProbeFails(t *testing.T) {
	good := newFakeKernel()
	if _, err := probe(good); err != nil {
		t.Fatal(err)
	}
	for i, step := range good.calls {
		if step != "uname" && step != "get seccomp" {
			continue
		}
		k := newFakeKernel()
		k.failAt, k.failErr = i, syscall.EIO
		if f, err := probe(k); err == nil {
			t.Errorf("%s failed and probe returned %v", step, f)
		}
	}
}

func TestZeroFeaturesSupportNothing(t *testing.T) {
	var f Features
	for _, a := range actionNames {
		if !errors.Is(f.Action(a.kind), ErrNotSupported) {
			t.Errorf("%v", a.kind)
		}
	}
	if !errors.Is(f.Flags(FlagTSync), ErrNotSupported) || !errors.Is(f.Flags(1<<30), ErrNotSupported) {
		t.Error("flags")
	}
	if err := f.Flags(0); err != nil {
		t.Errorf("no flags: %v", err)
	}
}
