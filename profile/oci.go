package profile

import (
	"fmt"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp/oci"
)

// FillSpec puts the profile into an OCI runtime configuration: linux.seccomp, process.apparmorProfile, and process.noNewPrivileges, which it sets.
// A half that the profile does not have leaves the configuration's as it is. The AppArmor profile must be loaded on the machine that
// runs the container; runtimes change to it and do not stack, so AppArmor.Stack is an error.
//
// The diagnostics and errors are those of oci.Export. On an error the configuration is unchanged.
func FillSpec(p *Profile, spec *specs.Spec, opts *oci.ExportOptions) ([]oci.Diagnostic, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.AppArmor != nil && p.AppArmor.Stack {
		return nil, fmt.Errorf("profile: OCI runtimes cannot stack the AppArmor profile %q", p.AppArmor.Profile)
	}
	var section *specs.LinuxSeccomp
	var diags []oci.Diagnostic
	if p.Seccomp != nil {
		var err error
		if section, diags, err = oci.Export(p.Seccomp, opts); err != nil {
			return diags, fmt.Errorf("profile: %w", err)
		}
	}
	if spec.Process == nil {
		spec.Process = &specs.Process{}
	}
	spec.Process.NoNewPrivileges = true
	if section != nil {
		if spec.Linux == nil {
			spec.Linux = &specs.Linux{}
		}
		spec.Linux.Seccomp = section
	}
	if p.AppArmor != nil {
		spec.Process.ApparmorProfile = p.AppArmor.Profile
	}
	return diags, nil
}

// SpecProblem is something in an OCI runtime configuration that undoes, or contradicts, its confinement.
type SpecProblem struct {
	Field   string // "process.noNewPrivileges"
	Message string // what is wrong and what to do
}

// String returns "field: message".
func (p SpecProblem) String() string { return p.Field + ": " + p.Message }

// CheckSpec looks for contradictions in an OCI runtime configuration; nil is none found. It does not judge the filter itself; oci.Import's diagnostics do.
func CheckSpec(spec *specs.Spec) []SpecProblem {
	c := specChecker{spec: spec, process: spec.Process}
	if c.process == nil {
		c.process = &specs.Process{}
	}
	c.seccomp()
	c.appArmor()
	c.privileges()
	return c.problems
}

type specChecker struct {
	spec     *specs.Spec
	process  *specs.Process
	problems []SpecProblem
}

func (c *specChecker) add(field, format string, args ...any) {
	c.problems = append(c.problems, SpecProblem{field, fmt.Sprintf(format, args...)})
}

// capable reports whether the container's process has the capability.
func (c *specChecker) capable(name string) bool {
	caps := c.process.Capabilities
	return caps != nil && (slices.Contains(caps.Effective, name) || slices.Contains(caps.Permitted, name))
}

func (c *specChecker) seccomp() {
	if c.spec.Linux == nil || c.spec.Linux.Seccomp == nil {
		c.add("linux.seccomp", "absent: the container makes every system call")
		return
	}
	s := c.spec.Linux.Seccomp
	notifies := s.DefaultAction == specs.ActNotify
	for _, r := range s.Syscalls {
		notifies = notifies || r.Action == specs.ActNotify
	}
	switch {
	case notifies && s.ListenerPath == "":
		c.add("linux.seccomp.listenerPath", "absent, though a rule notifies: nobody would answer, and runtimes refuse to start")
	case !notifies && s.ListenerPath != "":
		c.add("linux.seccomp.listenerPath", "%q, though no rule notifies", s.ListenerPath)
	}
	if slices.Contains(s.Flags, specs.LinuxSeccompFlagWaitKillableRecv) && !notifies {
		c.add("linux.seccomp.flags", "WAIT_KILLABLE_RECV without a rule that notifies: the kernel refuses it")
	}
}

func (c *specChecker) appArmor() {
	name := c.process.ApparmorProfile
	switch {
	case name == "":
		return
	case name == "unconfined":
		c.add("process.apparmorProfile", "unconfined confines nothing; leave it out, or name a profile")
	case strings.TrimSpace(name) != name || strings.ContainsAny(name, "\x00\n"):
		c.add("process.apparmorProfile", "%q cannot be the name of a profile", name)
	}
	if c.process.SelinuxLabel != "" {
		c.add("process.selinuxLabel", "given together with apparmorProfile: a kernel enforces one of them, and starting fails on the other")
	}
	for _, capability := range []string{"CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE"} {
		if c.capable(capability) {
			c.add("process.capabilities", "%s lets the container change the AppArmor policy that confines it", capability)
		}
	}
	if c.spec.Linux == nil {
		return
	}
	for _, path := range []string{"/proc", "/sys"} {
		if slices.ContainsFunc(c.spec.Mounts, func(m specs.Mount) bool { return m.Destination == path && slices.Contains(m.Options, "bind") }) {
			c.add("mounts", "%s is a bind mount: the runtime cannot trust the files through which it sets the profile", path)
		}
	}
}

func (c *specChecker) privileges() {
	if c.process.NoNewPrivileges {
		return
	}
	c.add("process.noNewPrivileges", "false: programs in the container may gain privileges from set-user-ID bits and file capabilities")
	if c.spec.Linux != nil && c.spec.Linux.Seccomp != nil && !c.capable("CAP_SYS_ADMIN") {
		c.add("process.noNewPrivileges", "false, and the process has no CAP_SYS_ADMIN: the runtime must install the filter early, and the filter must then allow "+
			"what the runtime still has to do (capset, setuid, openat, write, execve)")
	}
}
