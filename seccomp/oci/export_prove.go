package oci

import (
	"fmt"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
)

// prove imports the document again for every kind of machine the profile lists, and compares what the runtime will enforce with
// what is wanted, over the whole input space. It returns a call that is treated otherwise, or nil.
func (ex *exporter) prove(s *specs.LinuxSeccomp) (*InexactError, error) {
	for _, arch := range ex.want.Arches {
		if arch != arch.Primary() {
			continue
		}
		got, diags, err := Import(s, &ImportOptions{Arch: arch, Runtime: ex.opts.Runtime, Known: ex.opts.Known})
		if err != nil {
			return nil, err
		}
		wrong, err := seccomp.Equal(got, &ex.want)
		if err != nil {
			return nil, fmt.Errorf("no proof: %w", err)
		}
		if wrong != nil {
			inexact := &InexactError{Call: wrong.Call, Got: wrong.A, Want: wrong.B}
			for _, d := range diags {
				if d.Code == CodeLostRules {
					inexact.Why = d.Message
				}
			}
			return inexact, nil
		}
		ex.keep(diags)
	}
	return nil, nil
}

// proveNarrow checks that what is wanted now lets nothing through that the profile refuses. Foreign and newer calls are compared with
// what was reported about them.
func (ex *exporter) proveNarrow(p *seccomp.Profile) error {
	asked := *p
	asked.Arches, asked.Foreign, asked.Newer = ex.want.Arches, ex.want.Foreign, ex.want.Newer
	wider, err := seccomp.Subset(&ex.want, &asked)
	if err == nil && wider != nil {
		err = &InexactError{Call: wider.Call, Got: wider.A, Want: wider.B}
	}
	return err
}

// keep passes on what Import could not promise about the document.
func (ex *exporter) keep(diags []Diagnostic) {
	for _, d := range diags {
		if d.Code == CodeRangeOrder || d.Code == CodeConflictOrder {
			ex.diags = append(ex.diags, d)
		}
	}
}

// narrow changes what is wanted of the call that the document gets wrong: to the most restrictive action the profile has for it,
// whatever its arguments. So the wanted profile never becomes wider, and the next proof is against it.
func (ex *exporter) narrow(wrong *InexactError) error {
	name, ok := wrong.Call.Name()
	if !ok {
		return wrong
	}
	if !ex.narrowed[name] {
		ex.narrowCall(name)
		return nil
	}
	// The calls made through this multiplexer bring in conditions that do not hold there.
	for _, r := range slices.Clone(ex.want.Rules) {
		for _, m := range members(r) {
			for _, n := range m.Names {
				mux, ok := syscalls.Multiplexed(syscalls.ABI(wrong.Call.Arch), n)
				if ok && mux.Call == name && !ex.narrowed[n] {
					ex.narrowCall(n)
					return nil
				}
			}
		}
	}
	return wrong
}

// narrowCall gives a call the most restrictive action the profile has for it.
func (ex *exporter) narrowCall(name string) {
	action, direct := ex.mostRestrictive(name)
	if (name == "socketcall" || name == "ipc") && action == ex.want.Default {
		action = otherErrno(action, ex.want.Arches[0])
	}
	ex.drop(name)
	ex.want.Rules = append(ex.want.Rules, seccomp.Rule{Names: []string{name}, Action: action, Direct: direct})
	ex.note(Warning, CodeNarrowed, []string{name}, "%s gets %v whatever its arguments and ABI, because a document cannot say the profile's rules for it", name, action)
}

// drop takes a call out of all rules.
func (ex *exporter) drop(name string) {
	var rules []seccomp.Rule
	for _, r := range ex.want.Rules {
		rules = append(rules, without(r, name, ex.want.Arches)...)
	}
	ex.want.Rules = rules
	ex.narrowed[name] = true
}

// mostRestrictive returns the most restrictive action the profile can have for a call, and whether its rules are all Direct.
func (ex *exporter) mostRestrictive(name string) (action seccomp.Action, direct bool) {
	action, direct = ex.want.Default, true
	if n := ex.want.Newer; n != nil && n.Action.Kind() < action.Kind() {
		action = n.Action
	}
	for _, r := range ex.want.Rules {
		for _, m := range members(r) {
			if slices.Contains(m.Names, name) {
				direct = direct && r.Direct
				if r.Action.Kind() < action.Kind() {
					action = r.Action
				}
			}
		}
	}
	return action, direct
}

// without returns a rule without one of its calls, on the listed ABIs.
func without(r seccomp.Rule, name string, listed []seccomp.Arch) []seccomp.Rule {
	var out []seccomp.Rule
	for _, m := range members(r) {
		names := slices.DeleteFunc(slices.Clone(m.Names), func(n string) bool { return n == name })
		arches := both(r.Arches, m.Arches)
		if arches != nil {
			arches = both(arches, listed)
		}
		if len(names) == 0 || arches != nil && len(arches) == 0 {
			continue
		}
		out = append(out, seccomp.Rule{Names: names, Action: r.Action, Args: m.Args, Arches: arches, Direct: r.Direct, Origin: r.Origin})
	}
	return out
}

// otherErrno returns an action as restrictive as the default that libseccomp does not drop as equal to it: a rule without
// conditions for a multiplexer keeps the rules of its calls away.
func otherErrno(a seccomp.Action, arch seccomp.Arch) seccomp.Action {
	if !a.IsErrno() {
		return a
	}
	if n, ok := arch.ErrnoNumber("ENOSYS"); ok && a != seccomp.Errno(n) {
		return seccomp.Errno(n)
	}
	return seccomp.Errno(1) // EPERM
}
