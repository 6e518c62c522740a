package seccomp_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/docker"
	"github.com/gostockade/stockade/seccomp/oci"
)

// A testProfile is a profile of the test set.
type testProfile struct {
	name string
	*seccomp.Profile
}

var amd64Arches = []seccomp.Arch{seccomp.AMD64, seccomp.I386, seccomp.X32}

// testSet returns the profiles that every exhaustive test goes through: Docker's template under three sets of capabilities, the
// allow-lists people publish, every set for Go programs, systemd's groups, and one profile with every action and comparison.
func testSet(t *testing.T) []testProfile {
	t.Helper()
	all := append(dockerProfiles(t), ociProfiles(t)...)
	for _, s := range []seccomp.Set{seccomp.GoRuntime, seccomp.GoStart, seccomp.Cgo, seccomp.FileRead, seccomp.FileWrite, seccomp.NetClient, seccomp.TCPServer,
		seccomp.UDP, seccomp.UnixSocket, seccomp.Exec, seccomp.Signals, seccomp.Time, seccomp.GroupSystemService, seccomp.GroupPrivileged, seccomp.GroupKnown} {
		p := seccomp.AllowOnly(s)
		p.Arches = amd64Arches
		all = append(all, testProfile{"set/" + string(s[1:]), p})
	}
	server := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer, seccomp.FileRead)
	return append(all, testProfile{"server", server}, testProfile{"kitchen sink", kitchenSink()}, testProfile{"zero", &seccomp.Profile{}})
}

func dockerProfiles(t *testing.T) (all []testProfile) {
	t.Helper()
	data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/docker-default.json"))
	if err != nil {
		t.Fatal(err)
	}
	template, err := docker.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, caps := range map[string][]string{"default": docker.DefaultCaps(), "none": nil, "admin": {"CAP_SYS_ADMIN", "CAP_BPF", "CAP_SYS_PTRACE", "CAP_NET_ADMIN"}} {
		p, _, err := template.Resolve(docker.Target{Arch: seccomp.AMD64, Caps: caps, Kernel: seccomp.KernelVersion{Major: 6, Minor: 12}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, testProfile{"docker/" + name, p})
	}
	slices.SortFunc(all, func(a, b testProfile) int { return strings.Compare(a.name, b.name) })
	return all
}

func ociProfiles(t *testing.T) (all []testProfile) {
	t.Helper()
	for _, name := range []string{"node-api", "basic", "p1-oci"} {
		data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/"+name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(data) {
			t.Fatalf("%s.json is not JSON", name)
		}
		doc, err := oci.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := oci.Import(doc, &oci.ImportOptions{Arch: seccomp.AMD64})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, testProfile{"oci/" + name, p})
	}
	return all
}

// kitchenSink has every action, every comparison in both widths, ranges, and several rules for one call.
func kitchenSink() *seccomp.Profile {
	actions := []seccomp.Action{seccomp.KillProcess, seccomp.KillThread, seccomp.TrapWith(3), seccomp.Errno(13), seccomp.Errno(0), seccomp.Notify,
		seccomp.TraceWith(9), seccomp.Log, seccomp.Allow}
	calls := []string{"read", "write", "openat", "socket", "clone", "ioctl", "prctl", "mmap", "fcntl", "sendto"}
	values := []uint64{0, 1, 0xffff_ffff, 0x1_0000_0001, 1 << 63, ^uint64(0)}
	p := &seccomp.Profile{Default: seccomp.Errno(1), Foreign: seccomp.Errno(2), Newer: &seccomp.Newer{Action: seccomp.Errno(38)}, Arches: amd64Arches}
	rnd := rand.New(rand.NewPCG(7, 7))
	for i, name := range calls {
		for j, action := range actions {
			a := seccomp.Arg{Index: uint((i + j) % 3), Op: seccomp.Op((i * j) % 7), Value: values[rnd.IntN(len(values))]}
			if a.Op == seccomp.MaskedEQ {
				a.Mask = a.Value | 0xf0
			}
			if rnd.IntN(2) == 0 && (a.Value|a.Mask)>>32 == 0 {
				a.Width = seccomp.Width32
			}
			p.Rules = append(p.Rules, seccomp.Rule{Names: []string{name}, Action: action, Args: []seccomp.Arg{a}})
		}
	}
	return p
}

