package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gostockade/stockade/internal/strictjson"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// ParseOptions say where the files are that a profile's JSON refers to, and for which machine its OCI section is meant. Nil is the zero value.
type ParseOptions struct {
	// Files has the files named by seccompFile and policyFile. Nil: naming a file is an error.
	Files fs.FS
	// Import is for a seccomp section in the OCI form.
	Import *oci.ImportOptions
}

// maxFile bounds a file that a profile refers to, in bytes.
const maxFile = strictjson.MaxSize

// ParseJSON reads a profile:
//
//	{
//	  "name": "web",
//	  "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", ...},   a linux.seccomp section of the OCI runtime specification,
//	                                                          or the form that seccomp.Profile has of its own, which has "default"
//	  "seccompFile": "web.json",                             instead of seccomp: a file with one of the two
//	  "apparmor": {
//	    "profile": "web",                                    must be there
//	    "stack": false,
//	    "policy": "profile web { ... }",                     the policy's text
//	    "policyFile": "web.aa"                               or a file with it
//	  }
//	}
//
// One half may be absent. Unknown and repeated fields are errors, and all that is found wrong is reported together with its place. An OCI section
// is taken as the runtime would enforce it; the diagnostics say where that differs from what it seems to say.
func ParseJSON(data []byte, opts *ParseOptions) (*Profile, []oci.Diagnostic, error) {
	if opts == nil {
		opts = &ParseOptions{}
	}
	doc, err := strictjson.Parse(data)
	if err != nil {
		return nil, nil, strictjson.Prefix("profile: ", err)
	}
	r := jsonReader{opts: opts}
	r.read(doc.Root())
	if err := doc.Err(); err != nil {
		return nil, nil, strictjson.Prefix("profile: ", err)
	}
	p, diags, err := r.finish(data)
	if err != nil {
		return nil, diags, fmt.Errorf("profile: %w", err)
	}
	if err := p.Validate(); err != nil {
		return nil, diags, err
	}
	return p, diags, nil
}

// jsonReader collects the fields of one profile.
type jsonReader struct {
	opts        *ParseOptions
	p           Profile
	hasSeccomp  bool
	seccompFile string
	policyFile  string
}

func (r *jsonReader) read(v strictjson.Value) {
	v.Object(
		strictjson.Field{Name: "name", Read: func(v strictjson.Value) { r.p.Name = v.Text() }},
		strictjson.Field{Name: "seccomp", Read: func(v strictjson.Value) {
			r.hasSeccomp = true
			if v.Kind() != strictjson.Object {
				v.Errorf("want an object, got %v", v.Kind())
			}
		}},
		strictjson.Field{Name: "seccompFile", Read: func(v strictjson.Value) { r.seccompFile = r.file(v) }},
		strictjson.Field{Name: "apparmor", Read: r.readAppArmor},
	)
	if r.hasSeccomp && r.seccompFile != "" {
		v.Errorf("seccomp and seccompFile are both there; keep one")
	}
}

func (r *jsonReader) readAppArmor(v strictjson.Value) {
	a := &AppArmor{}
	v.Object(
		strictjson.Field{Name: "profile", Required: true, Read: func(v strictjson.Value) { a.Profile = v.Text() }},
		strictjson.Field{Name: "stack", Read: func(v strictjson.Value) { a.Stack = v.Bool() }},
		strictjson.Field{Name: "policy", Read: func(v strictjson.Value) { a.Policy = v.Text() }},
		strictjson.Field{Name: "policyFile", Read: func(v strictjson.Value) { r.policyFile = r.file(v) }},
	)
	if a.Policy != "" && r.policyFile != "" {
		v.Errorf("policy and policyFile are both there; keep one")
	}
	r.p.AppArmor = a
}

// file returns the name of a file to read later.
func (r *jsonReader) file(v strictjson.Value) string {
	name := v.Text()
	switch {
	case name == "" || !fs.ValidPath(name):
		v.Errorf("%q is not a path within the profile's files: write it relative, with slashes and without ..", name)
	case r.opts.Files == nil:
		v.Errorf("the profile refers to the file %q, and there are no files to look in", name)
	}
	return name
}

// finish reads what the fields refer to.
func (r *jsonReader) finish(data []byte) (*Profile, []oci.Diagnostic, error) {
	if r.policyFile != "" {
		text, err := r.readFile(r.policyFile)
		if err != nil {
			return nil, nil, err
		}
		r.p.AppArmor.Policy = string(text)
	}
	var section []byte
	switch {
	case r.hasSeccomp:
		var outer struct {
			Seccomp json.RawMessage `json:"seccomp"`
		}
		if err := json.Unmarshal(data, &outer); err != nil {
			return nil, nil, err
		}
		section = outer.Seccomp
	case r.seccompFile != "":
		var err error
		if section, err = r.readFile(r.seccompFile); err != nil {
			return nil, nil, err
		}
	default:
		return &r.p, nil, nil
	}
	p, diags, err := parseSeccomp(section, r.opts.Import)
	r.p.Seccomp = p
	return &r.p, diags, err
}

func (r *jsonReader) readFile(name string) ([]byte, error) {
	f, err := r.opts.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s: want a regular file of at most %d bytes", name, maxFile)
	}
	return fs.ReadFile(r.opts.Files, name)
}

// parseSeccomp reads either form. The field that each must have tells which it is.
func parseSeccomp(section []byte, imp *oci.ImportOptions) (*seccomp.Profile, []oci.Diagnostic, error) {
	var head struct {
		Default       json.RawMessage `json:"default"`
		DefaultAction json.RawMessage `json:"defaultAction"`
	}
	if err := json.Unmarshal(section, &head); err != nil {
		return nil, nil, fmt.Errorf("seccomp: %w", err)
	}
	if head.Default != nil && head.DefaultAction == nil {
		p, err := seccomp.ParseJSON(section)
		return p, nil, err
	}
	s, err := oci.Parse(section)
	if err != nil {
		return nil, nil, err
	}
	if imp == nil {
		imp = &oci.ImportOptions{}
	}
	p, diags, err := oci.Import(s, imp)
	if errors.Is(err, oci.ErrNoArch) && imp.Arch == 0 {
		forHere := *imp
		forHere.Arch = seccomp.NativeArch()
		p, diags, err = oci.Import(s, &forHere)
	}
	return p, diags, err
}

// MarshalJSON writes the profile with everything embedded, the seccomp half in the package's own form, which loses nothing. For the OCI form see FillSpec.
func (p *Profile) MarshalJSON() ([]byte, error) {
	type appArmor struct {
		Profile string `json:"profile"`
		Stack   bool   `json:"stack,omitempty"`
		Policy  string `json:"policy,omitempty"`
	}
	out := struct {
		Name     string           `json:"name,omitempty"`
		Seccomp  *seccomp.Profile `json:"seccomp,omitempty"`
		AppArmor *appArmor        `json:"apparmor,omitempty"`
	}{Name: p.Name, Seccomp: p.Seccomp}
	if a := p.AppArmor; a != nil {
		out.AppArmor = &appArmor{a.Profile, a.Stack, a.Policy}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes, as strictly as ParseJSON with no options.
func (p *Profile) UnmarshalJSON(data []byte) error {
	q, _, err := ParseJSON(data, nil)
	if err != nil {
		return err
	}
	*p = *q
	return nil
}
