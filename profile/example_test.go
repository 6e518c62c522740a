package profile_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"testing/fstest"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/profile"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

// A service confines itself, all threads, or does not start.
func ExampleApply() {
	err := profile.Apply(&profile.Profile{
		Seccomp:  seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer, seccomp.FileRead),
		AppArmor: &profile.AppArmor{Profile: "stockade-example"}, // not loaded anywhere
	}, nil)
	fmt.Println("confined:", err == nil)
	// Output: confined: false
}

// A converter that needs no network gets none; the caller keeps its own.
func ExampleCommand() {
	p := &profile.Profile{Seccomp: &seccomp.Profile{
		Default: seccomp.Allow,
		Rules:   []seccomp.Rule{{Names: []string{"socket"}, Action: seccomp.Errno(1)}},
	}}
	out, err := profile.Command(p, "echo", "converted").Output()
	if err != nil {
		log.Print(err)
	}
	os.Stdout.Write(out)
}

// A filter that forbids what starting a process takes needs ChildEntry, called first thing in main.
func ExampleChildEntry() {
	entry := profile.ChildEntry()
	cmd := profile.Command(profile.Parser(), "true")
	cmd.Entry = entry
	fmt.Println(cmd.Run() == nil) // not even execve is allowed to a parser
	// Output: false
}

func ExampleParseJSON() {
	files := fstest.MapFS{"web.aa": {Data: []byte("profile web { }\n")}} // or os.DirFS, or an embed.FS
	p, diags, err := profile.ParseJSON([]byte(`{
	"name": "web",
	"seccomp": {"default": "errno 1", "rules": [{"names": ["@go-runtime", "@tcp-server"], "action": "allow"}]},
	"apparmor": {"profile": "web", "policyFile": "web.aa"}
}`), &profile.ParseOptions{Files: files})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Name, p.Seccomp.Default, len(diags), p.AppArmor.Policy)
	// Output: web errno 1 0 profile web { }
}

func ExampleProfile_MarshalJSON() {
	data, err := json.Marshal(&profile.Profile{Name: "web", AppArmor: &profile.AppArmor{Profile: "web"}})
	fmt.Println(string(data), err)
	// Output: {"name":"web","apparmor":{"profile":"web"}} <nil>
}

func ExampleFillSpec() {
	p := &profile.Profile{
		Seccomp: &seccomp.Profile{
			Default: seccomp.Allow, Arches: []seccomp.Arch{seccomp.AMD64},
			Rules: []seccomp.Rule{{Names: []string{"mount"}, Action: seccomp.Errno(1)}},
		},
		AppArmor: &profile.AppArmor{Profile: "web"},
	}
	spec := &specs.Spec{Process: &specs.Process{Args: []string{"server"}}}
	if _, err := profile.FillSpec(p, spec, &oci.ExportOptions{Arch: seccomp.AMD64, Narrow: true}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec.Process.NoNewPrivileges, spec.Process.ApparmorProfile, spec.Linux.Seccomp.DefaultAction, len(profile.CheckSpec(spec)))
	// Output: true web SCMP_ACT_ALLOW 0
}

func ExampleCheckSpec() {
	spec := &specs.Spec{
		Process: &specs.Process{NoNewPrivileges: true, ApparmorProfile: "unconfined"},
		Linux:   &specs.Linux{Seccomp: &specs.LinuxSeccomp{DefaultAction: specs.ActErrno}},
	}
	for _, p := range profile.CheckSpec(spec) {
		fmt.Println(p)
	}
	// Output: process.apparmorProfile: unconfined confines nothing; leave it out, or name a profile
}
