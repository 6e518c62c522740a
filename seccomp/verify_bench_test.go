package seccomp

import "testing"

func TestVerifyDocker(t *testing.T) {
	p := readOCI(t, dockerDefault)
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(prog, p); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkVerifyDocker(b *testing.B) {
	p := readOCI(b, dockerDefault)
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(prog, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(prog.Len()), "insns")
}

func BenchmarkSimulate(b *testing.B) {
	p := readOCI(b, dockerDefault)
	c := Call{Arch: AMD64, Nr: 1}
	for b.Loop() {
		if _, err := p.Simulate(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSimulator(b *testing.B) {
	s, err := NewSimulator(readOCI(b, dockerDefault))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Simulate(Call{Arch: AMD64, Nr: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

// largeProfile has two 64-bit conditions on random bounds for each of amd64's first numbers.
func largeProfile() *Profile {
	g := newGenerator(4)
	p := &Profile{Default: Errno(1), Arches: []Arch{AMD64}}
	for nr := range uint32(335) {
		if name, ok := AMD64.CallName(nr); ok {
			p.Rules = append(p.Rules, Rule{Names: []string{name}, Action: Allow, Args: []Arg{
				{Index: 0, Op: Op(g.IntN(6)), Value: g.Uint64() | 2}, {Index: 1, Op: Op(g.IntN(6)), Value: g.Uint64() | 2}}})
		}
	}
	return p
}

func BenchmarkVerifyLarge(b *testing.B) {
	p := largeProfile()
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(prog, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(prog.Len()), "insns")
}

func TestVerifyLarge(t *testing.T) {
	p := largeProfile()
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(prog, p); err != nil {
		t.Error(err)
	}
	if q, err := Intersect(p, p); err != nil {
		t.Error(err)
	} else if d, err := Equal(p, q); d != nil || err != nil {
		t.Errorf("the profile and itself intersected: %v, %v", d, err)
	}
	p.Rules[200].Args[1].Value++
	if err := Verify(prog, p); err == nil {
		t.Error("one bound of 670 changed unnoticed")
	}
}
