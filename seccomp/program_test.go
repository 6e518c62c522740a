package seccomp

import (
	"bytes"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/testenv"
)

func mustCompile(tb testing.TB, p *Profile, opts *CompileOptions) *Program {
	tb.Helper()
	prog, err := Compile(p, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return prog
}

func TestProgramText(t *testing.T) {
	for _, c := range []struct {
		name string
		opts CompileOptions
		p    Profile
		want string
	}{
		{"zero profile", CompileOptions{Target: AMD64}, Profile{}, `
   0       ret  #0x80000000                 ; kill_process
`},
		{"allow-list", CompileOptions{Target: AMD64}, Profile{Default: Errno(1), Rules: []Rule{
			{Names: []string{"read", "write", "close"}, Action: Allow},
		}}, `
   0       ld   arch
   1       jne  #0xc000003e, L2             ; amd64
   2       ld   nr
   3       jge  #0x4, L1                    ; stat
   4       jeq  #0x2, L3                    ; open
   5       ret  #0x7fff0000                 ; allow
   6 L1:   jlt  #0x40000000, L3             ; x32 read
   7       jeq  #0xffffffff, L3
   8 L2:   ret  #0x80000000                 ; kill_process
   9 L3:   ret  #0x50001                    ; errno 1
`},
		{"interval of a 64-bit argument", CompileOptions{Target: ARM64}, Profile{Default: Allow, Foreign: Allow, Rules: []Rule{
			{Names: []string{"read"}, Action: Errno(22), Args: []Arg{{Index: 2, Op: GE, Value: 0x1_0000_0005}, {Index: 2, Op: LT, Value: 0x3_0000_0000}}},
		}}, `
   0       ld   arch
   1       jne  #0xc00000b7, L2             ; arm64
   2       ld   nr
   3       jne  #0x3f, L2                   ; read
   4       ld   args[2].hi
   5       jeq  #0x1, L1
   6       jeq  #0x2, L3, L2
   7 L1:   ld   args[2].lo
   8       jge  #0x5, L3
   9 L2:   ret  #0x7fff0000                 ; allow
  10 L3:   ret  #0x50016                    ; errno 22
`},
		{"masks", CompileOptions{Target: S390X}, Profile{Foreign: KillProcess, Rules: []Rule{
			{Names: []string{"openat"}, Action: Allow, Args: []Arg{{Index: 2, Op: MaskedEQ, Width: Width32, Mask: 3, Value: 0}}},
			{Names: []string{"openat"}, Action: Log, Args: []Arg{{Index: 2, Op: MaskedEQ, Width: Width32, Mask: 3, Value: 1}}},
		}}, `
   0       ld   arch
   1       jne  #0x80000016, L2             ; s390x
   2       ld   nr
   3       jne  #0x120, L2                  ; openat
   4       ld   args[2].lo
   5       and  #0x3
   6       jge  #0x1, L1
   7       ret  #0x7fff0000                 ; allow
   8 L1:   jeq  #0x1, L3
   9 L2:   ret  #0x80000000                 ; kill_process
  10 L3:   ret  #0x7ffc0000                 ; log
`},
	} {
		prog := mustCompile(t, &c.p, &c.opts)
		if got := "\n" + prog.String(); got != c.want {
			t.Errorf("%s: got%s\nwant%s", c.name, got, c.want)
		}
	}
}

func TestProgramBytes(t *testing.T) {
	code := []bpf.RawInstruction{{Op: bpfx.LdAbs, K: 4}, {Op: bpfx.ClassJump | bpfx.TestEq, Jt: 1, K: 0x80000016}, {Op: bpfx.RetK, K: 1}, {Op: bpfx.RetA}}
	for _, c := range []struct {
		target Arch
		want   string
	}{
		{AMD64, "\x20\x00\x00\x00\x04\x00\x00\x00\x15\x00\x01\x00\x16\x00\x00\x80\x06\x00\x00\x00\x01\x00\x00\x00\x16\x00\x00\x00\x00\x00\x00\x00"},
		{S390X, "\x00\x20\x00\x00\x00\x00\x00\x04\x00\x15\x01\x00\x80\x00\x00\x16\x00\x06\x00\x00\x00\x00\x00\x01\x00\x16\x00\x00\x00\x00\x00\x00"},
	} {
		p, err := NewProgram(code, c.target)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.Bytes()); got != c.want {
			t.Errorf("%v: %q, want %q", c.target, got, c.want)
		}
		back, err := ParseProgram([]byte(c.want), c.target)
		if err != nil || !slices.Equal(back.Instructions(), code) {
			t.Errorf("%v: read back %v (%v)", c.target, back, err)
		}
	}
}

