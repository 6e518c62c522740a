package oci_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"

	bpfvm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/docker"
	"github.com/gostockade/stockade/seccomp/oci"
)

// TestDockerDefaultInContainers compares, for Docker's default profile under three sets of capabilities, what Import predicts with the filter
// that runc and crun install for the same document: read back from the kernel, and compared for every number of every covered ABI.
func TestDockerDefaultInContainers(t *testing.T) {
	runtimes := containerRuntimes(t)
	data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/docker-default.json"))
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := docker.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	b := newBundle(t)
	for name, caps := range map[string][]string{
		"no capabilities":      nil,
		"Docker's":             docker.DefaultCaps(),
		"Docker's + SYS_ADMIN": append(docker.DefaultCaps(), "CAP_SYS_ADMIN"),
	} {
		s, _, err := tmpl.ResolveOCI(docker.Target{Arch: seccomp.NativeArch(), Caps: caps, Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}})
		if err != nil {
			t.Fatal(err)
		}
		for _, rt := range runtimes {
			t.Run(name+"/"+rt.name, func(t *testing.T) {
				p, _, err := oci.Import(s, &rt.opts)
				if err != nil {
					t.Fatal(err)
				}
				code := rt.filterOf(t, b, s, caps)
				compareEveryNumber(t, p, code)
				verifyAll(t, p, code, rt.opts.Arch)
			})
		}
	}
}

// verifyAll proves that the program is what the profile says, for every input there is, and reports whether it could.
func verifyAll(t *testing.T, p *seccomp.Profile, code []bpf.RawInstruction, arch seccomp.Arch) bool {
	t.Helper()
	prog, err := seccomp.NewProgram(code, arch)
	if err != nil {
		t.Fatal(err)
	}
	if err := seccomp.Verify(prog, p); err != nil {
		t.Errorf("the runtime's program is not what Import says: %v\n%v", err, prog)
		return false
	}
	return true
}

// compareEveryNumber runs the program and the model side by side, and reports whether they agree.
func compareEveryNumber(t *testing.T, p *seccomp.Profile, code []bpf.RawInstruction) bool {
	t.Helper()
	calls, wrong := 0, 0
	for _, arch := range p.Arches {
		base := uint32(0)
		if arch == seccomp.X32 {
			base = 0x4000_0000
		}
		for nr := base; nr < base+1024; nr++ {
			for _, args := range corners(p, arch, nr) {
				call := seccomp.Call{Arch: arch, Nr: nr, Args: args}
				in := bpfvm.NewInput(nr, arch.AuditArch(), 0, args, arch.BigEndian())
				ret, _, err := bpfvm.Run(code, &in)
				if err != nil {
					t.Fatal(err)
				}
				calls++
				if got, want := evaluate(p, call), seccomp.ActionFromRet(ret); got != want {
					if wrong++; wrong <= 20 {
						name, _ := arch.CallName(nr)
						t.Errorf("%v %d (%s) %#x: predicted %v, the container gets %v", arch, nr, name, args, got, want)
					}
				}
			}
		}
	}
	t.Logf("%d instructions, %d calls compared, %d differ", len(code), calls, wrong)
	return wrong == 0
}

// TestImportInContainers compares imports of random documents with the filters that crun installs for them. Documents of which Import says
// that libseccomp's tree or its miscompiled ranges decide are left out, by what Import says.
func TestImportInContainers(t *testing.T) {
	runtimes := containerRuntimes(t)
	b := newBundle(t)
	compared, refused, open := 0, 0, 0
	for seed := range uint64(100) {
		rt := runtimes[1]
		if seed%6 == 0 {
			rt = runtimes[0]
		}
		s := randomDocument(rand.New(rand.NewPCG(seed, 1)), rt.opts.Runtime)
		p, diags, err := oci.Import(s, &rt.opts)
		if err != nil {
			var no *oci.RefusedError
			if !errors.As(err, &no) {
				t.Fatal(err)
			}
			refused++
			if err := rt.start(t, b, s); err == nil {
				text, _ := json.MarshalIndent(s, "", " ")
				t.Errorf("seed %d: %s starts a container with a document that Import says it refuses: %v\n%s", seed, rt.name, no, text)
			}
			continue
		}
		if slices.ContainsFunc(diags, func(d oci.Diagnostic) bool { return d.Code == oci.CodeConflictOrder || d.Code == oci.CodeRangeOrder }) {
			open++
			continue
		}
		compared++
		code := rt.filterOf(t, b, s, nil)
		ok := verifyAll(t, p, code, rt.opts.Arch)
		if ok && seed%8 == 0 { // the same again without Verify
			ok = compareEveryNumber(t, p, code)
		}
		if !ok {
			text, _ := json.MarshalIndent(s, "", " ")
			t.Fatalf("seed %d, %s: %s\n%s", seed, rt.name, show(p), text)
		}
	}
	t.Logf("%d documents compared, %d refused by both, %d left to libseccomp's tree", compared, refused, open)
	if compared < 20 || refused == 0 {
		t.Error("the random documents do not cover enough")
	}
}

