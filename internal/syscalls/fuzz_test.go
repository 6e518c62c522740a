package syscalls

import "testing"

// Whatever the name, an answer is about that name, and no name is answered in two ways.
func FuzzNames(f *testing.F) {
	for name := range Names() {
		f.Add(name)
	}
	for _, a := range ABIs() {
		f.Add(a.SCMP())
	}
	f.Add("EPERM")
	f.Fuzz(func(t *testing.T, s string) {
		if id, ok := Lookup(s); ok && id.String() != s || ok != Known(s) {
			t.Errorf("Lookup(%q) = %q, %v", s, id, ok)
		}
		if a, ok := ParseABI(s); ok != a.Valid() {
			t.Errorf("ParseABI(%q) = %v, %v", s, a, ok)
		}
		for _, a := range []ABI{0, AMD64, X32, ARM, MIPS, PARISC, numABI} {
			if nr, ok := Number(a, s); ok {
				if name, _ := Name(a, nr); name != s {
					t.Errorf("%v: Number(%q) = %d, which is %q", a, s, nr, name)
				}
			}
			if n, ok := Errno(a, s); ok {
				if name, _ := ErrnoName(a, n); name == "" {
					t.Errorf("%v: error %d of %q has no name", a, n, s)
				}
			}
			Introduced(a, s)
			Multiplexed(a, s)
		}
	})
}

// Every number has at most one name, and the way back leads to it.
func FuzzNumbers(f *testing.F) {
	for _, nr := range []uint32{0, 335, 471, 547, 4000, 5000, 6000, 0xf0005, X32Bit, X32Bit + 512, ^uint32(0)} {
		f.Add(nr)
	}
	f.Fuzz(func(t *testing.T, nr uint32) {
		for a := ABI(0); a <= numABI; a++ {
			name, ok := Name(a, nr)
			if back, found := Number(a, name); ok != found || ok && back != nr {
				t.Errorf("%v: %d is %q, which is %d", a, nr, name, back)
			}
			MuxName(a, "socketcall", nr)
			MuxName(a, "ipc", nr)
			ErrnoName(a, uint16(nr))
		}
	})
}