func TestProgramRefused(t *testing.T) {
	ret := []bpf.RawInstruction{{Op: bpfx.RetK}}
	if _, err := NewProgram(ret, Arch(200)); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown target: %v", err)
	}
	var check *bpfx.CheckError
	if _, err := NewProgram(nil, AMD64); !errors.Is(err, ErrInvalid) || !errors.As(err, &check) {
		t.Errorf("empty program: %v", err)
	}
	for _, wire := range [][]byte{nil, make([]byte, 7), make([]byte, 8*(MaxInstructions+1))} {
		if _, err := ParseProgram(wire, AMD64); !errors.Is(err, ErrInvalid) {
			t.Errorf("%d bytes: %v", len(wire), err)
		}
	}
	if _, err := ParseProgram(make([]byte, 8), Arch(200)); !errors.Is(err, ErrInvalid) {
		t.Errorf("bytes for an unknown target: %v", err)
	}
}

func TestProgramIsNotShared(t *testing.T) {
	code := []bpf.RawInstruction{{Op: bpfx.RetK, K: 1}}
	p, err := NewProgram(code, AMD64)
	if err != nil {
		t.Fatal(err)
	}
	code[0].K = 2
	p.Instructions()[0].K = 3
	p.Arches()[0] = X32
	if p.Instructions()[0].K != 1 || p.Arches()[0] != AMD64 {
		t.Error("the program changed from outside")
	}
}

func TestCompileDeterministic(t *testing.T) {
	p := readOCI(t, dockerDefault)
	first := mustCompile(t, p, &CompileOptions{Target: AMD64})
	for range 20 {
		if !bytes.Equal(mustCompile(t, p, &CompileOptions{Target: AMD64}).Bytes(), first.Bytes()) {
			t.Fatal("the same profile gave two programs")
		}
	}
	slices.Reverse(p.Rules) // no two of them disagree, so their order means nothing
	if !bytes.Equal(mustCompile(t, p, &CompileOptions{Target: AMD64}).Bytes(), first.Bytes()) {
		t.Error("the order of rules changed the program")
	}
}

func TestCompileErrors(t *testing.T) {
	if _, err := Compile(&Profile{Rules: []Rule{{Names: []string{"nosuchcall"}}}}, nil); !errors.Is(err, ErrUnknownSyscall) {
		t.Errorf("unknown call: %v", err)
	}
	if _, err := Compile(&Profile{Arches: []Arch{ARM64}}, &CompileOptions{Target: AMD64}); !errors.Is(err, ErrNoArch) {
		t.Errorf("ABIs of another machine: %v", err)
	}
	if _, err := Compile(&Profile{}, &CompileOptions{Target: Arch(99)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown target: %v", err)
	}
}

// TestCompileMix holds the program for a mix to shorter ways for the mix, on a kernel without the bitmap.
func TestCompileMix(t *testing.T) {
	f, err := os.Open(testenv.Shared(t, "corpora/seccomp/go-http-server-mix.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mix, err := ParseMix(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(mix) != 47 || mix["read"] != 11536 {
		t.Fatalf("mix has %d calls, read %d times", len(mix), mix["read"])
	}
	p := only(readOCI(t, dockerDefault), AMD64)
	without := mustCompile(t, p, &CompileOptions{Target: AMD64, Kernel: KernelVersion{5, 10}}).Stats(mix)
	with := mustCompile(t, p, &CompileOptions{Target: AMD64, Kernel: KernelVersion{5, 10}, Weights: mix}).Stats(mix)
	t.Logf("without weights: %v; with: %v", without, with)
	if with.Mean >= without.Mean || with.Mean > 7.5 {
		t.Errorf("mean %.2f with the mix, %.2f without", with.Mean, without.Mean)
	}
}

func TestParseMixErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"read", "line 1"}, {"read 1\nwrite x", "line 2"}, {"\n# a comment\nnosuchcall 3", "line 3"}, {"read 1 2", "3 words"},
		{"read -1", "line 1"}, {strings.Repeat("x", 1<<17), "too long"},
	} {
		if _, err := ParseMix(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want %q", c.in, err, c.want)
		}
	}
}

