package syscalls

import "iter"

// none marks an absent entry in the generated tables.
const none = 0xffff

// ARM's private calls (arch/arm/include/uapi/asm/unistd.h, __ARM_NR_BASE): breakpoint, cacheflush, set_tls... The
// 16-bit tables hold them as armPacked+n.
const (
	armPrivate = 0xf0000
	armPacked  = 0xf000
)

// An ID stands for a system call name: its index in the sorted list of all names. Look a name up once, then ask each
// ABI by ID. IDs change when the tables are regenerated; never store one.
type ID uint16

// Lookup returns the ID of a name, false where no ABI has such a call. Its time does not grow with hostile input.
func Lookup(name string) (ID, bool) {
	if len(name) > longestName {
		return 0, false
	}
	h := uint32(2166136261) // FNV-1a, as the generator does
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	for h &= hashMask; nameSlots[h] != none; h = (h + 1) & hashMask {
		if id := ID(nameSlots[h]); id.String() == name {
			return id, true
		}
	}
	return 0, false
}

// String returns the name, "" for a value that Lookup did not return.
func (id ID) String() string {
	if id >= numNames {
		return ""
	}
	return nameText[nameAt[id]:nameAt[id+1]]
}

// Number returns the number of the call on a as seccomp_data.nr holds it: X32's include X32Bit, those of the MIPS ABIs
// their 4000, 5000 or 6000. False where a has no such call.
func (id ID) Number(a ABI) (uint32, bool) {
	if !a.Valid() || id >= numNames {
		return 0, false
	}
	nr := numbers[abis[a].table][id]
	switch {
	case nr == none:
		return 0, false
	case nr >= armPacked:
		return armPrivate + uint32(nr-armPacked), true
	}
	return abis[a].base + uint32(nr), true
}

// Number returns the number of the named call on a; see [ID.Number].
func Number(a ABI, name string) (nr uint32, ok bool) {
	id, ok := Lookup(name)
	if !ok {
		return 0, false
	}
	return id.Number(a)
}

// Name returns the name of the call with number nr, given as seccomp_data.nr holds it.
func Name(a ABI, nr uint32) (name string, ok bool) {
	if !a.Valid() {
		return "", false
	}
	t := abis[a].table
	if t == tableARM && nr >= armPrivate {
		return armPrivateName(nr)
	}
	nr -= abis[a].base // wraps to a huge number below the base
	if nr >= numDense || byNumber[t][nr] == none {
		return "", false
	}
	return ID(byNumber[t][nr]).String(), true
}

func armPrivateName(nr uint32) (string, bool) {
	for id, packed := range numbers[tableARM] {
		if packed != none && packed >= armPacked && nr == armPrivate+uint32(packed-armPacked) {
			return ID(id).String(), true
		}
	}
	return "", false
}

// Known reports whether any ABI has a call of that name.
func Known(name string) bool {
	_, ok := Lookup(name)
	return ok
}

// Names yields every name of any ABI, sorted.
func Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for id := range ID(numNames) {
			if !yield(id.String()) {
				return
			}
		}
	}
}

// All yields the calls of a by ascending number, ARM's private ones last.
func All(a ABI) iter.Seq2[uint32, string] {
	return func(yield func(uint32, string) bool) {
		if !a.Valid() {
			return
		}
		for nr, id := range byNumber[abis[a].table] {
			if id != none && !yield(abis[a].base+uint32(nr), ID(id).String()) {
				return
			}
		}
		if abis[a].table != tableARM {
			return
		}
		for nr := uint32(armPrivate); nr < armPrivate+16; nr++ {
			if name, ok := armPrivateName(nr); ok && !yield(nr, name) {
				return
			}
		}
	}
}

// Max returns the highest number of a's table, ARM's private range left out; 0 for no ABI. A call above it is newer
// than these tables (Linux 7.1).
func Max(a ABI) uint32 {
	if !a.Valid() {
		return 0
	}
	return abis[a].base + uint32(highest[abis[a].table])
}
