package dfa

// classify splits the bytes into the coarsest classes that no literal and no set used by the builder tells apart.
// It returns the class of each byte, a readable member of each class, and for each set the classes it covers.
func (b *Builder) classify() (class [256]uint8, rep []byte, cover []Set) {
	var id [256]int
	n := 1
	split := func(in func(c byte) bool) {
		fresh := map[int]int{}
		for c := range 256 {
			if !in(byte(c)) {
				continue
			}
			if _, ok := fresh[id[c]]; !ok {
				fresh[id[c]] = n
				n++
			}
			id[c] = fresh[id[c]]
		}
	}
	for i := range b.list {
		split(b.list[i].Has)
	}
	var used Set
	for i := range b.nodes {
		for _, e := range b.nodes[i].lit {
			used.Add(e.b)
		}
	}
	for c := range 256 {
		if used.Has(byte(c)) {
			id[c] = n
			n++
		}
	}
	class, rep = compact(&id)
	cover = make([]Set, len(b.list))
	for i := range b.list {
		for k, r := range rep {
			if b.list[i].Has(r) {
				cover[i].Add(byte(k))
			}
		}
	}
	return class, rep, cover
}

// compact renumbers arbitrary class ids densely. The first class is one with the fewest literals in it by
// construction of preference: the class of the last unreadable byte, which patterns rarely name.
func compact(id *[256]int) (class [256]uint8, rep []byte) {
	seen := map[int]uint8{}
	order := readable()
	seen[id[0xff]] = 0
	rep = append(rep, 0xff)
	for _, c := range order {
		k, ok := seen[id[c]]
		if !ok {
			k = uint8(len(rep))
			seen[id[c]] = k
			rep = append(rep, c)
		}
		if k == 0 && rep[0] == 0xff {
			rep[0] = c
		}
		class[c] = k
	}
	return class, rep
}

// readable lists all bytes, those that read well in a witness first.
func readable() [256]byte {
	var out [256]byte
	n := 0
	var done Set
	put := func(lo, hi int) {
		for c := lo; c <= hi; c++ {
			if !done.Has(byte(c)) {
				done.Add(byte(c))
				out[n] = byte(c)
				n++
			}
		}
	}
	put('x', 'z')
	put('a', 'z')
	put('0', '9')
	put('A', 'Z')
	put('/', '/')
	put('-', '.')
	put('_', '_')
	put('!', '~')
	put(' ', ' ')
	put(0, 255)
	return out
}
