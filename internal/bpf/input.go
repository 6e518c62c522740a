package bpf

// Input is struct seccomp_data as a filter sees it: sixteen 32-bit words in the byte order of the machine, word i at offset 4*i. The number is
// at 0, the AUDIT_ARCH value at 4, the instruction pointer at 8 and the six arguments from 16 on (include/uapi/linux/seccomp.h).
type Input [DataSize / 4]uint32

// NewInput lays one call out in memory. On a big-endian machine the upper half of a 64-bit field comes first.
func NewInput(nr, arch uint32, ip uint64, args [6]uint64, bigEndian bool) Input {
	in := Input{0: nr, 1: arch}
	in.set64(2, ip, bigEndian)
	for i, a := range args {
		in.set64(4+2*i, a, bigEndian)
	}
	return in
}

func (in *Input) set64(word int, v uint64, bigEndian bool) {
	lo, hi := word, word+1
	if bigEndian {
		lo, hi = hi, lo
	}
	in[lo], in[hi] = uint32(v), uint32(v>>32)
}
