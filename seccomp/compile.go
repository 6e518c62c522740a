package seccomp

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/net/bpf"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

// CompileOptions say what a program is compiled for. They change its shape and speed, never its meaning, RuncStub excepted.
type CompileOptions struct {
	// Target is an ABI of the kernel that will run the program; its kernel's byte order and ABIs count. Zero is the
	// running binary's.
	Target Arch
	// Kernel is the oldest kernel to serve. From 5.11 on the kernel answers calls that a filter always allows without running it
	// (see Arch.HasBitmap), and the program favours the others. Zero is a current one.
	Kernel KernelVersion
	// Weights tell how often system calls are made, for short paths where they matter; names that are missing count
	// little. Only the proportions matter. Nil takes all known calls as equally frequent. See ParseMix.
	Weights map[string]uint64
	// RuncStub compiles p.WithRuncStub(Target) instead of p.
	RuncStub bool
}

// TooLargeError is a profile whose program would be longer than the kernel loads. It wraps ErrTooLarge.
type TooLargeError struct {
	Instructions int // what the program would have
	Limit        int // what the kernel loads
}

// Error says how long the program would be.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("seccomp: compile: %v: the program needs %d instructions, the kernel loads at most %d; use fewer argument "+
		"conditions or fewer ABIs", ErrTooLarge, e.Instructions, e.Limit)
}

// Unwrap returns ErrTooLarge.
func (e *TooLargeError) Unwrap() error { return ErrTooLarge }

// The compiler's stages, each a file: resolve gives the diagram (resolve.go, diagram.go); the branches of its dispositions
// become graphs of comparisons that share their tails (compile_args.go, compile_words.go), and the numbers of each ABI
// comparison trees above them (compile_tree.go, with the weights of compile_weights.go), all in one graph whose equal nodes are
// one (compile_graph.go), which the last stage writes out from its end (compile_layout.go).

// Compile makes the program that does what the profile says on the target's kernel. The same input always gives the same
// program. Every instruction on the way of a call that is always allowed is one that the kernel's bitmap understands.
//
// The errors are those of Validate, ErrNoArch, and ErrTooLarge where the argument conditions make the program longer than the
// kernel's limit (*TooLargeError) or need more work than this package is willing to spend.
func Compile(p *Profile, opts *CompileOptions) (*Program, error) {
	var o CompileOptions
	if opts != nil {
		o = *opts
	}
	if o.Target == 0 {
		o.Target = NativeArch()
	}
	if o.RuncStub {
		p = p.WithRuncStub(o.Target)
	}
	d, err := resolve(p, o.Target, false)
	if err != nil {
		return nil, fmt.Errorf("seccomp: compile: %w", err)
	}
	arches := p.listed(o.Target)
	code, err := compile(d, arches, newWeigher(&o))
	if err != nil {
		var tooLarge *TooLargeError
		if errors.As(err, &tooLarge) {
			return nil, err
		}
		return nil, fmt.Errorf("seccomp: compile: %w", err)
	}
	if err := bpfx.Check(code); err != nil {
		return nil, fmt.Errorf("seccomp: compile: the compiler made a program the kernel refuses, which is a bug: %w", err)
	}
	return &Program{code: code, target: d.target, arches: arches}, nil
}

// WithRuncStub returns the profile as runc compiles it: runc answers numbers above the highest one that the profile names in an
// ABI with ENOSYS, before any rule, unless the default action lets calls happen (libcontainer/seccomp/patchbpf). The
// receiver is not changed. A profile that has a rule for newer calls keeps it, and nil stays nil.
func (p *Profile) WithRuncStub(target Arch) *Profile {
	if p == nil || p.Newer != nil || p.Default.Kind() >= Trace {
		return p
	}
	enosys, ok := target.ErrnoNumber("ENOSYS")
	if !ok {
		return p
	}
	q := *p
	q.Newer = &Newer{Action: Errno(enosys)}
	return &q
}