// randomDocument returns a document whose rules are about calls that neither the runtime nor the waiting program makes.
func randomDocument(r *rand.Rand, rt oci.Runtime) *specs.LinuxSeccomp {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	s := &specs.LinuxSeccomp{
		DefaultAction: specs.LinuxSeccompAction(pick("SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG")),
		Architectures: []specs.Arch{specs.ArchX86_64},
	}
	if r.IntN(4) > 0 {
		s.Architectures = append(s.Architectures, specs.ArchX86, specs.ArchX32)
	}
	calls := []string{"sysinfo", "getpriority", "ioprio_get", "semget", "semop", "socket", "accept4", "msgrcv", "personality", "socketcall", "ipc", "no_such_call"}
	for range 1 + r.IntN(8) {
		c := specs.LinuxSyscall{
			Names:  []string{calls[r.IntN(len(calls))], calls[r.IntN(len(calls))]},
			Action: specs.LinuxSeccompAction(pick("SCMP_ACT_ERRNO", "SCMP_ACT_ERRNO", "SCMP_ACT_TRAP", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG", "SCMP_ACT_TRACE")),
		}
		if c.Action == specs.ActErrno && r.IntN(2) == 0 {
			n := uint(r.IntN(200))
			c.ErrnoRet = &n
		}
		for range r.IntN(3) {
			values := []uint64{0, 1, 2, 255, 1 << 31, 1<<32 - 1, 1 << 32, 1<<32 + 5, r.Uint64()}
			c.Args = append(c.Args, specs.LinuxSeccompArg{
				Index: uint(r.IntN(3)), Value: values[r.IntN(len(values))], ValueTwo: values[r.IntN(len(values))],
				Op: specs.LinuxSeccompOperator(pick("SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_MASKED_EQ")),
			})
		}
		s.Syscalls = append(s.Syscalls, c)
	}
	return s
}

// TestListsDoNotStart shows that Import's warning about two tutorials' allow-lists is true: no container starts with them.
func TestListsDoNotStart(t *testing.T) {
	runtimes := containerRuntimes(t)
	b := newBundle(t)
	for _, file := range []string{"node-api.json", "basic.json"} {
		data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/"+file))
		if err != nil {
			t.Fatal(err)
		}
		if err := runtimes[0].start(t, b, parse(t, string(data))); err == nil {
			t.Errorf("runc starts a container with %s", file)
		}
	}
}

// TestExportInContainers starts containers with exported documents, and reads back both the filter, which has to be the profile's for every
// input, and what a program inside is told.
func TestExportInContainers(t *testing.T) {
	runtimes := containerRuntimes(t)
	b := newBundle(t)
	notUnix := []seccomp.Arg{{Index: 0, Op: seccomp.NE, Width: seccomp.Width32, Value: 1}}
	p := &seccomp.Profile{
		Default: seccomp.Errno(1),
		Newer:   &seccomp.Newer{Action: seccomp.Errno(38)},
		Arches:  []seccomp.Arch{seccomp.AMD64, seccomp.X32}, // 386 has socketcall, through which no condition holds
		Rules: []seccomp.Rule{
			{Names: []string{"@system-service", "@go-runtime", "capset", "capget", "prctl"}, Action: seccomp.Allow},
			{Names: []string{"socket"}, Action: seccomp.Errno(97), Args: notUnix},
			{Names: []string{"sync"}, Action: seccomp.Errno(13)},
			{Names: []string{"getpriority"}, Action: seccomp.Errno(99)},
			{Names: []string{"umask"}, Action: seccomp.Log},
		},
	}
	for _, rt := range runtimes {
		t.Run(rt.name, func(t *testing.T) {
			// The installed library is older than some calls of the sets.
			s, diags, err := oci.Export(p, &oci.ExportOptions{Arch: rt.opts.Arch, Runtime: rt.opts.Runtime, Known: rt.opts.Known, Narrow: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range diags {
				t.Log(d)
			}
			predicted, _, err := oci.Import(s, &rt.opts)
			if err != nil {
				t.Fatal(err)
			}
			verifyAll(t, predicted, rt.filterOf(t, b, s, nil), rt.opts.Arch)

			newer := "38"
			if rt.opts.Runtime == oci.Crun {
				newer = "1"
			}
			want := "getppid 0\nsync 13\nsocket-unix 0\nsocket-inet 97\nsocket-high 0\ngetpriority 99\numask 0\nsethostname 1\nunshare-none 0\nbeyond-all " + newer + "\n"
			out, err := rt.try(t, b, s, "getppid", "sync", "socket-unix", "socket-inet", "socket-high", "getpriority", "umask", "sethostname",
				"unshare-none", "beyond-all")
			if err != nil || out != want {
				t.Errorf("in the container: %v\n%swant:\n%s", err, out, want)
			}
		})
	}
}

// TestLostRules shows the error of libseccomp's that lost.go describes: the obvious way to deny one family of sockets on all of x86 denies
// nothing to amd64 programs. Import says so, and a container with the document does as Import says.
func TestLostRules(t *testing.T) {
	runtimes := containerRuntimes(t)
	b := newBundle(t)
	s := parse(t, `{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],"syscalls":[
		{"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":13,"args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},
		{"names":["socketcall"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}`)
	s.Flags = nil // runc 1.1 takes none
	for _, rt := range runtimes {
		p, diags, err := oci.Import(s, &rt.opts)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(diags, func(d oci.Diagnostic) bool { return d.Code == oci.CodeLostRules }) {
			t.Errorf("%s: nothing is said of the lost rules: %v", rt.name, diags)
		}
		verifyAll(t, p, rt.filterOf(t, b, s, nil), rt.opts.Arch)
		call, err := seccomp.CallByName(seccomp.AMD64, "socket", 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, err := p.Simulate(call)
		if err != nil || want != seccomp.Allow {
			t.Errorf("%s: Import says %v, %v", rt.name, want, err)
		}
		if out, err := rt.try(t, b, s, "socket-unix"); err != nil || out != "socket-unix 0\n" {
			t.Errorf("%s: in the container: %v, %s (if it is refused now, libseccomp has been mended: lost.go needs its version)", rt.name, err, out)
		}
	}
}
