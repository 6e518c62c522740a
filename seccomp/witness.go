package seccomp

import (
	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/symbolic"
	"github.com/gostockade/stockade/internal/syscalls"
)

// differ returns a call for which two functions that are not equal have different values, and its arch value. It prefers
// calls that people know: a named call of one of the kernel's own ABIs, then any number of them, then other arch values.
func differ(g *bdd.Graph, a, b bdd.Node, target Arch) (Call, uint32) {
	for _, arch := range target.Siblings() {
		for nr := range syscalls.All(arch.abi()) {
			na, nb := atNumber(g, a, arch, nr), atNumber(g, b, arch, nr)
			if w, ok := g.Witness(na, nb); ok {
				return callOf(w, arch, nr), arch.AuditArch()
			}
		}
	}
	for _, arch := range target.Siblings() {
		na, nb := atArch(g, a, arch), atArch(g, b, arch)
		if w, ok := g.Witness(na, nb); ok {
			c := callOf(w, arch, uint32(w.Word(symbolic.VarNr, 32)))
			c.Arch = c.abi()
			return c, arch.AuditArch()
		}
	}
	for _, abi := range syscalls.ABIs() {
		arch := Arch(abi)
		if w, ok := g.Witness(atArch(g, a, arch), atArch(g, b, arch)); ok {
			return callOf(w, arch, uint32(w.Word(symbolic.VarNr, 32))), arch.AuditArch()
		}
	}
	w, _ := g.Witness(a, b)
	return callOf(w, 0, uint32(w.Word(symbolic.VarNr, 32))), uint32(w.Word(symbolic.VarArch, 32))
}

// atArch returns what is left of a function when the arch value is known, atNumber when the number is too.
func atArch(g *bdd.Graph, n bdd.Node, arch Arch) bdd.Node {
	return g.Cofactor(n, symbolic.VarArch, 32, uint64(arch.AuditArch()))
}

func atNumber(g *bdd.Graph, n bdd.Node, arch Arch, nr uint32) bdd.Node {
	return g.Cofactor(atArch(g, n, arch), symbolic.VarNr, 32, uint64(nr))
}

// callOf makes a call of an assignment to the arguments and the instruction pointer.
func callOf(w bdd.Assignment, arch Arch, nr uint32) Call {
	c := Call{Arch: arch, Nr: nr, IP: w.Word(symbolic.VarIP, 64)}
	for i := range c.Args {
		c.Args[i] = w.Word(symbolic.VarArg(i), 64)
	}
	return c
}

// value returns a function's value for a call.
func value(g *bdd.Graph, n bdd.Node, c Call, audit uint32) Action {
	n = g.Cofactor(n, symbolic.VarArch, 32, uint64(audit))
	n = g.Cofactor(n, symbolic.VarNr, 32, uint64(c.Nr))
	for i, a := range c.Args {
		n = g.Cofactor(n, symbolic.VarArg(i), 64, a)
	}
	v, _ := g.Value(g.Cofactor(n, symbolic.VarIP, 64, c.IP))
	return Action(v)
}
