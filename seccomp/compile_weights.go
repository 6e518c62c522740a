package seccomp

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/internal/syscalls"
)

// What a call weighs when no mix is given. A kernel with the bitmap never runs the program for a call that it always allows,
// so those count less; but they do count, for the kernel may be older than told or another filter may spoil the bitmap.
const (
	weightAllowed = 64 // always allowed, answered by the bitmap
	weightOther   = 96
	weightX32     = 1 // nothing uses x32, whose numbers share a tree with amd64's
	weightUnknown = 1 // a run without known calls
)

// How a mix weighs next to that.
const (
	mixTotal    = 1 << 22 // the sum of all its calls
	bitmapShare = 16      // divides what the bitmap answers
)

// bitmapSince is the first kernel that answers constant allows from a bitmap: commit 8e01b51a31a1 ("seccomp/cache: Add
// "emulator" to check if filter is constant allow"), Linux 5.11.
var bitmapSince = KernelVersion{5, 11}

// HasBitmap reports whether kernels of that version (zero: a current one) keep, for calls of this ABI, a bitmap of those that
// a filter always allows. SECCOMP_ARCH_NATIVE and SECCOMP_ARCH_COMPAT in arch/*/include/asm/seccomp.h name the ABIs: not
// x32, whose numbers are outside the table, not MIPS and not m68k.
func (a Arch) HasBitmap(kernel KernelVersion) bool {
	if !kernel.IsZero() && kernel.Less(bitmapSince) {
		return false
	}
	switch a.Primary() {
	case AMD64, ARM64, RISCV64, LOONG64, S390X, PPC64LE, PPC64, PARISC64, SH, SHEB:
		return a != X32
	}
	return false
}

// weigher estimates how often numbers occur.
type weigher struct {
	kernel KernelVersion
	mix    map[string]uint64
	total  uint64
}

func newWeigher(opts *CompileOptions) *weigher {
	w := &weigher{kernel: opts.Kernel, mix: opts.Weights}
	for _, n := range opts.Weights {
		w.total += min(n, 1<<48) // 2^15 names at most, so this cannot overflow
	}
	return w
}

// call returns the weight of one known call.
func (w *weigher) call(arch Arch, name string, constAllow bool) uint32 {
	answered := constAllow && arch.HasBitmap(w.kernel)
	weight := uint64(weightOther)
	switch {
	case w.total > 0:
		weight = weightAllowed + mulDiv(min(w.mix[name], 1<<48), mixTotal, w.total)
		if answered {
			weight /= bitmapShare
		}
	case answered:
		weight = weightAllowed
	}
	if arch == X32 {
		weight /= weightOther / weightX32
	}
	return uint32(max(weight, 1))
}

func mulDiv(a, b, c uint64) uint64 { return uint64(float64(a) * float64(b) / float64(c)) }

// leaves returns the runs of a space as leaves with weights, in the memory of to if there is enough. node returns what a
// disposition was compiled to.
func (w *weigher) leaves(to []leaf, s *space, arches []Arch, node func(*disposition) nodeID) []leaf {
	to = slices.Grow(to[:0], len(s.runs))
	for _, r := range s.runs {
		to = append(to, leaf{lo: r.lo, hi: r.hi, to: node(r.disp), weight: weightUnknown})
	}
	at := 0
	for _, arch := range arches {
		if arch.AuditArch() != s.arch.AuditArch() {
			continue
		}
		for nr, name := range syscalls.All(arch.abi()) {
			for to[at].hi < nr {
				at++
			}
			d := s.runs[at].disp
			to[at].weight += w.call(arch, name, len(d.branches) == 0 && d.otherwise.action == Allow)
		}
	}
	return to
}

// ParseMix reads how often a program makes each system call, for CompileOptions.Weights: lines of a name and a count, in any
// order, as in
//
//	read 11536
//	futex 771
//
// Empty lines and lines that begin with # are skipped; a name that comes twice adds up. The error names the line.
func ParseMix(r io.Reader) (map[string]uint64, error) {
	mix := map[string]uint64{}
	scan := bufio.NewScanner(r)
	for line := 1; scan.Scan(); line++ {
		fields := strings.Fields(scan.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("seccomp: mix: line %d: want a system call and a count, have %d words", line, len(fields))
		}
		n, err := strconv.ParseUint(fields[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("seccomp: mix: line %d: count %q: %w", line, fields[1], err)
		}
		if !syscalls.Known(fields[0]) {
			return nil, fmt.Errorf("seccomp: mix: line %d: %q: %w", line, fields[0], ErrUnknownSyscall)
		}
		mix[fields[0]] += n
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("seccomp: mix: %w", err)
	}
	return mix, nil
}