func TestProgramStats(t *testing.T) {
	p := &Profile{Default: Errno(1), Foreign: KillProcess, Rules: []Rule{
		{Names: []string{"read"}, Action: Allow},
		{Names: []string{"close"}, Action: Log},
		{Names: []string{"socket"}, Action: Allow, Args: []Arg{{Value: 1}}},
	}}
	prog := mustCompile(t, p, &CompileOptions{Target: AMD64})
	s := prog.Stats(nil)
	if s.Instructions != prog.Len() || s.Cached != 1 {
		t.Errorf("%v", s)
	}
	sum, deepest := 0, 0
	for _, c := range s.Calls {
		action, steps := execute(t, prog, Call{Arch: c.Arch, Nr: c.Nr, Args: [6]uint64{1}})
		if steps < c.Min || steps > c.Max || c.Constant && action != c.Action || c.Cached != (c.Name == "read") || c.Constant == (c.Name == "socket") {
			t.Errorf("%+v: executed %d, %v", c, steps, action)
		}
		if action >= Log {
			sum += steps
		}
		deepest = max(deepest, steps)
	}
	if want := float64(sum) / 3; math.Abs(s.Mean-want) > 1e-9 {
		t.Errorf("mean %v, want %v", s.Mean, want)
	}
	if s.Depth != deepest {
		t.Errorf("depth %d, want %d", s.Depth, deepest)
	}
	readOnly := prog.Stats(map[string]uint64{"read": 3})
	if readOnly.MeanUncached != 0 || readOnly.Mean == 0 {
		t.Errorf("a mix of cached calls alone: %v", readOnly)
	}
}

func TestProgramDOT(t *testing.T) {
	code := []bpf.RawInstruction{{Op: bpfx.LdAbs}, {Op: bpfx.ClassJump | bpfx.TestEq, Jf: 1, K: 3}, {Op: bpfx.RetK, K: Allow.Ret()}, {Op: bpfx.RetK}}
	p, err := NewProgram(code, ARM64)
	if err != nil {
		t.Fatal(err)
	}
	const want = `digraph program {
	node [shape=box, fontname=monospace];
	edge [fontname=monospace];
	n0 [label="0: ld   nr\l1: jne  #0x3, L1\l"];
	n0 -> n2 [label=yes];
	n0 -> n3 [label=no, style=dashed];
	n2 [label="2: ret  #0x7fff0000  ; allow\l"];
	n3 [label="3: ret  #0x0  ; kill_thread\l"];
}
`
	if got := p.DOT(); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestWithRuncStub(t *testing.T) {
	p := &Profile{Default: KillProcess, Rules: []Rule{{Names: []string{"read", "close_range"}, Action: Allow}}}
	highest, _ := AMD64.Number("close_range")
	prog := mustCompile(t, p, &CompileOptions{Target: AMD64, RuncStub: true})
	for nr, want := range map[uint32]Action{0: Allow, 1: KillProcess, highest: Allow, highest + 1: Errno(38), 0x3fffffff: Errno(38), 0x40000000: KillProcess} {
		if got, _ := execute(t, prog, Call{Arch: AMD64, Nr: nr}); got != want {
			t.Errorf("nr %d: %v, want %v", nr, got, want)
		}
	}
	for _, lets := range []Action{Allow, Log, Trace} {
		q := &Profile{Default: lets}
		if q.WithRuncStub(AMD64) != q {
			t.Errorf("default %v: runc adds no stub", lets)
		}
	}
}
