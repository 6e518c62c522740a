package seccomp

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// manyConditions is a space of n calls, each allowed under two conditions on 64-bit arguments with all six comparisons in turn
// and values that share nothing.
func manyConditions(n int, seed uint64) *diagram {
	rnd := rand.New(rand.NewPCG(seed, 4))
	s := space{arch: AMD64}
	deny := outcome{Errno(1), ruleAny}
	for nr := range n {
		args := make([]Arg, 2)
		for i := range args {
			args[i] = Arg{Index: uint((nr + i) % MaxArgs), Op: Op((nr/(1+5*i) + i) % int(MaskedEQ)), Value: rnd.Uint64()}
		}
		d := &disposition{[]branch{{args, outcome{Allow, ruleAny}}}, deny}
		s.runs = append(s.runs, run{uint32(nr), uint32(nr), d})
	}
	s.runs = append(s.runs, run{uint32(n), allOnes, &disposition{nil, deny}})
	return &diagram{AMD64, KillProcess, []space{s}}
}

// TestCompileManyConditions holds a profile that no peer can express to the kernel's limit, and its program to the diagram.
func TestCompileManyConditions(t *testing.T) {
	for seed := range uint64(3) {
		d := manyConditions(400, seed)
		code, err := compile(d, []Arch{AMD64}, newWeigher(&CompileOptions{}))
		if err != nil {
			t.Fatal(err)
		}
		prog, err := NewProgram(code, AMD64)
		if err != nil {
			t.Fatal(err)
		}
		rnd := rand.New(rand.NewPCG(seed, 5))
		for nr := range uint32(401) {
			disp := d.spaces[0].find(nr)
			for range 200 {
				c := Call{Arch: AMD64, Nr: nr}
				for i := range c.Args {
					c.Args[i] = rnd.Uint64()
				}
				for _, b := range disp.branches {
					for _, a := range b.args {
						c.Args[a.Index] = a.Value + pick(rnd, []uint64{0, 0, 1, 1<<64 - 1, 1 << 32, 1<<64 - 1<<32})
					}
				}
				if got, _ := execute(t, prog, c); got != disp.decide(&c.Args).action {
					t.Fatalf("nr %d args %#x: %v, want %v (%v)", nr, c.Args, got, disp.decide(&c.Args).action, disp.branches)
				}
			}
		}
	}
}

func TestCompileTooLarge(t *testing.T) {
	_, err := compile(manyConditions(900, 1), []Arch{AMD64}, newWeigher(&CompileOptions{}))
	var e *TooLargeError
	if !errors.As(err, &e) || !errors.Is(err, ErrTooLarge) || e.Instructions <= MaxInstructions || e.Limit != MaxInstructions {
		t.Fatalf("900 calls with conditions: %v", err)
	}
}

// TestCompileTooManyComparisons gives every call more conditions than it could have.
func TestCompileTooManyComparisons(t *testing.T) {
	p := &Profile{}
	rnd := rand.New(rand.NewPCG(2, 1))
	for _, name := range fuzzNames {
		for range 3000 {
			p.Rules = append(p.Rules, Rule{Names: []string{name}, Action: Allow, Args: []Arg{{Value: rnd.Uint64()}}})
		}
	}
	p.Rules = p.Rules[:MaxRules]
	if _, err := Compile(p, &CompileOptions{Target: AMD64}); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("3000 values for each call: %v", err)
	}
}

// TestCompileTooManyCases gives one call conditions whose outcome depends on all six arguments at once.
func TestCompileTooManyCases(t *testing.T) {
	p := &Profile{}
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		r := Rule{Names: []string{"read"}, Action: Errno(uint16(1 + rnd.IntN(100)))}
		for i := range uint(MaxArgs) {
			r.Args = append(r.Args, Arg{Index: i, Op: MaskedEQ, Mask: rnd.Uint64(), Value: 0}, Arg{Index: i, Op: GE, Value: rnd.Uint64() >> 8})
		}
		p.Rules = append(p.Rules, r)
	}
	if _, err := Compile(p, &CompileOptions{Target: AMD64}); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("entangled conditions: %v", err)
	}
}

// TestCompileManyValues allows one call for very many values of an argument.
func TestCompileManyValues(t *testing.T) {
	p := &Profile{}
	for i := range uint64(2000) {
		p.Rules = append(p.Rules, Rule{Names: []string{"ioctl"}, Action: Allow, Args: []Arg{{Index: 1, Value: 0x5400 + 7*i}}})
	}
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	nr, _ := AMD64.Number("ioctl")
	for v := range uint64(0x5400 + 7*2000 + 9) {
		want := KillProcess
		if v >= 0x5400 && (v-0x5400)%7 == 0 && v < 0x5400+7*2000 {
			want = Allow
		}
		if got, _ := execute(t, prog, Call{Arch: AMD64, Nr: nr, Args: [6]uint64{1: v}}); got != want {
			t.Fatalf("ioctl(_, %#x): %v, want %v", v, got, want)
		}
	}
}

// BenchmarkCompileManyConditions compiles 400 calls with two 64-bit conditions each, no two of them alike.
func BenchmarkCompileManyConditions(b *testing.B) {
	d := manyConditions(400, 1)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		code, err := compile(d, []Arch{AMD64}, newWeigher(&CompileOptions{}))
		if err != nil {
			b.Fatal(err)
		}
		n = len(code)
	}
	b.ReportMetric(float64(n), "instructions")
}
