//go:build kerneltest

package apparmor

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestAbsent is for kernels booted with AppArmor off (-append apparmor=0) or with SELinux in its place (-append security=selinux). Everything must say
// so with one error, and nothing may change.
func TestAbsent(t *testing.T) {
	params := os.Getenv("STOCKADE_KERNEL_APPEND")
	if !strings.Contains(params, "apparmor=0") && !strings.Contains(params, "security=selinux") {
		t.Fatalf("this kernel was booted with %q; use -append apparmor=0 or -append security=selinux", params)
	}
	selinux := strings.Contains(params, "selinux")
	calls := map[string]func() error{
		"Enabled":       Enabled,
		"ChangeProfile": func() error { _, err := ChangeProfile("stockade-enforce", nil); return err },
		"Stack":         func() error { _, err := Stack("stockade-enforce", nil); return err },
		"ChangeOnExec":  func() error { return ChangeOnExec("stockade-enforce") },
		"StackOnExec":   func() error { return StackOnExec("stockade-enforce") },
		"Reexec":        func() error { _, err := Reexec("stockade-enforce", nil); return err },
		"ChangeHat":     func() error { _, err := ChangeHat("hat1"); return err },
		"DryRun":        func() error { return DryRun("stockade-enforce") },
		"CurrentLabel":  func() error { _, err := CurrentLabel(); return err },
		"ProcessLabel":  func() error { _, err := ProcessLabel(1); return err },
		"ThreadLabels":  func() error { _, err := ThreadLabels(0); return err },
	}
	for name, call := range calls {
		err := call()
		if !errors.Is(err, ErrDisabled) || errors.Is(err, ErrOtherLSM) != selinux {
			t.Errorf("%s: %v; want ErrDisabled, with ErrOtherLSM: %v", name, err, selinux)
		}
	}
	for name, call := range map[string]func() error{
		"Profiles":       func() error { _, err := Profiles(); return err },
		"KernelFeatures": func() error { _, err := KernelFeatures(); return err },
		"QueryFile":      func() error { _, err := QueryFile("stockade-enforce", "/etc/shadow"); return err },
	} {
		if err := call(); !errors.Is(err, ErrNotMounted) {
			t.Errorf("%s: %v; want ErrNotMounted", name, err)
		}
	}
	s, err := ReadStatus()
	if !errors.Is(err, ErrDisabled) || s == nil || (s.Holder == "selinux") != selinux || s.Mount != "" {
		t.Errorf("status: %+v, %v", s, err)
	}
	if r := child(t, "look", nil); r.Facts["shadow"] != "<nil>" || r.Facts["raw"] != "<nil>" {
		t.Errorf("something is confined: %q", r.Facts)
	}
}

// Securityfs is not always mounted, as in containers.
func TestKernelNotMounted(t *testing.T) {
	r := child(t, "unmounted", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	})
	if !slices.Contains(r.Is, "ErrNotMounted") || r.Facts["label"] != "unconfined" {
		t.Errorf("%+v", r)
	}
	if hasSyscalls() && r.Facts["changed"] != "stockade-enforce (enforce)" {
		t.Errorf("without securityfs: %+v", r)
	}
}

func unmounted(f map[string]string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		return err
	}
	if err := syscall.Unmount("/sys/kernel/security", 0); err != nil {
		return err
	}
	_, err := Profiles()
	label, labelErr := CurrentLabel()
	f["label"] = label.String()
	if hasSyscalls() {
		e, changeErr := ChangeProfile("stockade-enforce", nil)
		if changeErr != nil {
			return changeErr
		}
		f["changed"] = e.After.String()
	}
	return errors.Join(err, labelErr)
}

// In a user namespace the profiles of the policy namespace outside stay within reach, for good and ill.
func TestKernelUserNamespace(t *testing.T) {
	set := func(cmd *exec.Cmd) {
		ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids}
	}
	if hasSyscalls() {
		r := child(t, "change", set)
		if r.Err != "" || r.Facts["labels"] != "stockade-enforce (enforce)" || r.Facts["shadow"] != "permission denied" {
			t.Errorf("change: %+v", r)
		}
	}
	r := child(t, "reexec", set)
	if r.Err != "" || r.Facts["labels"] != "stockade-enforce (enforce)" || r.Facts["shadow"] != "permission denied" {
		t.Errorf("reexec: %+v", r)
	}
	r = child(t, "reexecnosuch", set)
	if !slices.Contains(r.Is, "ErrNotLoaded") || r.Facts["labels"] != "unconfined" {
		t.Errorf("not loaded: %+v", r)
	}
}
