package profile

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gostockade/stockade/seccomp"
)

const (
	ociSection    = `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "flags": [], "syscalls": [{"names": ["read", "write", "close"], "action": "SCMP_ACT_ALLOW"}]}`
	nativeSection = `{"default": "errno 1", "arches": ["amd64"], "rules": [{"names": ["read", "write", "close"], "action": "allow"}]}`
)

func files() fstest.MapFS {
	return fstest.MapFS{
		"oci.json":     {Data: []byte(ociSection)},
		"native.json":  {Data: []byte(nativeSection)},
		"sub/web.aa":   {Data: []byte("profile web { }\n")},
		"broken.json":  {Data: []byte(`{"defaultAction": "SCMP_ACT_NONE"}`)},
		"sub/dir/file": {},
	}
}

func TestParseJSON(t *testing.T) {
	for name, tt := range map[string]struct {
		in     string
		policy string
	}{
		"oci embedded":      {`{"name": "web", "seccomp": ` + ociSection + `, "apparmor": {"profile": "web", "stack": true, "policy": "profile web { }\n"}}`, "profile web { }\n"},
		"native embedded":   {`{"name": "web", "seccomp": ` + nativeSection + `, "apparmor": {"profile": "web", "stack": true}}`, ""},
		"oci by file":       {`{"name": "web", "seccompFile": "oci.json", "apparmor": {"profile": "web", "stack": true, "policyFile": "sub/web.aa"}}`, "profile web { }\n"},
		"native by file":    {`{"name": "web", "seccompFile": "native.json", "apparmor": {"profile": "web", "stack": true}}`, ""},
		"null means absent": {`{"name": "web", "seccomp": ` + nativeSection + `, "seccompFile": null, "apparmor": {"profile": "web", "stack": true, "policy": null}}`, ""},
	} {
		p, _, err := ParseJSON([]byte(tt.in), &ParseOptions{Files: files()})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Name != "web" || !cmp.Equal(p.AppArmor, &AppArmor{Profile: "web", Stack: true, Policy: tt.policy}) {
			t.Errorf("%s: %+v, %+v", name, p, p.AppArmor)
		}
		for call, want := range map[string]seccomp.Action{"read": seccomp.Allow, "write": seccomp.Allow, "open": seccomp.Errno(1)} {
			nr, _ := seccomp.AMD64.Number(call)
			if got, err := p.Seccomp.Simulate(seccomp.Call{Arch: seccomp.AMD64, Nr: nr}); err != nil || got != want {
				t.Errorf("%s: %s is %v, %v; want %v", name, call, got, err, want)
			}
		}
	}
}

func TestParseJSONErrors(t *testing.T) {
	for in, want := range map[string]string{
		`{`:               "1:2",
		`{}`:              ErrEmpty.Error(),
		`{"name": "x"}`:   ErrEmpty.Error(),
		`[]`:              "an object is expected",
		`{"nmae": "x"}`:   "nmae",
		`{"seccomp": 1}`:  "/seccomp",
		`{"seccomp": {}}`: "defaultAction",
		`{"seccomp": {"default": "allow", "defaultAction": "SCMP_ACT_ALLOW"}}`: "default",
		`{"seccomp": {"default": "allow", "Rules": []}}`:                       "Rules",
		`{"apparmor": {}}`:                                                          "profile",
		`{"apparmor": {"profile": "a\nb"}}`:                                         "cannot be the name",
		`{"apparmor": {"profile": "a", "profile": "b"}}`:                            "profile",
		`{"apparmor": {"profile": "a", "policy": "x", "policyFile": "sub/web.aa"}}`: "keep one",
		`{"apparmor": {"profile": "a", "policyFile": "../web.aa"}}`:                 "not a path",
		`{"apparmor": {"profile": "a", "policyFile": "/etc/web.aa"}}`:               "not a path",
		`{"apparmor": {"profile": "a", "policyFile": "none.aa"}}`:                   "none.aa",
		`{"apparmor": {"profile": "a", "policyFile": "sub"}}`:                       "regular file",
		`{"seccompFile": "broken.json"}`:                                            "SCMP_ACT_NONE",
		`{"seccompFile": "none.json"}`:                                              "none.json",
		`{"seccompFile": "oci.json", "seccomp": ` + nativeSection + `}`:             "keep one",
		`{"seccomp": ` + nativeSection + `} x`:                                      "1:",
	} {
		p, _, err := ParseJSON([]byte(in), &ParseOptions{Files: files()})
		if err == nil || p != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v; want an error with %q", in, p, err, want)
		}
	}
	if _, _, err := ParseJSON([]byte(`{"seccompFile": "oci.json"}`), nil); err == nil || !strings.Contains(err.Error(), "no files to look in") {
		t.Errorf("a file without files: %v", err)
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for name, p := range map[string]*Profile{
		"server":   HTTPServer(),
		"both":     {Name: "web", Seccomp: Parser().Seccomp, AppArmor: &AppArmor{Profile: ":ns:web//&site", Stack: true, Policy: "profile web { # \"quoted\"\n}\n"}},
		"apparmor": {AppArmor: &AppArmor{Profile: "web"}},
	} {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var q Profile
		if err := json.Unmarshal(data, &q); err != nil {
			t.Fatalf("%s: %v in %s", name, err, data)
		}
		if diff := cmp.Diff(p, &q); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"name": "web", "seccomp": ` + ociSection + `, "apparmor": {"profile": "web"}}`))
	f.Add([]byte(`{"seccomp": ` + nativeSection + `}`))
	f.Add([]byte(`{"seccompFile": "native.json", "apparmor": {"profile": "web", "policyFile": "sub/web.aa"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, _, err := ParseJSON(data, &ParseOptions{Files: files()})
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("accepted and invalid: %v", err)
		}
		out, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("accepted and cannot be written: %v", err)
		}
		var q Profile
		if err := json.Unmarshal(out, &q); err != nil {
			t.Fatalf("written and cannot be read: %v\n%s", err, out)
		}
		if again, err := json.Marshal(&q); err != nil || string(again) != string(out) {
			t.Fatalf("not stable: %v\n%s\n%s", err, out, again)
		}
	})
}
