package interop

import (
	"fmt"
	"slices"
	"testing"

	elastic "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/net/bpf"
	gvisor "gvisor.dev/gvisor/pkg/seccomp"

	"github.com/gostockade/stockade/seccomp"
)

// A peer compiles a profile for amd64 alone.
type peer struct {
	name    string
	compile func(*seccomp.Profile) (*seccomp.Program, error)
	// known drops from a profile what the peer's release does not know.
	known func(*seccomp.Profile) *seccomp.Profile
	// faulty reports whether the peer is known to compile the profile wrongly.
	faulty func(*seccomp.Profile) bool
}

// peers are the compilers of this module and of those published for Go.
func peers() []peer {
	whole := func(p *seccomp.Profile) *seccomp.Profile { return p }
	never := func(*seccomp.Profile) bool { return false }
	conditional := func(p *seccomp.Profile) bool { // elastic compares a failed argument with the next numbers
		return slices.ContainsFunc(p.Rules, func(r seccomp.Rule) bool { return len(r.Args) > 0 })
	}
	return append([]peer{
		{"stockade", func(p *seccomp.Profile) (*seccomp.Program, error) {
			return seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64})
		}, whole, never},
		{"gvisor", compileGvisor, whole, never},
		{"elastic", compileElastic, whole, conditional},
	}, cgoPeers()...)
}

// eachCall calls f for every amd64 call that a rule names.
func eachCall(p *seccomp.Profile, f func(r *seccomp.Rule, name string, nr uint32)) {
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Arches != nil && !slices.Contains(r.Arches, seccomp.AMD64) {
			continue
		}
		for _, name := range r.Names {
			if nr, ok := seccomp.AMD64.Number(name); ok {
				f(r, name, nr)
			}
		}
	}
}

// compileGvisor compiles with gVisor's builder.
func compileGvisor(p *seccomp.Profile) (*seccomp.Program, error) {
	sets := map[seccomp.Action]gvisor.SyscallRules{}
	order := []seccomp.Action{}
	eachCall(p, func(r *seccomp.Rule, _ string, nr uint32) {
		rules, ok := sets[r.Action]
		if !ok {
			rules = gvisor.NewSyscallRules()
			sets[r.Action], order = rules, append(order, r.Action)
		}
		rules.Add(uintptr(nr), gvisorRule(r.Args))
	})
	slices.Sort(order)
	var list []gvisor.RuleSet
	for _, a := range order {
		act, err := gvisorAction(a)
		if err != nil {
			return nil, err
		}
		list = append(list, gvisor.RuleSet{Rules: sets[a], Action: act})
	}
	def, err := gvisorAction(p.Default)
	if err != nil {
		return nil, err
	}
	bad, err := gvisorAction(p.Foreign)
	if err != nil {
		return nil, err
	}
	program := gvisor.Program{RuleSets: list, Options: gvisor.ProgramOptions{DefaultAction: def, BadArchAction: bad}}
	built, _, err := program.Build()
	if err != nil {
		return nil, err
	}
	insns := make([]bpf.RawInstruction, len(built))
	for i, in := range built {
		insns[i] = bpf.RawInstruction{Op: in.OpCode, Jt: in.JumpIfTrue, Jf: in.JumpIfFalse, K: in.K}
	}
	return seccomp.NewProgram(insns, seccomp.AMD64)
}

func gvisorAction(a seccomp.Action) (gvisor.Action, error) {
	switch {
	case a == seccomp.Allow:
		return gvisor.Allow, nil
	case a == seccomp.KillProcess:
		return gvisor.KillProcess, nil
	case a.IsErrno():
		return gvisor.ReturnError.Code(a.Data()), nil
	}
	return "", fmt.Errorf("gVisor has no %v", a)
}

func gvisorRule(args []seccomp.Arg) gvisor.SyscallRule {
	if len(args) == 0 {
		return gvisor.MatchAll{}
	}
	per := gvisor.PerArg{}
	for i := range per {
		per[i] = gvisor.AnyValue{}
	}
	for _, a := range args {
		per[a.Index] = gvisorMatcher(a)
	}
	return per
}

