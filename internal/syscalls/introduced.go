package syscalls

// Introduced returns the kernel version that first has the call on this ABI, as major and minor: {5, 1}, and {2, 6} for
// all of 2.6.x. False where a has no such call or no source says when: treat it as unknown, not as old. The sources are in
// internal/cmd/gensyscalls/testdata/README.md.
func Introduced(a ABI, name string) (major, minor uint8, ok bool) {
	id, ok := Lookup(name)
	if !ok || !a.Valid() {
		return 0, 0, false
	}
	v := versions[introduced[abis[a].table][id]]
	return v[0], v[1], v[0] != 0
}
