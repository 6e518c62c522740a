package seccomp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/syscalls"
)

// ruleByRule walks the profile's rules for one call, knowing nothing of runs, branches and graphs. It does not know multiplexed
// calls: rules that govern them must be Direct.
func ruleByRule(p *Profile, target Arch, c Call) Action {
	if c.Arch == AMD64 || c.Arch == X32 { // one arch value, told apart by the number
		c.Arch = AMD64
		if c.Nr >= 0x40000000 && c.Nr != 0xffffffff {
			c.Arch = X32
		}
	}
	listed := p.Arches
	if listed == nil {
		listed = []Arch{target}
	}
	if !slices.Contains(listed, c.Arch) {
		return p.Foreign
	}
	best, found := Action(0), false
	highest := int64(-1)
	for _, r := range p.Rules {
		if r.Arches != nil && !slices.Contains(r.Arches, c.Arch) {
			continue
		}
		for _, name := range r.Names {
			nr, ok := c.Arch.Number(name)
			if !ok {
				continue
			}
			highest = max(highest, int64(nr))
			if nr != c.Nr || !allMatch(c.Arch, r.Args, c.Args) {
				continue
			}
			if !found || r.Action.Kind() < best.Kind() {
				best, found = r.Action, true
			}
		}
	}
	switch {
	case found:
		return best
	case p.Newer != nil && p.Newer.Since.IsZero() && highest >= 0 && int64(c.Nr) > highest:
		return p.Newer.Action
	}
	return p.Default
}

func allMatch(arch Arch, conds []Arg, args [6]uint64) bool {
	for _, a := range conds {
		v := args[a.Index]
		if a.Width == Width32 || arch.Bits() == 32 {
			v &= 0xffffffff
		}
		holds := map[Op]bool{EQ: v == a.Value, NE: v != a.Value, LT: v < a.Value, LE: v <= a.Value, GT: v > a.Value,
			GE: v >= a.Value, MaskedEQ: v&a.Mask == a.Value}
		if !holds[a.Op] {
			return false
		}
	}
	return true
}

// corners returns values at which conditions on the argument could change their mind, and some others.
func corners(p *Profile, index uint, rnd *rand.Rand) []uint64 {
	vals := []uint64{0, 1<<64 - 1, rnd.Uint64(), uint64(rnd.Uint32())}
	for _, r := range p.Rules {
		for _, a := range r.Args {
			if a.Index != index {
				continue
			}
			v := a.Value
			vals = append(vals, v-1, v, v+1, v^1<<32, v+1<<32, v-1<<32, v&0xffffffff, v|0xffffffff<<32, v&^0xffffffff, v|0xffffffff)
			if a.Op == MaskedEQ {
				vals = append(vals, v|^a.Mask, v|rnd.Uint64()&^a.Mask, v^1<<rnd.IntN(64), a.Mask)
			}
		}
	}
	slices.Sort(vals)
	return slices.Compact(vals)
}

// argVectors returns up to limit combinations of corner values.
func argVectors(p *Profile, rnd *rand.Rand, limit int) [][6]uint64 {
	var per [6][]uint64
	total := 1
	for i := range per {
		per[i] = corners(p, uint(i), rnd)
		total = min(total*len(per[i]), 1<<30)
	}
	out := make([][6]uint64, 0, limit)
	for n := range min(total, limit) {
		var v [6]uint64
		for i, c := range per {
			if total <= limit {
				v[i], n = c[n%len(c)], n/len(c)
			} else {
				v[i] = c[rnd.IntN(len(c))]
			}
		}
		out = append(out, v)
	}
	return out
}

// numbersOf returns the numbers the profile names in the ABI, their neighbours, and the ends of the number space.
func numbersOf(p *Profile, arch Arch) []uint32 {
	nrs := []uint32{0, 1, 0x3fffffff, 0x40000000, 0x40000001, 0x7fffffff, 0xfffffffe, 0xffffffff, syscalls.Max(arch.abi()) + 1}
	for _, r := range p.Rules {
		for _, name := range r.Names {
			if nr, ok := arch.Number(name); ok {
				nrs = append(nrs, nr-1, nr, nr+1)
			}
		}
	}
	slices.Sort(nrs)
	return slices.Compact(nrs)
}

// allAttempts compiles the profile in every way the compiler knows, not only the first that fits, and for several mixes.
func allAttempts(t *testing.T, p *Profile, target Arch, rnd *rand.Rand) []*Program {
	t.Helper()
	d, err := resolve(p, target, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, dump(p))
	}
	shapes := []CompileOptions{{}, {Kernel: KernelVersion{5, 4}}, {Weights: map[string]uint64{}}}
	for _, name := range fuzzNames {
		shapes[2].Weights[name] = rnd.Uint64() >> rnd.IntN(64)
	}
	var out []*Program
	for i, a := range []attempt{
		{false, [6]uint8{0, 1, 2, 3, 4, 5}}, {true, [6]uint8{0, 1, 2, 3, 4, 5}}, {true, [6]uint8{5, 4, 3, 2, 1, 0}},
	} {
		code, err := a.compile(d, p.listed(target), newWeigher(&shapes[i]))
		if err != nil {
			t.Fatalf("%v\n%s", err, dump(p))
		}
		if err := bpf.Check(code); err != nil {
			t.Fatalf("%v\n%s", err, dump(p))
		}
		out = append(out, &Program{code, target.Primary(), p.listed(target)})
	}
	return out
}

