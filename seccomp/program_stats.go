package seccomp

import (
	"fmt"
	"strings"

	bpfx "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/syscalls"
)

// Stats are figures about a program, computed from its instructions alone.
type Stats struct {
	Instructions int         // length; the kernel loads at most MaxInstructions
	Depth        int         // instructions on the longest way through the program
	Cached       int         // calls that the kernel's bitmap will answer
	Mean         float64     // instructions executed per call of the mix, if every call runs the program
	MeanUncached float64     // the same with calls that the bitmap answers counted as 0
	Calls        []CallStats // every known call of the program's ABIs, ABI by ABI, by number
}

// CallStats say what the program does with one system call.
type CallStats struct {
	Arch     Arch
	Nr       uint32
	Name     string
	Constant bool   // the action is Action whatever the arguments; else Action is the zero Action
	Action   Action // see Constant
	Cached   bool   // the kernel's bitmap answers the call (see Arch.HasBitmap), given a kernel since 5.11
	Min, Max int    // instructions executed, at least and at most
}

// Stats returns figures about the program. mix tells how often calls of the target ABI are made (see ParseMix), for Mean and
// MeanUncached; with a nil mix each call that the program can allow counts once. Where arguments matter the longest way
// counts.
func (p *Program) Stats(mix map[string]uint64) Stats {
	w := newWalker(p)
	s := Stats{Instructions: len(p.code)}
	if len(p.code) > 0 {
		s.Depth = w.bounds[0].most
	}
	var total, sum, uncached float64
	for _, arch := range p.arches {
		for nr, name := range syscalls.All(arch.abi()) {
			c := w.call(arch, nr)
			c.Name = name
			s.Calls = append(s.Calls, c)
			if c.Cached {
				s.Cached++
			}
			weight := float64(mix[name])
			if mix == nil && (!c.Constant || c.Action >= Log) {
				weight = 1
			}
			if arch != p.arches[0] {
				continue
			}
			total += weight
			sum += weight * float64(c.Max)
			if !c.Cached {
				uncached += weight * float64(c.Max)
			}
		}
	}
	if total > 0 {
		s.Mean, s.MeanUncached = sum/total, uncached/total
	}
	return s
}

// String returns the figures in one line.
func (s Stats) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d instructions, depth %d, %d of %d calls cached", s.Instructions, s.Depth, s.Cached, len(s.Calls))
	if s.Mean > 0 {
		fmt.Fprintf(&b, ", %.1f executed per call, %.1f without cached ones", s.Mean, s.MeanUncached)
	}
	return b.String()
}

// A walker follows calls of which only number and arch value are known.
type walker struct {
	p      *Program
	bounds []bounds // by instruction
}

// bounds say how many instructions are executed from one to a return, whatever the input.
type bounds struct{ least, most int }

func newWalker(p *Program) *walker {
	w := &walker{p, make([]bounds, len(p.code))}
	for pc := len(p.code) - 1; pc >= 0; pc-- {
		yes, no, ok := bpfx.Successors(p.code, pc)
		if !ok {
			w.bounds[pc] = bounds{1, 1}
			continue
		}
		a, b := w.bounds[yes], w.bounds[no]
		w.bounds[pc] = bounds{1 + min(a.least, b.least), 1 + max(a.most, b.most)}
	}
	return w
}

// call follows one call to its return or to the first instruction that needs more than number and arch value.
func (w *walker) call(arch Arch, nr uint32) CallStats {
	c := CallStats{Arch: arch, Nr: nr}
	pc, steps, constant, ret := bpfx.Follow(w.p.code, nr, arch.AuditArch())
	if constant {
		c.Constant, c.Action, c.Min, c.Max = true, ActionFromRet(ret), steps, steps
		c.Cached = ret == Allow.Ret() && arch.HasBitmap(KernelVersion{})
		return c
	}
	c.Min, c.Max = steps+w.bounds[pc].least, steps+w.bounds[pc].most
	return c
}
