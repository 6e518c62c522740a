package seccomp

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/internal/testenv"
)

const dockerDefault = "corpora/seccomp/p1-oci.json" // resolved from Docker's template

// readOCI reads the few OCI fields that corpora/seccomp/p1-oci.json uses.
func readOCI(tb testing.TB, file string) *Profile {
	tb.Helper()
	data, err := os.ReadFile(testenv.Shared(tb, file))
	if err != nil {
		tb.Fatal(err)
	}
	var in struct {
		Architectures   []string
		DefaultErrnoRet uint16
		Syscalls        []struct {
			Names    []string
			Action   string
			ErrnoRet uint16
			Args     []struct {
				Index           uint
				Op              string
				Value, ValueTwo uint64
			}
		}
	}
	if err := json.Unmarshal(data, &in); err != nil {
		tb.Fatal(err)
	}
	p := &Profile{Default: Errno(in.DefaultErrnoRet)}
	for _, a := range in.Architectures {
		arch, ok := ParseArch(a)
		if !ok {
			tb.Fatalf("architecture %q", a)
		}
		p.Arches = append(p.Arches, arch)
	}
	ops := map[string]Op{"SCMP_CMP_EQ": EQ, "SCMP_CMP_NE": NE, "SCMP_CMP_LT": LT, "SCMP_CMP_LE": LE, "SCMP_CMP_GT": GT,
		"SCMP_CMP_GE": GE, "SCMP_CMP_MASKED_EQ": MaskedEQ}
	for _, s := range in.Syscalls {
		r := Rule{Names: s.Names, Action: Allow}
		if s.Action == "SCMP_ACT_ERRNO" {
			r.Action = Errno(s.ErrnoRet)
		}
		for _, a := range s.Args {
			arg := Arg{Index: a.Index, Op: ops[a.Op], Value: a.Value}
			if arg.Op == MaskedEQ {
				arg.Mask, arg.Value = a.Value, a.ValueTwo
			}
			r.Args = append(r.Args, arg)
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// only returns the profile for one ABI.
func only(p *Profile, arch Arch) *Profile {
	q := *p
	q.Arches = []Arch{arch}
	return &q
}

// execute runs the program on a call and returns the action and the instructions executed.
func execute(tb testing.TB, p *Program, c Call) (Action, int) {
	tb.Helper()
	in := bpf.NewInput(c.Nr, c.Arch.AuditArch(), c.IP, c.Args, p.target.BigEndian())
	ret, steps, err := bpf.Run(p.code, &in)
	if err != nil {
		tb.Fatal(err)
	}
	return ActionFromRet(ret), steps
}

// meanExecuted returns the mean number of instructions over all calls of the ABI that the rules can allow, with arguments that
// satisfy the first rule that does.
func meanExecuted(tb testing.TB, p *Profile, prog *Program, arch Arch) float64 {
	tb.Helper()
	calls, sum := 0, 0
	for nr, name := range syscalls.All(arch.abi()) {
		for _, r := range p.Rules {
			if r.Action != Allow || !slices.Contains(r.Names, name) {
				continue
			}
			c := Call{Arch: arch, Nr: nr}
			for _, a := range r.Args {
				c.Args[a.Index] = a.Value
				switch a.Op {
				case LT:
					c.Args[a.Index]--
				case GT:
					c.Args[a.Index]++
				}
			}
			action, steps := execute(tb, prog, c)
			if action != Allow {
				tb.Fatalf("%v %s%v: %v", arch, name, c.Args, action)
			}
			calls, sum = calls+1, sum+steps
			break
		}
	}
	return float64(sum) / float64(calls)
}

// constAllows returns how many calls of the ABI the rules always allow, and for how many of those the kernel can know.
func constAllows(p *Profile, prog *Program, arch Arch) (allowed, known int) {
	for nr, name := range syscalls.All(arch.abi()) {
		for _, r := range p.Rules {
			if r.Action == Allow && len(r.Args) == 0 && slices.Contains(r.Names, name) {
				allowed++
				if bpf.ConstAllow(prog.code, nr, arch.AuditArch()) {
					known++
				}
				break
			}
		}
	}
	return allowed, known
}

// TestCompileDockerDefault holds the program for Docker's default profile to its size and speed.
func TestCompileDockerDefault(t *testing.T) {
	p := readOCI(t, dockerDefault)
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	if prog.Len() > 260 {
		t.Errorf("three ABIs: %d instructions, want at most 260", prog.Len())
	}
	for _, arch := range []Arch{AMD64, I386} {
		if allowed, known := constAllows(p, prog, arch); known != allowed || allowed < 200 {
			t.Errorf("%v: the kernel's bitmap knows %d of %d calls that are always allowed", arch, known, allowed)
		}
	}
	native, err := Compile(only(p, AMD64), &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	if native.Len() > 140 {
		t.Errorf("amd64: %d instructions, want at most 140", native.Len())
	}
	if mean := meanExecuted(t, p, native, AMD64); mean > 10 {
		t.Errorf("amd64: %.2f instructions executed on average, want at most 10", mean)
	}
	if allowed, known := constAllows(p, native, AMD64); allowed != 306 || known != 306 {
		t.Errorf("amd64: the kernel's bitmap knows %d of %d calls that are always allowed, want 306 of 306", known, allowed)
	}
}