func gvisorMatcher(a seccomp.Arg) gvisor.ValueMatcher {
	v := uintptr(a.Value)
	switch a.Op {
	case seccomp.NE:
		return gvisor.NotEqual(v)
	case seccomp.LT:
		return gvisor.LessThan(v)
	case seccomp.LE:
		return gvisor.LessThanOrEqual(v)
	case seccomp.GT:
		return gvisor.GreaterThan(v)
	case seccomp.GE:
		return gvisor.GreaterThanOrEqual(v)
	case seccomp.MaskedEQ:
		return gvisor.MaskedEqual(uintptr(a.Mask), v)
	}
	return gvisor.EqualTo(v)
}

// compileElastic compiles with go-seccomp-bpf, whose groups are tried in order.
func compileElastic(p *seccomp.Profile) (*seccomp.Program, error) {
	groups := map[seccomp.Action]*elastic.SyscallGroup{}
	order := []seccomp.Action{}
	var failed error
	eachCall(p, func(r *seccomp.Rule, name string, _ uint32) {
		g := groups[r.Action]
		if g == nil {
			g = &elastic.SyscallGroup{Action: elasticAction(r.Action)}
			groups[r.Action], order = g, append(order, r.Action)
		}
		if len(r.Args) == 0 {
			g.Names = append(g.Names, name)
			return
		}
		conds := elastic.NameWithConditions{Name: name}
		for _, a := range r.Args {
			c, err := elasticCondition(a)
			failed = cmpOr(failed, err)
			conds.Conditions = append(conds.Conditions, c)
		}
		g.NamesWithCondtions = append(g.NamesWithCondtions, conds)
	})
	if failed != nil {
		return nil, failed
	}
	slices.Sort(order)
	policy := elastic.Policy{DefaultAction: elasticAction(p.Default)}
	for _, a := range order {
		policy.Syscalls = append(policy.Syscalls, *groups[a])
	}
	list, err := policy.Assemble()
	if err != nil {
		return nil, err
	}
	insns, err := bpf.Assemble(list)
	if err != nil {
		return nil, err
	}
	return seccomp.NewProgram(insns, seccomp.AMD64)
}

func cmpOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func elasticAction(a seccomp.Action) elastic.Action {
	if a == seccomp.Errno(1) {
		return elastic.ActionErrno // EPERM is implied, and the only default with data that it takes
	}
	return elastic.Action(a.Ret()) // its Action is the kernel's return value
}

func elasticCondition(a seccomp.Arg) (elastic.Condition, error) {
	ops := map[seccomp.Op]elastic.Operation{
		seccomp.EQ: elastic.Equal, seccomp.NE: elastic.NotEqual, seccomp.LT: elastic.LessThan,
		seccomp.LE: elastic.LessOrEqual, seccomp.GT: elastic.GreaterThan, seccomp.GE: elastic.GreaterOrEqual,
	}
	c := elastic.Condition{Argument: uint32(a.Index), Operation: ops[a.Op], Value: a.Value}
	if a.Op == seccomp.MaskedEQ {
		if a.Value != 0 {
			return c, fmt.Errorf("elastic has no %v", a)
		}
		c.Operation, c.Value = elastic.BitsNotSet, a.Mask
	}
	return c, nil
}

// nativeOnly returns the profile for amd64 alone.
func nativeOnly(p *seccomp.Profile) *seccomp.Profile {
	q := *p
	q.Arches, q.Newer, q.Rules = []seccomp.Arch{seccomp.AMD64}, nil, nil
	for _, r := range p.Rules {
		if r.Arches == nil || slices.Contains(r.Arches, seccomp.AMD64) {
			r.Arches = nil
			q.Rules = append(q.Rules, r)
		}
	}
	return &q
}

func mustCompile(tb testing.TB, c peer, p *seccomp.Profile) *seccomp.Program {
	tb.Helper()
	prog, err := c.compile(p)
	if err != nil {
		tb.Fatalf("%s: %v", c.name, err)
	}
	return prog
}
