package profile

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/seccomp"
)

// fakeAPI records the steps and fails where told.
type fakeAPI struct {
	steps  []string
	fail   map[string]error
	loaded *seccomp.Loaded
}

func (f *fakeAPI) step(name string) error {
	f.steps = append(f.steps, name)
	return f.fail[name]
}

func (f *fakeAPI) compile(*seccomp.Profile, *seccomp.CompileOptions) (*seccomp.Program, error) {
	return &seccomp.Program{}, f.step("compile")
}
func (f *fakeAPI) probe(*seccomp.Profile) error { return f.step("probe") }
func (f *fakeAPI) load(_ *seccomp.Program, o *seccomp.LoadOptions) (*seccomp.Loaded, error) {
	if err := f.step("prepare load"); err != nil {
		return nil, err
	}
	if o.Before != nil {
		if err := o.Before(); err != nil {
			return nil, &seccomp.LoadError{Step: "before", Err: err}
		}
	}
	return f.loaded, f.step("load")
}
func (f *fakeAPI) enabled() error { return f.step("enabled") }
func (f *fakeAPI) enter(a *AppArmor, _ *apparmor.EnterOptions) (*apparmor.Entered, error) {
	if err := f.step("enter"); err != nil {
		return nil, err
	}
	return &apparmor.Entered{After: apparmor.Label{Name: a.Profile, Mode: "enforce"}}, nil
}
func (f *fakeAPI) reexec(a *AppArmor, o *apparmor.ReexecOptions) (*apparmor.Entered, error) {
	if err := f.step("reexec"); err != nil {
		return nil, err
	}
	return &apparmor.Entered{After: apparmor.Label{Name: a.Profile, Mode: "enforce"}}, nil
}
func (f *fakeAPI) noNewPrivs() error { return f.step("noNewPrivs") }

func both() *Profile {
	return &Profile{Seccomp: seccomp.AllowOnly(seccomp.GoRuntime), AppArmor: &AppArmor{Profile: "web"}}
}

func apply(p *Profile, o ApplyOptions, fail map[string]error) (*fakeAPI, *Report, error) {
	f := &fakeAPI{fail: fail, loaded: &seccomp.Loaded{}}
	r := &Report{}
	o.Report = r
	err := (&applier{p: p, opts: o, api: f}).run()
	return f, r, err
}

func TestApplyOrder(t *testing.T) {
	onlySeccomp, onlyAppArmor := both(), both()
	onlySeccomp.AppArmor, onlyAppArmor.Seccomp = nil, nil
	for name, tt := range map[string]struct {
		p    *Profile
		o    ApplyOptions
		fail map[string]error
		want string
	}{
		"both":                  {both(), ApplyOptions{}, nil, "compile probe enabled prepare load, enter, load"},
		"seccomp":               {onlySeccomp, ApplyOptions{}, nil, "compile prepare load, load"},
		"apparmor":              {onlyAppArmor, ApplyOptions{}, nil, "enabled enter noNewPrivs"},
		"apparmor, privileges":  {onlyAppArmor, ApplyOptions{Load: seccomp.LoadOptions{AllowNewPrivs: true}}, nil, "enabled enter"},
		"old kernel, reexec":    {both(), ApplyOptions{Reexec: &apparmor.ReexecOptions{}}, map[string]error{"enter": apparmor.ErrNeedsExec}, "compile probe enabled prepare load, enter reexec, load"},
		"no AppArmor, allowed":  {both(), ApplyOptions{BestEffort: true}, map[string]error{"enabled": apparmor.ErrDisabled}, "compile probe enabled prepare load, load"},
		"no seccomp, allowed":   {both(), ApplyOptions{BestEffort: true}, map[string]error{"probe": seccomp.ErrNotSupported}, "compile probe enabled enter noNewPrivs"},
		"best effort, all well": {both(), ApplyOptions{BestEffort: true}, nil, "compile probe enabled prepare load, enter, load"},
	} {
		f, r, err := apply(tt.p, tt.o, tt.fail)
		got := strings.ReplaceAll(strings.Join(f.steps, " "), "prepare load", "prepare load,")
		got = strings.TrimSuffix(strings.ReplaceAll(got, "enter load", "enter, load"), ",")
		got = strings.ReplaceAll(got, "reexec load", "reexec, load")
		if err != nil || got != tt.want {
			t.Errorf("%s: %v, steps %q, want %q", name, err, got, tt.want)
		}
		wantSkipped := strings.Contains(name, "allowed")
		if (len(r.Skipped) == 1) != wantSkipped {
			t.Errorf("%s: skipped %v", name, r.Skipped)
		}
	}
}

