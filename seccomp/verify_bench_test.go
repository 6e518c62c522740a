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
