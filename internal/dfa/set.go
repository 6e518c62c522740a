package dfa

import "math/bits"

// Set is a set of bytes.
type Set [4]uint64

// Add puts b into the set.
func (s *Set) Add(b byte) { s[b>>6] |= 1 << (b & 63) }

// AddRange puts lo to hi, both included, into the set; the ends may come in either order.
func (s *Set) AddRange(lo, hi byte) {
	if lo > hi {
		lo, hi = hi, lo
	}
	for c := int(lo); c <= int(hi); c++ {
		s.Add(byte(c))
	}
}

// Has reports whether b is in the set.
func (s *Set) Has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }

// Negate returns every byte that is not in the set.
func (s Set) Negate() Set { return Set{^s[0], ^s[1], ^s[2], ^s[3]} }

// Len returns the number of bytes in the set.
func (s *Set) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// AllBytes returns the set of all 256 bytes.
func AllBytes() Set { return Set{}.Negate() }