// Each step fails in turn. Nothing may look like success, nothing irreversible may come before a step that could still fail without it,
// and what is in force is said.
func TestApplyFailsAtEveryStep(t *testing.T) {
	boom := errors.New("boom")
	for step, inForce := range map[string]bool{
		"compile": false, "probe": false, "enabled": false, "prepare load": false, "enter": false, "load": true,
	} {
		for _, bestEffort := range []bool{false, true} {
			f, r, err := apply(both(), ApplyOptions{BestEffort: bestEffort}, map[string]error{step: boom})
			var e *ApplyError
			if !errors.Is(err, boom) || !errors.As(err, &e) {
				t.Fatalf("%s: %v", step, err)
			}
			if (e.InForce != "") != inForce || (r.AppArmor != nil) != inForce || r.Seccomp != nil {
				t.Errorf("%s: in force %q, report %+v", step, e.InForce, r)
			}
			if !inForce && slices.Contains(f.steps, "load") {
				t.Errorf("%s failed and the filter was loaded: %q", step, f.steps)
			}
		}
	}
	for name, tt := range map[string]struct {
		o    ApplyOptions
		fail map[string]error
	}{
		"not loaded":                      {ApplyOptions{BestEffort: true}, map[string]error{"enter": apparmor.ErrNotLoaded}},
		"needs exec, not allowed":         {ApplyOptions{BestEffort: true}, map[string]error{"enter": apparmor.ErrNeedsExec}},
		"needs exec, fails":               {ApplyOptions{Reexec: &apparmor.ReexecOptions{}}, map[string]error{"enter": apparmor.ErrNeedsExec, "reexec": boom}},
		"neither half exists":             {ApplyOptions{BestEffort: true}, map[string]error{"probe": seccomp.ErrNotSupported, "enabled": apparmor.ErrDisabled}},
		"no AppArmor, not allowed":        {ApplyOptions{}, map[string]error{"enabled": apparmor.ErrDisabled}},
		"filter may not be added":         {ApplyOptions{BestEffort: true}, map[string]error{"prepare load": syscall.EACCES}},
		"one thread only":                 {ApplyOptions{Load: seccomp.LoadOptions{ThisThread: true}}, nil},
		"listener that nobody would have": {ApplyOptions{Load: seccomp.LoadOptions{Flags: seccomp.FlagNewListener}}, nil},
	} {
		f, r, err := apply(both(), tt.o, tt.fail)
		if err == nil || r.AppArmor != nil || r.Seccomp != nil || slices.Contains(f.steps, "load") {
			t.Errorf("%s: %v, %+v, steps %q", name, err, r, f.steps)
		}
	}
}

// A kernel that says yes and returns nothing is not believed.
func TestApplyDoubts(t *testing.T) {
	f := &fakeAPI{}
	if err := (&applier{p: both(), api: f}).run(); !errors.Is(err, ErrNotConfined) {
		t.Errorf("load returned nothing: %v", err)
	}
}

func TestApplyNoNewPrivsFails(t *testing.T) {
	p := both()
	p.Seccomp = nil
	_, r, err := apply(p, ApplyOptions{}, map[string]error{"noNewPrivs": syscall.ENOTSUP})
	var e *ApplyError
	if !errors.As(err, &e) || e.Half != "no_new_privs" || e.InForce == "" || r.AppArmor == nil {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestValidate(t *testing.T) {
	for name, p := range map[string]*Profile{
		"nil":            nil,
		"zero":           {},
		"only a name":    {Name: "web"},
		"no name":        {AppArmor: &AppArmor{}},
		"newline":        {AppArmor: &AppArmor{Profile: "a\nb"}},
		"space":          {AppArmor: &AppArmor{Profile: " a"}},
		"unknown call":   {Seccomp: &seccomp.Profile{Rules: []seccomp.Rule{{Names: []string{"nosuchcall"}}}}},
		"seccomp broken": {Seccomp: &seccomp.Profile{Default: seccomp.Action(0x1234_0000)}, AppArmor: &AppArmor{Profile: "a"}},
	} {
		if err := p.Validate(); err == nil {
			t.Errorf("%s: valid", name)
		}
		if err := Apply(p, nil); err == nil {
			t.Fatalf("%s: applied", name)
		}
		if err := Command(p, "/bin/true").Run(); err == nil {
			t.Errorf("%s: a child was started", name)
		}
	}
	if err := (&Profile{}).Validate(); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v, want ErrEmpty", err)
	}
}
