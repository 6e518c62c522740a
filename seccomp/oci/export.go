package oci

import (
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

// ExportOptions say for which runtime a document is written, and whether it may be narrower than the profile. The nil pointer is
// an exact document for the newest runc.
type ExportOptions struct {
	// Arch is an ABI of the machine. It has to be given for a profile without Arches.
	Arch seccomp.Arch
	// Runtime and Known are those of ImportOptions.
	Runtime Runtime
	Known   seccomp.KernelVersion
	// Narrow accepts a document that refuses more than the profile where the format cannot say the same. Each such call is
	// reported with CodeNarrowed. The result never lets through what the profile refuses.
	Narrow bool
}

// InexactError is a profile that no document says exactly: for Call the runtime would do Got where the profile says Want.
type InexactError struct {
	Call      seccomp.Call
	Got, Want seccomp.Action
	Why       string // what the document cannot say, "" if unknown
}

// Error names the call, both actions and the reason.
func (e *InexactError) Error() string {
	msg := fmt.Sprintf("the document cannot say the profile exactly: for %v the runtime gives %v, not %v", e.Call, e.Got, e.Want)
	if e.Why != "" {
		msg += " (" + e.Why + ")"
	}
	return msg
}

// Export returns the document with which the runtime enforces the profile: proved equal by importing it again, over all calls
// and arguments. What it cannot say exactly is an *[InexactError] with a call that would be treated otherwise, or, with the option
// Narrow, is refused and reported.
//
// Two things are the runtime's and not the document's, and only reported: runtimes kill the thread for calls of foreign ABIs, and runc
// gives ENOSYS for calls with numbers above all that are named. A profile that lets foreign or newer calls through is inexact.
//
// In the result Flags is never nil, since nil asks for SPEC_ALLOW; encoding/json drops an empty array from the type of the
// specification, [Format] does not.
func Export(p *seccomp.Profile, opts *ExportOptions) (*specs.LinuxSeccomp, []Diagnostic, error) {
	if opts == nil {
		opts = &ExportOptions{}
	}
	ex := &exporter{opts: *opts, narrowed: make(map[string]bool)}
	s, err := ex.export(p)
	if err != nil {
		return nil, ex.diags, fmt.Errorf("oci: %w", err)
	}
	return s, ex.diags, nil
}

// exporter carries one profile through prepare, document and prove.
type exporter struct {
	opts  ExportOptions
	want  seccomp.Profile // what the document has to mean
	diags []Diagnostic

	narrowed map[string]bool // calls whose rules were given up
}

func (ex *exporter) note(sev Severity, code Code, names []string, format string, args ...any) {
	ex.diags = append(ex.diags, Diagnostic{Severity: sev, Rule: -1, Code: code, Names: names, Message: fmt.Sprintf(format, args...)})
}

func (ex *exporter) export(p *seccomp.Profile) (*specs.LinuxSeccomp, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := ex.prepare(p); err != nil {
		return nil, err
	}
	for {
		s, err := newBuilder(&ex.want).document()
		if err != nil {
			return nil, err
		}
		s.Flags = ex.flags(p.Flags)
		wrong, err := ex.prove(s)
		switch {
		case err != nil:
			return nil, err
		case wrong == nil && len(ex.narrowed) > 0:
			return s, ex.proveNarrow(p)
		case wrong == nil:
			return s, nil
		case !ex.opts.Narrow:
			return nil, wrong
		}
		if err := ex.narrow(wrong); err != nil {
			return nil, err
		}
	}
}

// prepare decides what the document has to mean: the profile with the runtime's actions for foreign and newer calls.
func (ex *exporter) prepare(p *seccomp.Profile) error {
	ex.want = *p
	ex.want.Rules = slices.Clone(p.Rules)
	if p.Arches == nil {
		if !ex.opts.Arch.Valid() {
			return ErrNoArch
		}
		ex.want.Arches = []seccomp.Arch{ex.opts.Arch}
	}
	for _, arch := range append(slices.Clone(ex.want.Arches), ex.opts.Arch) {
		if arch.Valid() && !slices.Contains(ex.want.Arches, arch.Primary()) {
			return fmt.Errorf("the runtime always covers %v, which the profile does not list", arch.Primary())
		}
	}
	if len(ex.want.Arches) == 0 {
		return fmt.Errorf("the profile lists no ABI, and %w", ErrNoArch)
	}
	if err := ex.actions(); err != nil {
		return err
	}
	if err := ex.foreign(p); err != nil {
		return err
	}
	if err := ex.newer(p); err != nil {
		return err
	}
	return ex.unknown(p)
}

// unknown gives up calls that the runtime's library does not know: nothing can be said about them.
func (ex *exporter) unknown(p *seccomp.Profile) error {
	lib := importer{opts: ImportOptions{Known: ex.opts.Known}}
	var names []string
	for _, r := range p.Rules {
		for _, m := range members(r) {
			for _, name := range m.Names {
				if lib.tooNew(name) && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	why := fmt.Sprintf("the runtime's libseccomp, for Linux %d.%d, does not know %s", ex.opts.Known.Major, ex.opts.Known.Minor, listed(names))
	for _, name := range names {
		// Left to the default or to the action for newer calls, it must not become wider.
		action := ex.least(name)
		if !ex.opts.Narrow || action < ex.want.Default.Kind() || ex.want.Newer != nil && action < ex.want.Newer.Action.Kind() {
			return fmt.Errorf("%s, and the profile has %v for %s", why, action, name)
		}
		ex.drop(name)
	}
	ex.note(Warning, CodeNarrowed, names, "%s: refused as newer calls are, or as the default", why)
	return nil
}

// least returns the most restrictive kind of action that the profile's rules have for a call, the default's if they all have conditions.
func (ex *exporter) least(name string) seccomp.Action {
	action, always := seccomp.Allow, false
	for _, c := range newBuilder(&ex.want).clauses[name] {
		action = min(action, c.action.Kind())
		always = always || len(c.args) == 0 && c.arches == nil
	}
	if !always {
		action = min(action, ex.want.Default.Kind())
	}
	return action
}

// actions replaces or refuses actions whose data a document cannot give.
func (ex *exporter) actions() error {
	fix := func(a seccomp.Action) (seccomp.Action, error) {
		switch {
		case a.Kind() == seccomp.Trap && a.Data() != 0:
			if !ex.opts.Narrow {
				return a, fmt.Errorf("%v: a document gives no data for trap", a)
			}
			ex.note(Warning, CodeNarrowed, nil, "%v is written without its data", a)
			return seccomp.Trap, nil
		case a.IsErrno() && a.Data() >= seccomp.MaxErrno:
			return a, fmt.Errorf("%v: libseccomp takes error numbers below %d", a, seccomp.MaxErrno)
		}
		return a, nil
	}
	var err, all error
	ex.want.Default, all = fix(ex.want.Default)
	for i := range ex.want.Rules {
		ex.want.Rules[i].Action, err = fix(ex.want.Rules[i].Action)
		all = errors.Join(all, err)
	}
	return all
}

func (ex *exporter) foreign(p *seccomp.Profile) error {
	ex.want.Foreign = seccomp.KillThread
	switch {
	case p.Foreign == seccomp.KillThread:
	case p.Foreign < seccomp.Notify:
		ex.note(Info, CodeForeign, nil, "calls of foreign ABIs get %v from the runtime, not %v", seccomp.KillThread, p.Foreign)
	case ex.opts.Narrow:
		ex.note(Warning, CodeForeign, nil, "calls of foreign ABIs get %v from the runtime, not %v", seccomp.KillThread, p.Foreign)
	default:
		return fmt.Errorf("a document cannot give %v to calls of foreign ABIs; runtimes kill the thread", p.Foreign)
	}
	return nil
}

// newer writes out what the profile says of newer calls that the runtime's library knows, and leaves the others to the runtime.
func (ex *exporter) newer(p *seccomp.Profile) error {
	ex.want.Newer = nil
	runtime := ex.want.Default
	if ex.opts.Runtime != Crun && p.Default < seccomp.Trace {
		n, _ := ex.want.Arches[0].ErrnoNumber("ENOSYS")
		runtime = seccomp.Errno(n)
		ex.want.Newer = &seccomp.Newer{Action: runtime}
	}
	asked := p.Default
	if p.Newer != nil {
		asked = p.Newer.Action
		ex.spellNewer(p)
	}
	switch {
	case asked == runtime:
	case asked >= seccomp.Notify && runtime < seccomp.Notify && !ex.opts.Narrow:
		return fmt.Errorf("a document cannot give %v to calls newer than it; %v gives them %v", asked, ex.opts.Runtime, runtime)
	case asked.Kind() < runtime.Kind() && runtime >= seccomp.Notify:
		return fmt.Errorf("a document cannot give %v to calls newer than it where its default is %v", asked, p.Default)
	default:
		ex.note(Info, CodeNewer, nil, "calls with numbers above all that are named get %v from %v, not %v", runtime, ex.opts.Runtime, asked)
	}
	return nil
}

// spellNewer adds a rule for the calls that are newer than the profile by date and that no rule names.
func (ex *exporter) spellNewer(p *seccomp.Profile) {
	if p.Newer.Since.IsZero() {
		return
	}
	named := map[string]bool{}
	for _, r := range p.Rules {
		for _, m := range members(r) {
			for _, name := range m.Names {
				named[name] = true
			}
		}
	}
	lib := importer{opts: ImportOptions{Known: ex.opts.Known}}
	var names []string
	for _, name := range newerNames(ex.want.Arches[0], p.Newer.Since) {
		if _, ok := lib.number(ex.want.Arches[0], name); ok && !named[name] {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		ex.want.Rules = append(ex.want.Rules, seccomp.Rule{Names: names, Action: p.Newer.Action})
	}
}

func (ex *exporter) flags(f seccomp.Flags) []specs.LinuxSeccompFlag {
	out := []specs.LinuxSeccompFlag{}
	for _, word := range []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagLog, specs.LinuxSeccompFlagSpecAllow, specs.LinuxSeccompFlagWaitKillableRecv} {
		if flag, _ := scmp.Flag(word); f&flag != 0 {
			out = append(out, word)
		}
	}
	return out
}
