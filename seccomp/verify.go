package seccomp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/symbolic"
)

// ErrUndecided is a proof that was not found, in either direction: the program multiplies, divides or returns values that are not
// known, or needs more memory or time than the prover allows itself. The text names the instruction.
var ErrUndecided = errors.New("cannot be decided")

// Mismatch is a call for which a program does not do what was expected.
type Mismatch struct {
	Call      Call   // Call.Arch is zero if AuditArch belongs to no ABI
	AuditArch uint32 // the call's seccomp_data.arch
	Got       Action // the kernel's action for the program's answer
	Want      Action // what the profile, or the other program, says
	Path      []int  // the instructions that the program executes for the call, by index
}

// Error returns "amd64 kill(1, 60, 0, 0, 0, 0): the program's action is allow, want errno 1 (instructions 0 1 4)".
func (m *Mismatch) Error() string {
	call := m.Call.String()
	if m.Call.Arch == 0 {
		call = fmt.Sprintf("number %#x of arch value %#x", m.Call.Nr, m.AuditArch)
	}
	return fmt.Sprintf("seccomp: %s: the program's action is %v, want %v (instructions %s)", call, m.Got, m.Want, pathText(m.Path))
}

// pathText prints a path, of a long one the ends.
func pathText(path []int) string {
	const ends = 6
	text := func(part []int) string { return strings.Trim(fmt.Sprint(part), "[]") }
	if len(path) <= 2*ends+1 {
		return text(path)
	}
	return fmt.Sprintf("%s, %d others, %s", text(path[:ends]), len(path)-2*ends, text(path[len(path)-ends:]))
}

// Verify proves that the program does what the profile says for every input: every arch value, number, argument and instruction
// pointer, upper halves of 32-bit ABIs' arguments included. It returns nil if the proof succeeds and a *Mismatch with a call for
// which it is not so otherwise. Actions are compared as the kernel takes them (see ActionFromRet).
//
// The program may be anybody's, for any kernel. Other errors: the profile's, as from Compile, and ErrUndecided.
//
// The method: the program is executed on all inputs at once, which gives a decision diagram; another one is made from the
// profile; diagrams are unique, so equal functions are equal pointers (package internal/symbolic).
func Verify(prog *Program, p *Profile) error {
	if err := prog.check(); err != nil {
		return fmt.Errorf("seccomp: verify: %w", err)
	}
	if err := p.present(); err != nil {
		return fmt.Errorf("seccomp: verify: %w", err)
	}
	d, err := resolve(p, prog.profileTarget(p), false)
	if err != nil {
		return fmt.Errorf("seccomp: verify: %w", err)
	}
	g := bdd.New(maxDiagramNodes)
	want := d.function(g)
	if err := g.Err(); err != nil {
		return fmt.Errorf("seccomp: verify: the profile %w: %w", ErrUndecided, err)
	}
	return prog.compare(g, want)
}

// VerifyPrograms proves that the program does the same as another one of the same kernel, for every input. It returns nil,
// a *Mismatch where want's action is Want, or ErrUndecided.
func VerifyPrograms(prog, want *Program) error {
	if err := errors.Join(prog.check(), want.check()); err != nil {
		return fmt.Errorf("seccomp: verify: %w", err)
	}
	if prog.target != want.target {
		return fmt.Errorf("seccomp: verify: %w", invalid("programs for kernels of %v and %v", prog.target, want.target))
	}
	g := bdd.New(maxDiagramNodes)
	n, err := want.function(g)
	if err != nil {
		return err
	}
	return prog.compare(g, n)
}

// check refuses the zero Program.
func (p *Program) check() error {
	if p == nil || len(p.code) == 0 {
		return invalid("no program; use Compile or NewProgram")
	}
	return nil
}

// profileTarget returns the ABI that a profile which lists none means in this program: the one it was compiled for, else the
// kernel's primary one.
func (p *Program) profileTarget(profile *Profile) Arch {
	if profile.Arches == nil && len(p.arches) == 1 {
		return p.arches[0]
	}
	return p.target
}

// function returns the program as a function from inputs to actions.
func (p *Program) function(g *bdd.Graph) (bdd.Node, error) {
	n, err := symbolic.Execute(g, p.code, p.target.BigEndian(), func(ret uint32) uint32 { return uint32(ActionFromRet(ret)) })
	if err != nil {
		return n, fmt.Errorf("seccomp: verify: the program %w: %w", ErrUndecided, err)
	}
	return n, nil
}

// compare proves that the program is the function want.
func (p *Program) compare(g *bdd.Graph, want bdd.Node) error {
	got, err := p.function(g)
	if err != nil {
		return err
	}
	if got == want {
		return nil
	}
	m := &Mismatch{}
	m.Call, m.AuditArch = differ(g, got, want, p.target)
	in := bpf.NewInput(m.Call.Nr, m.AuditArch, m.Call.IP, m.Call.Args, p.target.BigEndian())
	ret, path, err := bpf.Trace(p.code, &in)
	if err != nil {
		return fmt.Errorf("seccomp: verify: %w", err)
	}
	m.Got, m.Path = ActionFromRet(ret), path
	m.Want = value(g, want, m.Call, m.AuditArch)
	return m
}
