package profile

import (
	"errors"
	"fmt"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/internal/sys"
	"github.com/gostockade/stockade/seccomp"
)

// ApplyOptions relax Apply or direct it. Nil, like the zero value, is the strictest.
type ApplyOptions struct {
	// Compile and Load are for the seccomp half; see the package seccomp. Load.ThisThread and Load.Before are not for here.
	Compile seccomp.CompileOptions
	Load    seccomp.LoadOptions
	// AppArmor is for entering the AppArmor profile.
	AppArmor apparmor.EnterOptions
	// Reexec, if not nil, lets Apply start the program again where the kernel can move a process into an AppArmor profile only
	// at an execve (Linux before 6.8, or a binary with cgo). Call Apply early in main then: see apparmor.Reexec. The options' Stack is taken
	// from the profile.
	Reexec *apparmor.ReexecOptions
	// BestEffort skips a half that the system does not have at all: no AppArmor in the kernel or not enabled, no seccomp. Report.Skipped says
	// what was skipped and why. At least one half must be applied. A profile that is not loaded, a filter that is refused, and everything
	// else is an error as ever.
	BestEffort bool
	// Report, if not nil, is filled in with what was done, also when Apply fails.
	Report *Report
}

// Report tells what Apply did and read back.
type Report struct {
	AppArmor *apparmor.Entered // nil if there was no such half, it was skipped, or it failed
	Seccomp  *seccomp.Loaded   // likewise
	Skipped  []Skipped         // with ApplyOptions.BestEffort
}

// Skipped is a half that was not applied.
type Skipped struct {
	Half string // "apparmor" or "seccomp"
	Err  error  // why
}

// ApplyError says which half failed and what is in force all the same, because it cannot be taken back.
type ApplyError struct {
	Half    string // "apparmor", "seccomp" or "no_new_privs"
	InForce string // what confines the process now that did not before, in words; empty if nothing has changed
	Err     error
}

// Error returns the reason, and what is in force.
func (e *ApplyError) Error() string {
	s := fmt.Sprintf("profile: apply %s: %v", e.Half, e.Err)
	if e.InForce != "" {
		s += " (in force already: " + e.InForce + ")"
	}
	return s
}

// Unwrap returns the reason.
func (e *ApplyError) Unwrap() error { return e.Err }

// Apply confines this process, every thread of it and for good, with both halves of the profile. Open files and connections stay. It returns
// nil only when the label, no_new_privs and the filter of every thread have been read back as asked for.
//
// The order is AppArmor, no_new_privs, seccomp; what can fail without having changed anything is tried before. If the AppArmor half
// fails, nothing has changed. If the seccomp half fails after that, which takes a kernel that refuses a filter it should accept, the process stays
// in the AppArmor profile, and the ApplyError says so: it had better end.
//
// Errors are *ApplyError around those of seccomp.Compile, seccomp.Load, apparmor.ChangeProfile, apparmor.Stack and apparmor.Reexec.
func Apply(p *Profile, opts *ApplyOptions) error {
	if opts == nil {
		opts = &ApplyOptions{}
	}
	return (&applier{p: p, opts: *opts, api: kernelAPI{}}).run()
}

// api is what Apply does to the process; tests put failures here.
type api interface {
	compile(*seccomp.Profile, *seccomp.CompileOptions) (*seccomp.Program, error)
	probe(*seccomp.Profile) error
	load(*seccomp.Program, *seccomp.LoadOptions) (*seccomp.Loaded, error)
	enabled() error
	enter(a *AppArmor, opts *apparmor.EnterOptions) (*apparmor.Entered, error)
	reexec(a *AppArmor, opts *apparmor.ReexecOptions) (*apparmor.Entered, error)
	noNewPrivs() error
}

// applier takes one profile through the steps.
type applier struct {
	p       *Profile
	opts    ApplyOptions
	api     api
	report  Report
	program *seccomp.Program
}

func (a *applier) run() error {
	err := a.p.Validate()
	if err == nil {
		err = a.apply()
	}
	if a.opts.Report != nil {
		*a.opts.Report = a.report
	}
	return err
}

func (a *applier) fail(half string, err error) error {
	e := &ApplyError{Half: half, Err: err}
	if a.report.AppArmor != nil {
		e.InForce = "AppArmor label " + a.report.AppArmor.After.String()
	}
	return e
}

// apply does first what changes nothing.
func (a *applier) apply() error {
	if err := a.prepareSeccomp(); err != nil {
		return a.fail("seccomp", err)
	}
	hasAppArmor, err := a.prepareAppArmor()
	if err != nil {
		return a.fail("apparmor", err)
	}
	if a.program == nil && !hasAppArmor {
		return a.fail("either half", errors.Join(a.report.Skipped[0].Err, a.report.Skipped[len(a.report.Skipped)-1].Err))
	}
	if a.program == nil {
		return a.onlyAppArmor()
	}
	return a.loadWith(hasAppArmor)
}

