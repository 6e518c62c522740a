package interop

import (
	"errors"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

// denied is the default action of Docker's profile.
var denied = seccomp.Errno(1)

// TestPeersProved says of each peer's program for Docker's default profile on amd64 whether it is the profile. Foreign ABIs get
// the default action here, because that is all gVisor and elastic can do with x32's numbers.
func TestPeersProved(t *testing.T) {
	p := nativeOnly(dockerDefault(t))
	p.Foreign = p.Default
	for _, c := range peers() {
		t.Run(c.name, func(t *testing.T) {
			p := c.known(p)
			err := seccomp.Verify(mustCompile(t, c, p), p)
			var m *seccomp.Mismatch
			switch {
			case c.faulty(p) && errors.As(err, &m):
				t.Logf("differs, as known: %v", m)
			case err != nil:
				t.Error(err)
			}
		})
	}
}

// TestElasticAccumulator: for a profile of two rules, the proof finds a call that elastic's program treats wrongly.
func TestElasticAccumulator(t *testing.T) {
	p := &seccomp.Profile{
		Default: denied, Foreign: denied, Arches: []seccomp.Arch{seccomp.AMD64},
		Rules: []seccomp.Rule{
			{Names: []string{"personality"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Value: 0}}},
			{Names: []string{"write"}, Action: seccomp.Allow},
		},
	}
	program := mustCompile(t, peer{compile: compileElastic}, p)
	var m *seccomp.Mismatch
	if err := seccomp.Verify(program, p); !errors.As(err, &m) {
		t.Fatalf("the proof did not find the fault: %v", err)
	}
}

// BenchmarkPeers compiles Docker's default profile for amd64 with every compiler; lengths and executed instructions are
// counts, not times.
func BenchmarkPeers(b *testing.B) {
	p := nativeOnly(dockerDefault(b))
	p.Foreign = p.Default
	for _, c := range peers() {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			p := c.known(p)
			program := mustCompile(b, c, p)
			for b.Loop() {
				mustCompile(b, c, p)
			}
			b.ReportMetric(float64(program.Len()), "instructions")
			b.ReportMetric(meanExecuted(b, p, program), "executed/call")
		})
	}
}

// meanExecuted is the mean number of instructions over the calls the profile allows, arguments satisfying the first rule.
func meanExecuted(b *testing.B, p *seccomp.Profile, program *seccomp.Program) float64 {
	b.Helper()
	total, calls := 0, 0
	seen := map[uint32]bool{}
	eachCall(p, func(r *seccomp.Rule, _ string, nr uint32) {
		if r.Action != seccomp.Allow || seen[nr] {
			return
		}
		seen[nr] = true
		call := seccomp.Call{Arch: seccomp.AMD64, Nr: nr}
		for _, a := range r.Args {
			call.Args[a.Index] = satisfying(a)
		}
		_, n, err := program.RunCount(call)
		if err != nil {
			b.Fatal(err)
		}
		total, calls = total+n, calls+1
	})
	return float64(total) / float64(calls)
}

// satisfying returns a value for which the condition holds.
func satisfying(a seccomp.Arg) uint64 {
	switch a.Op {
	case seccomp.NE, seccomp.GT:
		return a.Value + 1
	case seccomp.LT:
		return a.Value - 1
	}
	return a.Value
}