// An attempt is a way to compile a diagram.
type attempt struct {
	outline bool           // let calls share the code of 64-bit comparisons: slower and smaller
	rank    [MaxArgs]uint8 // the order in which arguments are tested
}

// compile turns a diagram into instructions. If they are too many it tries again with shared comparisons, and both ways with
// the arguments in the opposite order.
func compile(d *diagram, arches []Arch, w *weigher) ([]bpf.RawInstruction, error) {
	var failure error
	for _, rank := range [...][MaxArgs]uint8{{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}} {
		for _, outline := range [...]bool{false, true} {
			code, err := attempt{outline, rank}.compile(d, arches, w)
			switch {
			case err != nil:
				failure = cmp.Or(failure, err)
			case len(code) <= bpfx.MaxInstructions:
				return code, nil
			default:
				failure = shorter(failure, len(code))
				continue
			}
			break // shared comparisons do not help against too many cases
		}
	}
	return nil, failure
}

// shorter returns the error for a program of n instructions if that is the shortest so far, else the error it is given.
func shorter(failure error, n int) error {
	var before *TooLargeError
	if errors.As(failure, &before) && before.Instructions <= n {
		return failure
	}
	return &TooLargeError{n, bpfx.MaxInstructions}
}

func (a attempt) compile(d *diagram, arches []Arch, w *weigher) ([]bpf.RawInstruction, error) {
	c := &compiler{weigher: w, arches: arches}
	c.args.prepare(&c.graph, d.target.BigEndian(), a)
	root, err := c.diagram(d)
	if err != nil {
		return nil, err
	}
	return c.layout.assemble(&c.graph, root), nil
}

// A compiler is the state of one attempt. It brings the memory that programs of the usual size need, in one piece: a program
// that confines itself as it starts pays for each page it touches first.
type compiler struct {
	graph   graph
	args    argBuilder
	layout  layout
	weigher *weigher
	arches  []Arch
	done    []compiled // dispositions already compiled
	leaves  []leaf

	doneMemory [8]compiled
	leafMemory [128]leaf
}

// compiled is a disposition and the node that it became.
type compiled struct {
	disp *disposition
	node nodeID
}

// The words of struct seccomp_data that every program looks at.
const (
	wordNr   = bpfx.OffsetNr / 4
	wordArch = bpfx.OffsetArch / 4
)

// What a comparison more in the program costs next to the execution of one, all calls together being maxWeight.
const (
	numberInstr = maxWeight / 64
	argInstr    = maxWeight / 4
)

// diagram returns the node where the program begins.
func (c *compiler) diagram(d *diagram) (nodeID, error) {
	root := c.graph.ret(d.foreign.Ret())
	for i := len(d.spaces) - 1; i >= 0; i-- {
		s := &d.spaces[i]
		numbers, err := c.space(s)
		if err != nil {
			return 0, err
		}
		root = c.graph.test(wordArch, allOnes, bpfx.TestEq, s.arch.AuditArch(), numbers, root)
	}
	return root, nil
}

// space returns the node that decides about the numbers of one arch value.
func (c *compiler) space(s *space) (nodeID, error) {
	if c.leaves == nil {
		c.leaves, c.done = c.leafMemory[:0], c.doneMemory[:0]
	}
	c.leaves = slices.Grow(c.leaves[:0], len(s.runs))
	for _, r := range s.runs {
		to, err := c.node(r.disp)
		if err != nil {
			return 0, err
		}
		c.leaves = append(c.leaves, leaf{lo: r.lo, hi: r.hi, to: to})
	}
	c.weigher.weigh(c.leaves, s, c.arches)
	return c.args.tree.tree(wordNr, allOnes, c.leaves, numberInstr), nil
}

// node returns the node of a disposition.
func (c *compiler) node(d *disposition) (nodeID, error) {
	for _, known := range slices.Backward(c.done) {
		if known.disp == d {
			return known.node, nil
		}
	}
	id, err := c.args.disposition(d)
	if err != nil {
		return 0, err
	}
	c.done = append(c.done, compiled{d, id})
	return id, nil
}