// prepareSeccomp compiles, and asks the kernel whether it knows what the profile uses.
func (a *applier) prepareSeccomp() error {
	if a.p.Seccomp == nil {
		return nil
	}
	if a.opts.Load.ThisThread || a.opts.Load.Before != nil {
		return errors.New("Load.ThisThread and Load.Before are not for Apply")
	}
	if (a.opts.Load.Flags|a.p.Seccomp.Flags)&seccomp.FlagNewListener != 0 {
		return errors.New("flag NEW_LISTENER: Apply has nowhere to put the listener; use seccomp.Load")
	}
	program, err := a.api.compile(a.p.Seccomp, &a.opts.Compile)
	if err != nil {
		return err
	}
	if a.p.AppArmor != nil || a.opts.BestEffort { // else Load's own question is early enough
		err = a.api.probe(a.p.Seccomp)
	}
	if a.opts.BestEffort && errors.Is(err, seccomp.ErrNotSupported) {
		a.skip("seccomp", err)
		return nil
	}
	a.program = program
	return err
}

// prepareAppArmor reports whether there is an AppArmor half to apply.
func (a *applier) prepareAppArmor() (bool, error) {
	if a.p.AppArmor == nil {
		return false, nil
	}
	err := a.api.enabled()
	if a.opts.BestEffort && (errors.Is(err, apparmor.ErrNotSupported) || errors.Is(err, apparmor.ErrDisabled)) {
		a.skip("apparmor", err)
		return false, nil
	}
	return err == nil, err
}

func (a *applier) skip(half string, err error) {
	a.report.Skipped = append(a.report.Skipped, Skipped{Half: half, Err: err})
}

// enterAppArmor moves the process into the AppArmor profile.
func (a *applier) enterAppArmor() error {
	entered, err := a.api.enter(a.p.AppArmor, &a.opts.AppArmor)
	if errors.Is(err, apparmor.ErrNeedsExec) && a.opts.Reexec != nil {
		again := *a.opts.Reexec
		again.Stack = a.p.AppArmor.Stack
		again.EnterOptions = a.opts.AppArmor
		entered, err = a.api.reexec(a.p.AppArmor, &again)
	}
	if err == nil && entered == nil {
		err = apparmor.ErrNotConfined
	}
	a.report.AppArmor = entered
	return err
}

// onlyAppArmor is Apply without a filter.
func (a *applier) onlyAppArmor() error {
	if err := a.enterAppArmor(); err != nil {
		return a.fail("apparmor", err)
	}
	if a.opts.Load.AllowNewPrivs {
		return nil
	}
	if err := a.api.noNewPrivs(); err != nil {
		return a.fail("no_new_privs", err)
	}
	return nil
}

// loadWith installs the filter and, right before, enters the AppArmor profile: what reads the filter back has been opened by then,
// which the AppArmor profile might not allow.
func (a *applier) loadWith(hasAppArmor bool) error {
	load := a.opts.Load
	load.Flags |= a.p.Seccomp.Flags
	var appArmorErr error
	if hasAppArmor {
		load.Before = func() error {
			appArmorErr = a.enterAppArmor()
			return appArmorErr
		}
	}
	loaded, err := a.api.load(a.program, &load)
	if appArmorErr != nil {
		return a.fail("apparmor", appArmorErr)
	}
	if err != nil {
		return a.fail("seccomp", err)
	}
	if loaded == nil || hasAppArmor && a.report.AppArmor == nil {
		return a.fail("seccomp", ErrNotConfined)
	}
	a.report.Seccomp = loaded
	return nil
}

// kernelAPI is the running process and kernel.
type kernelAPI struct{}

func (kernelAPI) compile(p *seccomp.Profile, o *seccomp.CompileOptions) (*seccomp.Program, error) {
	return seccomp.Compile(p, o)
}

// probe asks for every action and flag that the profile uses.
func (kernelAPI) probe(p *seccomp.Profile) error {
	f, err := seccomp.Probe()
	if err != nil {
		if errors.Is(err, seccomp.ErrInconclusive) {
			return nil // Load will find out
		}
		return err
	}
	if f.UnderFilter {
		return nil
	}
	actions := []seccomp.Action{p.Default, p.Foreign}
	for _, r := range p.Rules {
		actions = append(actions, r.Action)
	}
	for _, action := range actions {
		if err := f.Action(action); err != nil {
			return err
		}
	}
	return f.Flags(p.Flags)
}

func (kernelAPI) load(p *seccomp.Program, o *seccomp.LoadOptions) (*seccomp.Loaded, error) {
	return seccomp.Load(p, o)
}

func (kernelAPI) enabled() error { return apparmor.Enabled() }

func (kernelAPI) enter(a *AppArmor, o *apparmor.EnterOptions) (*apparmor.Entered, error) {
	if a.Stack {
		return apparmor.Stack(a.Profile, o)
	}
	return apparmor.ChangeProfile(a.Profile, o)
}

func (kernelAPI) reexec(a *AppArmor, o *apparmor.ReexecOptions) (*apparmor.Entered, error) {
	return apparmor.Reexec(a.Profile, o)
}

// noNewPrivs sets no_new_privs on every thread and reads it back.
func (kernelAPI) noNewPrivs() error {
	if err := (sys.Kernel{}).SetNoNewPrivsAll(); err != nil {
		return err
	}
	states, err := seccomp.ThreadStatus(0)
	if err != nil {
		// The AppArmor profile may keep /proc closed. The runtime has made the call on every thread.
		if on, ownErr := (sys.Kernel{}).NoNewPrivs(); ownErr == nil && on {
			return nil
		}
		return err
	}
	for _, s := range states {
		if !s.NoNewPrivs {
			return fmt.Errorf("%w: %v", ErrNotConfined, s)
		}
	}
	return nil
}
