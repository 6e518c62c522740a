package docker

import (
	"github.com/gostockade/stockade/internal/strictjson"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

// SyntaxError is one fault of a template with its place. Parse returns all it finds; take them apart with errors.As or
// through Unwrap() []error. %+v prints the source line with a caret.
type SyntaxError = strictjson.Error

// Parse reads a template strictly: unknown fields, unknown words, wrong types, duplicate keys, numbers that are not unsigned
// integers in plain digits, contradictions, trailing data and inputs beyond 4 MiB are errors, several at once, each a *[SyntaxError].
func Parse(data []byte) (*Template, error) {
	doc, err := strictjson.Parse(data)
	if err != nil {
		return nil, strictjson.Prefix("docker: ", err)
	}
	var t Template
	readTemplate(doc.Root(), &t)
	if err := doc.Err(); err != nil {
		return nil, strictjson.Prefix("docker: ", err)
	}
	return &t, nil
}

type (
	value = strictjson.Value
	field = strictjson.Field
)

func readTemplate(v value, t *Template) {
	v.Object(
		field{Name: "defaultAction", Required: true, Read: func(v value) { t.DefaultAction = scmp.ReadAction(v) }},
		field{Name: "defaultErrnoRet", Read: func(v value) { t.DefaultErrnoRet = scmp.ReadErrno(v) }},
		field{Name: "defaultErrno", Read: func(v value) { t.DefaultErrno = v.Text() }},
		field{Name: "architectures", Read: func(v value) { t.Architectures = scmp.ReadArches(v) }},
		field{Name: "archMap", Read: func(v value) {
			t.ArchMap = []ArchMap{}
			v.Array(func(v value) { t.ArchMap = append(t.ArchMap, readArchMap(v)) })
			if len(t.ArchMap) > 0 && len(t.Architectures) > 0 {
				v.Errorf("%v", errBothArches)
			}
		}},
		field{Name: "flags", Read: func(v value) { t.Flags = scmp.ReadFlags(v) }},
		field{Name: "listenerPath", Read: func(v value) { t.ListenerPath = v.Text() }},
		field{Name: "listenerMetadata", Read: func(v value) { t.ListenerMetadata = v.Text() }},
		field{Name: "syscalls", Required: true, Read: func(v value) {
			t.Syscalls = []Syscall{}
			v.Array(func(v value) { t.Syscalls = append(t.Syscalls, readSyscall(v)) })
		}},
	)
}

func readArchMap(v value) ArchMap {
	var m ArchMap
	v.Object(
		field{Name: "architecture", Required: true, Read: func(v value) { m.Arch = scmp.ReadArch(v) }},
		field{Name: "subArchitectures", Read: func(v value) { m.SubArches = scmp.ReadArches(v) }},
	)
	return m
}

func readSyscall(v value) Syscall {
	var c Syscall
	v.Object(
		field{Name: "name", Read: func(v value) { c.Name = scmp.ReadName(v) }},
		field{Name: "names", Read: func(v value) { c.Names = scmp.ReadNames(v) }},
		field{Name: "action", Required: true, Read: func(v value) { c.Action = scmp.ReadAction(v) }},
		field{Name: "errnoRet", Read: func(v value) { c.ErrnoRet = scmp.ReadErrno(v) }},
		field{Name: "errno", Read: func(v value) { c.Errno = v.Text() }},
		field{Name: "args", Read: func(v value) { c.Args = scmp.ReadArgs(v) }},
		field{Name: "comment", Read: func(v value) { c.Comment = v.Text() }},
		field{Name: "includes", Read: func(v value) { c.Includes = readFilter(v) }},
		field{Name: "excludes", Read: func(v value) { c.Excludes = readFilter(v) }},
	)
	if v.Kind() == strictjson.Object {
		switch {
		case c.Name != "" && c.Names != nil:
			v.Errorf("%v", errBothNames)
		case c.Name == "" && c.Names == nil:
			v.Errorf(`field "names" is missing`)
		}
	}
	return c
}

func readFilter(v value) *Filter {
	var f Filter
	v.Object(
		field{Name: "caps", Read: func(v value) {
			f.Caps = []string{}
			v.Array(func(v value) {
				f.Caps = append(f.Caps, v.Text())
				if err := checkCap(f.Caps[len(f.Caps)-1]); err != nil && v.Kind() == strictjson.String {
					v.Errorf("%v", err)
				}
			})
		}},
		field{Name: "arches", Read: func(v value) { f.Arches = v.Texts() }},
		field{Name: "minKernel", Read: func(v value) {
			f.MinKernel = v.Text()
			if _, err := parseKernel(f.MinKernel); err != nil && v.Kind() == strictjson.String {
				v.Errorf("%v", err)
			}
		}},
	)
	return &f
}
