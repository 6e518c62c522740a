package docker

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// Codes of the diagnostics that resolving adds to those of package oci.
const (
	CodeErrnoName oci.Code = "errno-name"  // an error by name, which Docker ignores
	CodeMinKernel oci.Code = "min-kernel"  // a minimal kernel, which Podman ignores: the rule always applies
	CodeNoArchMap oci.Code = "no-arch-map" // archMap has no entry for the machine: its own ABI alone
)

// Resolve returns the profile that is enforced for a container: the template as the engine resolves it for the target, then as
// the runtime enforces that. Diagnostics and the rules' Origin point into the template. See oci.Import for the errors.
func (t *Template) Resolve(target Target) (*seccomp.Profile, []oci.Diagnostic, error) {
	s, diags, err := t.resolve(target)
	if err != nil {
		return nil, diags, fmt.Errorf("docker: %w", err)
	}
	p, more, err := oci.Import(s, &oci.ImportOptions{Arch: target.Arch, Runtime: target.Runtime, Known: target.Known})
	if err != nil {
		return nil, append(diags, more...), fmt.Errorf("docker: %w", err)
	}
	return p, append(diags, more...), nil
}

// ResolveOCI returns the OCI section that the engine writes for a container, and what the engine ignores in the template.
func (t *Template) ResolveOCI(target Target) (*specs.LinuxSeccomp, []oci.Diagnostic, error) {
	s, diags, err := t.resolve(target)
	if err != nil {
		return nil, diags, fmt.Errorf("docker: %w", err)
	}
	s.Syscalls = slices.DeleteFunc(s.Syscalls, func(c specs.LinuxSyscall) bool { return len(c.Names) == 0 })
	return s, diags, nil
}

// resolver carries one template through resolving.
type resolver struct {
	*Template
	target  Target
	machine string
	diags   []oci.Diagnostic
}

// resolve returns the section with one rule for each of the template's, so that indices agree; those that do not apply have no
// names.
func (t *Template) resolve(target Target) (*specs.LinuxSeccomp, []oci.Diagnostic, error) {
	if t == nil {
		return nil, nil, errNoTemplate
	}
	r := &resolver{Template: t, target: target}
	machine, key, err := target.machine()
	if err != nil {
		return nil, nil, err
	}
	r.machine = machine
	for _, c := range target.Caps {
		if err := checkCap(c); err != nil {
			return nil, nil, fmt.Errorf("Target.Caps: %w", err)
		}
	}
	if len(t.Architectures) > 0 && len(t.ArchMap) > 0 {
		return nil, nil, errBothArches
	}
	s := &specs.LinuxSeccomp{
		DefaultAction: t.DefaultAction, Flags: slices.Clone(t.Flags), Architectures: r.arches(key),
		ListenerPath: t.ListenerPath, ListenerMetadata: t.ListenerMetadata,
	}
	if s.DefaultErrnoRet, err = r.errno(-1, "/defaultErrno", t.DefaultErrno, t.DefaultErrnoRet); err != nil {
		return nil, r.diags, err
	}
	for i := range t.Syscalls {
		c, err := r.rule(i, &t.Syscalls[i])
		if err != nil {
			return nil, r.diags, fmt.Errorf("/syscalls/%d: %w", i, err)
		}
		s.Syscalls = append(s.Syscalls, c)
	}
	return s, r.diags, nil
}

func (r *resolver) note(sev oci.Severity, rule int, suffix string, code oci.Code, format string, args ...any) {
	pointer := suffix
	if rule >= 0 {
		pointer = "/syscalls/" + strconv.Itoa(rule) + suffix
	}
	r.diags = append(r.diags, oci.Diagnostic{
		Severity: sev, Pointer: pointer, Rule: rule, Code: code, Message: fmt.Sprintf(format, args...),
	})
}

