package seccomp

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/internal/syscalls"
)

// What a call weighs when no mix is given. A kernel with the bitmap runs the program only for what is left, of which programs
// make the refused calls seldom. Calls that the bitmap answers count all the same, for the kernel may be older than told, or
// another filter may spoil the bitmap.
const (
	weightAnswered = 64   // always allowed, on a kernel with the bitmap
	weightRun      = 1024 // the program runs, and the call may happen
	weightX32      = 1    // nothing uses x32, whose numbers share a tree with amd64's
	weightUnknown  = 1    // a run without known calls
	refusedShare   = 25   // all refused calls together weigh what this many percent of the others weigh
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
	kinds  []callKind
}

func newWeigher(opts *CompileOptions) *weigher {
	w := &weigher{kernel: opts.Kernel, mix: opts.Weights}
	for _, n := range opts.Weights {
		w.total += min(n, 1<<48) // 2^15 names at most, so this cannot overflow
	}
	return w
}

// A kind of call is what makes it weigh.
type callKind uint8

const (
	callRefused  callKind = iota // never happens as asked
	callAnswered                 // always allowed, on a kernel with the bitmap
	callRun                      // the program runs, and the call may happen
	callX32
	callKinds
)

func (w *weigher) kind(arch Arch, d *disposition) callKind {
	constant := len(d.branches) == 0
	switch {
	case arch == X32:
		return callX32
	case constant && d.otherwise.action < Notify:
		return callRefused
	case constant && d.otherwise.action == Allow && arch.HasBitmap(w.kernel):
		return callAnswered
	}
	return callRun
}

// weights returns what one call of each kind weighs when there are so many of each.
func weights(count [callKinds]uint32) [callKinds]uint32 {
	weight := [callKinds]uint32{callAnswered: weightAnswered, callRun: weightRun, callX32: weightX32}
	others := count[callAnswered]*weightAnswered + count[callRun]*weightRun
	weight[callRefused] = max(others/100*refusedShare/max(count[callRefused], 1), 1)
	return weight
}

// mixed returns what the mix adds to a call's weight.
func (w *weigher) mixed(name string, kind callKind) uint32 {
	weight := mulDiv(min(w.mix[name], 1<<48), mixTotal, w.total)
	if kind == callAnswered {
		weight /= bitmapShare
	}
	return uint32(weight)
}

func mulDiv(a, b, c uint64) uint64 { return uint64(float64(a) * float64(b) / float64(c)) }

// weigh gives the leaves, which are the space's runs, their weights. Leaves come without.
func (w *weigher) weigh(leaves []leaf, s *space, arches []Arch) {
	kinds := slices.Grow(w.kinds[:0], len(leaves))[:len(leaves)] // of the runs' calls; x32's share no run with amd64's that matters
	clear(kinds)
	at := 0
	for _, arch := range arches {
		if arch.AuditArch() != s.arch.AuditArch() {
			continue
		}
		for nr := range syscalls.All(arch.abi()) {
			for leaves[at].hi < nr {
				at++
			}
			if leaves[at].weight++; leaves[at].weight == 1 {
				kinds[at] = w.kind(arch, s.runs[at].disp)
			}
		}
	}
	var count [callKinds]uint32
	for i, l := range leaves {
		count[kinds[i]] += l.weight
	}
	weight := weights(count)
	for i := range leaves {
		leaves[i].weight = weightUnknown + leaves[i].weight*weight[kinds[i]]
	}
	w.kinds = kinds
	if w.total > 0 {
		w.addMix(leaves, s.arch)
	}
}

// addMix adds the mix to the weights of the leaves, which are in the order of weigh's last call.
func (w *weigher) addMix(leaves []leaf, arch Arch) {
	at := 0
	for nr, name := range syscalls.All(arch.abi()) {
		for leaves[at].hi < nr {
			at++
		}
		leaves[at].weight += w.mixed(name, w.kinds[at])
	}
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
		mix[fields[0]] = min(mix[fields[0]], math.MaxUint64-n) + n // no more than fits
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("seccomp: mix: %w", err)
	}
	return mix, nil
}
