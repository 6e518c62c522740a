package seccomp

import (
	"math/rand/v2"
	"testing"
)

// FuzzCompileVerify makes a profile of the fuzzer's bytes, compiles it, and compares the program, the proof and the simulation with the oracle.
func FuzzCompileVerify(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a profile is made of these bytes, eight for each choice, so that a longer text is a larger profile with more rules in it"))
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		b := make([]byte, 800)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g := generator{rand.New(&byteSource{b: b})}
		p, target := g.profile()
		if err := p.Validate(); err != nil {
			t.Fatalf("the generator makes invalid profiles: %v", err)
		}
		check(t, newGenerator(uint64(len(b))), p, target, 1)
	})
}

// FuzzAlgebra makes two profiles of the fuzzer's bytes and compares everything that compares and combines profiles with the oracle.
func FuzzAlgebra(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("two profiles are made of these bytes, eight for each choice, and whatever compares them has to agree with the oracle"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := pairOf(generator{rand.New(&byteSource{b: b})})
		checkOrder(t, x)
		checkDiff(t, x)
		for _, c := range combiners() {
			c.check(t, x)
		}
	})
}
