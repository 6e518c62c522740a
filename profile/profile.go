package profile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gostockade/stockade/seccomp"
)

// Errors of this package; those of seccomp and apparmor are wrapped where they occur.
var (
	// ErrEmpty is a profile with neither half: it would confine nothing, so nothing takes it for a success.
	ErrEmpty = errors.New("the profile has neither a seccomp nor an AppArmor half")
	// ErrNotConfined is a child that was started and found not to be confined as asked; it has been killed.
	ErrNotConfined = errors.New("the child is not confined as asked")
	// ErrNeedsEntry is a filter under which this process could not even start the child: Cmd.Entry is needed.
	ErrNeedsEntry = errors.New("the filter forbids what starting a child takes; set Cmd.Entry")
	// ErrExecForbidden is a filter that forbids execve, so that no child can be started under it.
	ErrExecForbidden = errors.New("the filter forbids execve")
	// ErrBypassed is a call of a method of the exec.Cmd inside a Cmd that would start the program unconfined.
	ErrBypassed = errors.New("started through exec.Cmd, which would not confine; use the methods of profile.Cmd")
)

// Profile says what confines a program. A half that is nil is not applied; the zero value has no half, and everything that should
// confine with it fails.
type Profile struct {
	// Name is for people and for file names. It has no meaning; the AppArmor profile has a name of its own.
	Name     string
	Seccomp  *seccomp.Profile
	AppArmor *AppArmor
}

// AppArmor names a profile that is loaded in the kernel, or will be.
type AppArmor struct {
	// Profile is the name of the profile to be under, as apparmor.ChangeProfile takes it.
	Profile string
	// Stack puts the profile on top of what confines the process, instead of changing to it. It is what is left to a confined
	// process with no_new_privs, and to one in a container.
	Stack bool
	// Policy is the text of the profile, if it is kept with the rest. It is not loaded by Apply: that is a privileged step of its own.
	Policy string
}

// Validate returns what is wrong with the profile, whatever the system it is checked on.
func (p *Profile) Validate() error {
	if p == nil || p.Seccomp == nil && p.AppArmor == nil {
		return fmt.Errorf("profile: %w", ErrEmpty)
	}
	if p.Seccomp != nil {
		if err := p.Seccomp.Validate(); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
	}
	if a := p.AppArmor; a != nil {
		if a.Profile == "" || strings.TrimSpace(a.Profile) != a.Profile || strings.ContainsAny(a.Profile, "\x00\n") {
			return fmt.Errorf("profile: %q cannot be the name of an AppArmor profile", a.Profile)
		}
	}
	return nil
}