// compareAll compares the profile's programs with its rules, call by call.
func compareAll(t *testing.T, p *Profile, target Arch, rnd *rand.Rand, limit int) {
	t.Helper()
	progs := allAttempts(t, p, target, rnd)
	vectors := argVectors(p, rnd, limit)
	for _, arch := range target.Siblings() {
		for _, nr := range numbersOf(p, arch) {
			for _, args := range vectors {
				if arch.Bits() == 32 {
					for i := range args {
						args[i] &= 0xffffffff
					}
				}
				want := ruleByRule(p, target, Call{Arch: arch, Nr: nr, Args: args})
				for _, prog := range progs {
					if got, _ := execute(t, prog, Call{arch, nr, args, rnd.Uint64()}); got != want {
						t.Fatalf("%v nr %#x args %#x: program %v, rules %v\n%s\n%s", arch, nr, args, got, want, dump(p), prog)
					}
				}
			}
		}
	}
	for _, prog := range progs {
		in := bpf.NewInput(0, 0x12345678, 0, [6]uint64{}, target.BigEndian())
		if ret, _, err := bpf.Run(prog.code, &in); err != nil || ActionFromRet(ret) != p.Foreign {
			t.Fatalf("unknown arch value: %v (%v), want %v", ActionFromRet(ret), err, p.Foreign)
		}
	}
}

func dump(p *Profile) string {
	s := fmt.Sprintf("default %v foreign %v arches %v newer %v\n", p.Default, p.Foreign, p.Arches, p.Newer)
	for _, r := range p.Rules {
		s += fmt.Sprintf("%v %v %v %v\n", r.Names, r.Action, r.Args, r.Arches)
	}
	return s
}

var fuzzNames = []string{"read", "write", "open", "close", "ioctl", "socket", "clone", "personality", "mmap", "fcntl", "openat", "prctl",
	"readv", "execve", "semop", "setns", "futex", "clone3", "close_range", "getpid"}

var fuzzActions = []Action{Allow, Errno(1), KillProcess, Allow, Errno(38), Log, Notify, Trap, KillThread, TraceWith(7)}

// randomProfile draws a profile; small ranges of values make conditions meet.
func randomProfile(rnd *rand.Rand) (*Profile, Arch) {
	targets := []Arch{AMD64, AMD64, I386, X32, ARM64, S390X, PPC64, MIPS64, MIPS64LE, ARM}
	target := targets[rnd.IntN(len(targets))]
	p := &Profile{Default: pick(rnd, fuzzActions), Foreign: pick(rnd, fuzzActions)}
	if rnd.IntN(4) == 0 {
		p.Newer = &Newer{Action: Errno(38)}
	}
	for _, a := range target.Siblings() {
		if rnd.IntN(3) > 0 {
			p.Arches = append(p.Arches, a)
		}
	}
	if !slices.Contains(p.Arches, target) {
		p.Arches = append(p.Arches, target)
	}
	names := fuzzNames[:1+rnd.IntN(len(fuzzNames))]
	for range rnd.IntN(12) {
		r := Rule{Action: pick(rnd, fuzzActions), Direct: true}
		for range 1 + rnd.IntN(3) {
			r.Names = append(r.Names, pick(rnd, names))
		}
		for range rnd.IntN(4) {
			r.Args = append(r.Args, randomArg(rnd))
		}
		if rnd.IntN(6) == 0 {
			r.Arches = []Arch{pick(rnd, p.Arches)}
		}
		p.Rules = append(p.Rules, r)
	}
	return p, target
}

func pick[T any](rnd *rand.Rand, s []T) T { return s[rnd.IntN(len(s))] }

func randomArg(rnd *rand.Rand) Arg {
	value := func() uint64 {
		halves := []uint64{0, 1, 2, 0xffffffff, 0xfffffffe, 0x80000000, uint64(rnd.Uint32()), uint64(rnd.IntN(16))}
		return pick(rnd, halves)<<32 | pick(rnd, halves)
	}
	a := Arg{Index: uint(rnd.IntN(3)), Op: Op(rnd.IntN(int(numOps))), Value: value()}
	if rnd.IntN(8) == 0 {
		a.Index = uint(rnd.IntN(6))
	}
	if rnd.IntN(3) == 0 {
		a.Value &= 0xffffffff
	}
	if a.Op == MaskedEQ {
		a.Mask = pick(rnd, []uint64{value(), 1 << rnd.IntN(64), 0xff, 0xffff0000, 3, 0xffffffff, ^uint64(0)})
		a.Value &= a.Mask
	}
	if rnd.IntN(3) == 0 {
		a.Width = Width32
		a.Value &= 0xffffffff
		a.Mask &= 0xffffffff
	}
	return a
}

func TestCompileRandom(t *testing.T) {
	n := 500
	if testing.Short() {
		n = 100
	}
	for seed := range uint64(n) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		p, target := randomProfile(rnd)
		compareAll(t, p, target, rnd, 60)
	}
}

// FuzzCompile draws profiles from the fuzzer's bytes and compares program and rules.
func FuzzCompile(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Add(uint64(3), uint64(1<<63))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		rnd := rand.New(rand.NewPCG(a, b))
		p, target := randomProfile(rnd)
		compareAll(t, p, target, rnd, 40)
	})
}