// everyCall returns the calls of the exhaustive tests: each number from 0 to 1023, x32's as many, and the ends of the number
// space, on every ABI; where arguments matter, combinations of the values at which a condition could change its mind.
func everyCall(t *testing.T, p *seccomp.Profile) []seccomp.Call {
	t.Helper()
	sim, err := seccomp.NewSimulator(p)
	if err != nil {
		t.Fatal(err)
	}
	vectors := argVectors(p, rand.New(rand.NewPCG(1, 2)), 512)
	var calls []seccomp.Call
	for _, arch := range amd64Arches {
		for _, nr := range numbers(arch) {
			outcomes, err := sim.Outcomes(arch, nr, nil)
			if err != nil {
				t.Fatal(err)
			}
			n := 3
			if len(outcomes) > 1 {
				n = len(vectors)
			}
			for _, args := range vectors[:min(n, len(vectors))] {
				if arch.Bits() == 32 {
					for i := range args {
						args[i] &= 0xffff_ffff
					}
				}
				calls = append(calls, seccomp.Call{Arch: arch, Nr: nr, Args: args})
			}
		}
	}
	return calls
}

func numbers(arch seccomp.Arch) []uint32 {
	first := uint32(0)
	if arch == seccomp.X32 {
		first = 0x40000000
	}
	var nrs []uint32
	for nr := range uint32(1024) {
		nrs = append(nrs, first+nr)
	}
	switch arch {
	case seccomp.AMD64:
		return append(nrs, 0x3fffffff, 0xffffffff)
	case seccomp.X32:
		return append(nrs, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000, 0xfffffffe)
	}
	return append(nrs, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff)
}

// argVectors returns vectors of zeros, of ones, and of corner values.
func argVectors(p *seccomp.Profile, rnd *rand.Rand, limit int) [][6]uint64 {
	var corners [6][]uint64
	for i := range corners {
		corners[i] = cornersOf(p, uint(i))
	}
	ones := ^uint64(0)
	out := [][6]uint64{{}, {ones, ones, ones, ones, ones, ones}}
	for i, list := range corners { // each corner once, with the others zero
		for _, v := range list {
			var args [6]uint64
			args[i] = v
			out = append(out, args)
		}
	}
	if len(out) > limit/2 {
		rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		out = out[:limit/2]
	}
	for len(out) < limit {
		var args [6]uint64
		for i := range args {
			args[i] = corners[i][rnd.IntN(len(corners[i]))]
		}
		out = append(out, args)
	}
	return out
}

// cornersOf returns the values around each bound that the profile's rules and their sets put on an argument: the bound, one less,
// one more, with its upper half set, without it, and sign-extended.
func cornersOf(p *seccomp.Profile, index uint) []uint64 {
	values := []uint64{0, 1, 0x1_0000_0000, ^uint64(0)}
	add := func(args []seccomp.Arg) {
		for _, a := range args {
			if a.Index == index {
				v := a.Value
				values = append(values, v, v-1, v+1, v|0xffff_ffff_0000_0000, v&0xffff_ffff, v^0x1_0000_0000, uint64(int64(int32(v))), v|^a.Mask, v^a.Mask)
			}
		}
	}
	for _, r := range p.Rules {
		add(r.Args)
		for _, name := range r.Names {
			members, _ := seccomp.Set(name).Members()
			for _, m := range members {
				add(m.Args)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// TestEvaluatorIsProgram compares the evaluator with the program, run by this package's machine, on every call.
func TestEvaluatorIsProgram(t *testing.T) {
	for _, p := range testSet(t) {
		t.Run(p.name, func(t *testing.T) {
			prog, err := seccomp.Compile(p.Profile, &seccomp.CompileOptions{Target: seccomp.AMD64})
			if err != nil {
				t.Fatal(err)
			}
			sim, err := seccomp.NewSimulator(p.Profile)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[seccomp.Action]bool{}
			for _, c := range everyCall(t, p.Profile) {
				want, err := sim.Simulate(c)
				got, rerr := prog.Run(c)
				if err != nil || rerr != nil || got != want {
					t.Fatalf("%v: evaluator %v, %v; program %v, %v", c, want, err, got, rerr)
				}
				seen[got] = true
			}
			if len(seen) < 2 && p.name != "zero" {
				t.Errorf("every call got the same action")
			}
		})
	}
}
