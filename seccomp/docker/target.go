package docker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// Target is the container a template is resolved for, and what enforces it there.
type Target struct {
	// Arch is the machine: the ABI the engine is built for. It has to be given.
	Arch seccomp.Arch
	// Caps are the container's bounding capabilities, by names such as "CAP_SYS_ADMIN". DefaultCaps returns Docker's.
	Caps []string
	// Kernel is the machine's. It has to be given if the template asks for it with minKernel.
	Kernel seccomp.KernelVersion
	// Engine reads the template; the zero value is Docker.
	Engine Engine
	// Runtime enforces the result; the zero value is the newest runc.
	Runtime oci.Runtime
	// Known is the newest Linux whose calls the runtime's libseccomp knows; see oci.ImportOptions.
	Known seccomp.KernelVersion
}

// Engine is a container engine. The engines agree but for these points: Docker ignores errors by name, Podman ignores minKernel;
// and each knows its own list of machines for archMap and arches.
type Engine uint8

// The engines.
const (
	Docker Engine = iota // moby; also what other readers of its format follow
	Podman               // containers/common: Podman, CRI-O, Buildah
)

// String returns the engine's name.
func (e Engine) String() string {
	switch e {
	case Docker:
		return "Docker"
	case Podman:
		return "Podman"
	}
	return fmt.Sprintf("engine(%d)", uint8(e))
}

// Errors of Resolve and ResolveOCI for a target that does not say enough.
var (
	// ErrNoArch is a Target without Arch, or with one that the engine does not run on.
	ErrNoArch = errors.New("the engine does not run on this ABI")
	// ErrNoKernel is a Target without Kernel for a template that depends on it.
	ErrNoKernel = errors.New("the template depends on the kernel's version and Target.Kernel is not set")
	// ErrCapability is a capability's name that is not spelt as "CAP_SYS_ADMIN".
	ErrCapability = errors.New("not the name of a capability")
)

var (
	errNoTemplate = errors.New("no template")
	errBothArches = errors.New(`both "architectures" and "archMap" are given; use one of them`)
	errBothNames  = errors.New(`both "name" and "names" are given; use "names"`)
)

// DefaultCaps returns the capabilities Docker gives a container that asks for nothing else (moby, daemon/pkg/oci/caps).
func DefaultCaps() []string {
	return []string{
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
		"CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
	}
}

// checkCap accepts CAP_ and capital letters, digits and underscores: a capability spelt otherwise never matches.
func checkCap(name string) error {
	rest, ok := strings.CutPrefix(name, "CAP_")
	if !ok || rest == "" || strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return fmt.Errorf("%q: %w (they look like \"CAP_SYS_ADMIN\")", name, ErrCapability)
	}
	return nil
}

// parseKernel reads a minKernel: two numbers of at most 255, not both zero. Docker takes the empty string for none.
func parseKernel(s string) (seccomp.KernelVersion, error) {
	if s == "" {
		return seccomp.KernelVersion{}, nil
	}
	first, second, ok := strings.Cut(s, ".")
	major, err1 := strconv.ParseUint(first, 10, 8)
	minor, err2 := strconv.ParseUint(second, 10, 8)
	v := seccomp.KernelVersion{Major: uint8(major), Minor: uint8(minor)}
	if !ok || err1 != nil || err2 != nil || v.IsZero() {
		return seccomp.KernelVersion{}, fmt.Errorf("minKernel %q is not of the form \"4.8\"", s)
	}
	return v, nil
}

// machine returns the engine's name for the machine, as includes and excludes use it, and the token its archMap entry has, "" if
// the engine finds none. Docker goes from GOARCH through two tables that miss each other on some machines; Podman asks
// libseccomp and knows archMap entries for seven machines.
func (t *Target) machine() (name string, key specs.Arch, err error) {
	name, ok := t.machineName()
	if !ok {
		return "", "", fmt.Errorf("%w: %v on %v", ErrNoArch, t.Engine, t.Arch)
	}
	if t.hasArchMap() {
		key = specs.Arch(t.Arch.SCMP())
	}
	return name, key, nil
}

func (t *Target) machineName() (string, bool) {
	switch a := t.Arch; a {
	case seccomp.AMD64, seccomp.ARM, seccomp.ARM64, seccomp.MIPS64, seccomp.PPC, seccomp.PPC64, seccomp.PPC64LE,
		seccomp.RISCV64, seccomp.S390, seccomp.S390X:
		return a.String(), true
	case seccomp.I386:
		return "x86", true
	case seccomp.MIPSLE:
		return "mipsel", true
	case seccomp.MIPS64LE:
		return "mipsel64", true
	case seccomp.MIPS64N32:
		return "mips64n32", true
	case seccomp.LOONG64:
		if t.Engine == Docker {
			return "loongarch64", true
		}
		return "loong64", true
	case seccomp.MIPS64LEN32:
		if t.Engine == Docker {
			return "mips3l64n32", true
		}
		return "mipsel64n32", true
	case seccomp.MIPS:
		return "mips", t.Engine == Podman
	}
	return "", false
}

// hasArchMap reports whether the engine looks for the machine's archMap entry.
func (t *Target) hasArchMap() bool {
	switch t.Arch {
	case seccomp.AMD64, seccomp.ARM64, seccomp.MIPS64, seccomp.MIPS64N32, seccomp.MIPS64LE, seccomp.MIPS64LEN32, seccomp.S390X:
		return true
	case seccomp.LOONG64, seccomp.MIPSLE:
		return false // Docker looks for them under another name than it gives them
	}
	return t.Engine == Docker
}
