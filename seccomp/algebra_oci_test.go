package seccomp_test

import (
	"os"
	"sync"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/oci"
)

func importShared(t *testing.T, name string) *seccomp.Profile {
	t.Helper()
	data, err := os.ReadFile(testenv.Shared(t, "corpora/seccomp/"+name))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := oci.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := oci.Import(spec, &oci.ImportOptions{Arch: seccomp.AMD64})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCombinedProfilesAreOCI: what Intersect and Union make of real profiles goes out as OCI and comes back as the same.
func TestCombinedProfilesAreOCI(t *testing.T) {
	docker := importShared(t, "p1-oci.json")
	for _, name := range []string{"p1-oci.json", "node-api.json", "basic.json"} {
		p := importShared(t, name)
		same, err := seccomp.Intersect(p, p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d, err := seccomp.Equal(same, p); d != nil || err != nil {
			t.Errorf("%s and itself: %v, %v", name, d, err)
		}
		both, err := seccomp.Intersect(p, docker)
		if err != nil {
			t.Errorf("%s and Docker's: %v", name, err)
			continue
		}
		for _, q := range []*seccomp.Profile{same, both} {
			spec, diags, err := oci.Export(q, nil)
			if err != nil {
				t.Errorf("%s: %v, %v", name, err, diags)
				continue
			}
			back, _, err := oci.Import(spec, &oci.ImportOptions{Arch: seccomp.AMD64})
			if err != nil {
				t.Fatal(err)
			}
			if d, err := seccomp.Equal(back, q); d != nil || err != nil {
				t.Errorf("%s through OCI: %v, %v", name, d, err)
			}
		}
	}
}

func TestSimulatorIsShared(t *testing.T) {
	sim, err := seccomp.NewSimulator(&seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: []string{"read"}, Action: seccomp.Allow}}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, arch := range []seccomp.Arch{seccomp.AMD64, seccomp.ARM64, seccomp.S390X, seccomp.RISCV64} {
		for range 4 {
			wg.Go(func() {
				call, err := seccomp.CallByName(arch, "read")
				if err != nil {
					t.Error(err)
					return
				}
				if a, err := sim.Simulate(call); a != seccomp.Allow || err != nil {
					t.Errorf("%v: %v, %v", call, a, err)
				}
				if e, err := sim.Explain(call); e.Rule != 0 || err != nil {
					t.Errorf("%v: %v, %v", call, &e, err)
				}
			})
		}
	}
	wg.Wait()
}