// arches returns the ABIs the engine lists. None means the machine's own.
func (r *resolver) arches(key specs.Arch) []specs.Arch {
	if len(r.ArchMap) == 0 {
		return slices.Clone(r.Architectures)
	}
	for _, m := range r.ArchMap {
		if key != "" && m.Arch == key {
			return append([]specs.Arch{m.Arch}, m.SubArches...)
		}
	}
	r.note(oci.Info, -1, "/archMap", CodeNoArchMap, "%v finds no entry for %s: only the machine's own ABI is covered", r.target.Engine, r.machine)
	return nil
}

// errno returns the error number the engine takes: Podman prefers the name.
func (r *resolver) errno(rule int, suffix, name string, number *uint) (*uint, error) {
	switch {
	case name == "":
		return number, nil
	case r.target.Engine == Docker:
		if n, ok := r.target.Arch.ErrnoNumber(name); ok && number != nil && *number == uint(n) {
			return number, nil
		}
		r.note(oci.Warning, rule, suffix, CodeErrnoName, "Docker ignores errors by name (%q) and reads errnoRet and defaultErrnoRet only", name)
		return number, nil
	}
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		v := uint(n)
		return &v, nil
	}
	n, ok := r.target.Arch.ErrnoNumber(name)
	if !ok {
		return nil, fmt.Errorf("unknown error name %q", name)
	}
	v := uint(n)
	return &v, nil
}

// rule returns a rule for the target, without names if it does not apply there.
func (r *resolver) rule(i int, c *Syscall) (specs.LinuxSyscall, error) {
	none := specs.LinuxSyscall{Action: c.Action}
	names := c.Names
	if c.Name != "" {
		if len(c.Names) > 0 {
			return none, errBothNames
		}
		names = []string{c.Name}
	}
	for _, filter := range []*Filter{c.Includes, c.Excludes} {
		if filter != nil && filter.MinKernel != "" && r.target.Engine == Podman {
			r.note(oci.Warning, i, "", CodeMinKernel, "Podman ignores minKernel: the rule does not depend on the kernel")
		}
	}
	excluded, err := r.any(c.Excludes)
	if err != nil || excluded {
		return none, err
	}
	included, err := r.all(c.Includes)
	if err != nil || !included {
		return none, err
	}
	number, err := r.errno(i, "/errno", c.Errno, c.ErrnoRet)
	if err != nil {
		return none, err
	}
	return specs.LinuxSyscall{Names: slices.Clone(names), Action: c.Action, ErrnoRet: number, Args: slices.Clone(c.Args)}, nil
}

// any reports whether a part of an excludes filter holds.
func (r *resolver) any(f *Filter) (bool, error) {
	if f == nil {
		return false, nil
	}
	if slices.Contains(f.Arches, r.machine) || slices.ContainsFunc(f.Caps, r.hasCap) {
		return true, nil
	}
	given, reached, err := r.kernel(f)
	return given && reached, err
}

// all reports whether every part of an includes filter holds.
func (r *resolver) all(f *Filter) (bool, error) {
	if f == nil {
		return true, nil
	}
	if len(f.Arches) > 0 && !slices.Contains(f.Arches, r.machine) {
		return false, nil
	}
	if slices.ContainsFunc(f.Caps, func(c string) bool { return !r.hasCap(c) }) {
		return false, nil
	}
	given, reached, err := r.kernel(f)
	return !given || reached, err
}

func (r *resolver) hasCap(name string) bool { return slices.Contains(r.target.Caps, name) }

// kernel reports whether the filter has a minimal kernel that the engine looks at, and whether the target's reaches it.
func (r *resolver) kernel(f *Filter) (given, reached bool, err error) {
	if f.MinKernel == "" || r.target.Engine == Podman {
		return false, false, nil
	}
	minimal, err := parseKernel(f.MinKernel)
	switch {
	case err != nil:
		return true, false, err
	case r.target.Kernel.IsZero():
		return true, false, ErrNoKernel
	}
	return true, !r.target.Kernel.Less(minimal), nil
}
