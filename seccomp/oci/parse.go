package oci

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/strictjson"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

// SyntaxError is one fault of a JSON input with its place. Parse returns all it finds; take them apart with errors.As or
// through Unwrap() []error. %+v prints the source line with a caret.
type SyntaxError = strictjson.Error

// ErrTemplate is a Docker or Podman template where a document of the specification is expected. A reader that skips the fields
// it does not know, as containerd's does, turns Docker's default profile into hundreds of unconditional allows.
var ErrTemplate = errors.New("a Docker or Podman template, not an OCI document; resolve it for a machine and capabilities first, " +
	"with package seccomp/docker")

// Parse reads the value of linux.seccomp strictly: unknown fields, unknown words, wrong types, duplicate keys, numbers that
// are not 64-bit unsigned integers in plain digits, trailing data and inputs beyond 4 MiB are errors, several at once, each a
// *[SyntaxError]. A template of Docker's or Podman's is [ErrTemplate], with the place of the field that gives it away.
//
// In the result Flags is nil if the field is absent and empty if it is an empty array: to runtimes these differ.
func Parse(data []byte) (*specs.LinuxSeccomp, error) {
	doc, err := strictjson.Parse(data)
	if err != nil {
		return nil, strictjson.Prefix("oci: ", err)
	}
	var r reader
	r.document(doc.Root())
	err = doc.Err()
	switch {
	case r.template != nil:
		return nil, fmt.Errorf("oci: %w: %w", r.template, ErrTemplate)
	case err != nil:
		return nil, strictjson.Prefix("oci: ", err)
	}
	return &r.out, nil
}

// reader reads one document and remembers the first field that only templates have.
type reader struct {
	out      specs.LinuxSeccomp
	template error
}

func (r *reader) document(v strictjson.Value) {
	s := &r.out
	v.Object(append([]strictjson.Field{
		{Name: "defaultAction", Required: true, Read: func(v strictjson.Value) { s.DefaultAction = scmp.ReadAction(v) }},
		{Name: "defaultErrnoRet", Read: func(v strictjson.Value) { s.DefaultErrnoRet = scmp.ReadErrno(v) }},
		{Name: "architectures", Read: func(v strictjson.Value) { s.Architectures = scmp.ReadArches(v) }},
		{Name: "flags", Read: func(v strictjson.Value) { s.Flags = scmp.ReadFlags(v) }},
		{Name: "listenerPath", Read: func(v strictjson.Value) { s.ListenerPath = v.Text() }},
		{Name: "listenerMetadata", Read: func(v strictjson.Value) { s.ListenerMetadata = v.Text() }},
		{Name: "syscalls", Read: func(v strictjson.Value) {
			s.Syscalls = []specs.LinuxSyscall{}
			v.Array(func(v strictjson.Value) { s.Syscalls = append(s.Syscalls, r.syscall(v)) })
		}},
		{Name: "linux", Read: wholeConfig},
		{Name: "ociVersion", Read: wholeConfig},
	}, r.templateFields("archMap", "defaultErrno")...)...)
}

func (r *reader) syscall(v strictjson.Value) specs.LinuxSyscall {
	var c specs.LinuxSyscall
	v.Object(append([]strictjson.Field{
		{Name: "names", Read: func(v strictjson.Value) { c.Names = scmp.ReadNames(v) }},
		{Name: "action", Required: true, Read: func(v strictjson.Value) { c.Action = scmp.ReadAction(v) }},
		{Name: "errnoRet", Read: func(v strictjson.Value) { c.ErrnoRet = scmp.ReadErrno(v) }},
		{Name: "args", Read: func(v strictjson.Value) { c.Args = scmp.ReadArgs(v) }},
	}, r.templateFields("name", "comment", "includes", "excludes", "errno")...)...)
	if c.Names == nil && r.template == nil && v.Kind() == strictjson.Object {
		v.Errorf(`field "names" is missing`)
	}
	return c
}

// templateFields returns fields that templates have and the specification has not.
func (r *reader) templateFields(names ...string) []strictjson.Field {
	fields := make([]strictjson.Field, len(names))
	for i, name := range names {
		fields[i] = strictjson.Field{Name: name, Read: func(v strictjson.Value) {
			if r.template == nil {
				r.template = v.Error("field %q belongs to a template", name)
			}
		}}
	}
	return fields
}

func wholeConfig(v strictjson.Value) {
	v.Errorf("this looks like a whole config.json: pass the value at /linux/seccomp alone")
}
