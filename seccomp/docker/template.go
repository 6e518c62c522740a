package docker

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Template is a Docker or Podman seccomp template. Optional fields keep the difference between absent (nil) and empty.
type Template struct {
	DefaultAction    specs.LinuxSeccompAction `json:"defaultAction"`
	DefaultErrnoRet  *uint                    `json:"defaultErrnoRet,omitempty"`
	DefaultErrno     string                   `json:"defaultErrno,omitempty"` // Podman: error name or number, before DefaultErrnoRet
	Architectures    []specs.Arch             `json:"architectures,omitzero"` // not together with ArchMap
	ArchMap          []ArchMap                `json:"archMap,omitzero"`
	Flags            []specs.LinuxSeccompFlag `json:"flags,omitzero"`
	ListenerPath     string                   `json:"listenerPath,omitempty"`
	ListenerMetadata string                   `json:"listenerMetadata,omitempty"`
	Syscalls         []Syscall                `json:"syscalls"`
}

// ArchMap names the ABIs to cover on one machine: its own and others that its kernel serves.
type ArchMap struct {
	Arch      specs.Arch   `json:"architecture"`
	SubArches []specs.Arch `json:"subArchitectures"`
}

// Syscall is a rule that applies under conditions on the machine and the container.
type Syscall struct {
	Name     string                   `json:"name,omitempty"` // the old form: one name, in place of Names
	Names    []string                 `json:"names,omitzero"`
	Action   specs.LinuxSeccompAction `json:"action"`
	ErrnoRet *uint                    `json:"errnoRet,omitempty"`
	Errno    string                   `json:"errno,omitempty"` // Podman: error name or number, before ErrnoRet
	Args     []specs.LinuxSeccompArg  `json:"args,omitzero"`
	Comment  string                   `json:"comment,omitempty"`
	Includes *Filter                  `json:"includes,omitempty"` // the rule applies only if all of it holds
	Excludes *Filter                  `json:"excludes,omitempty"` // the rule does not apply if any of it holds
}

// Filter is a condition on the machine and the container. Empty parts say nothing.
type Filter struct {
	Caps      []string `json:"caps,omitzero"`       // names such as "CAP_SYS_ADMIN": Includes needs all of them, Excludes any one
	Arches    []string `json:"arches,omitzero"`     // the engine's names of machines, such as "amd64", "x86", "arm64": any one
	MinKernel string   `json:"minKernel,omitempty"` // "major.minor": the kernel is that old or newer. Docker only.
}

// Format writes the template as JSON, indented with tabs as Docker's own, with all that Parse kept. It fails only for nil
// and for a template that JSON cannot hold.
func (t *Template) Format() ([]byte, error) {
	if t == nil {
		return nil, fmt.Errorf("docker: %w", errNoTemplate)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(t); err != nil {
		return nil, fmt.Errorf("docker: %w", err)
	}
	return b.Bytes(), nil
}
