package apparmor

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// class lowers a rule of a class with permissions and conditions.
func (l *lowerer) class(it *item, st *syntax.ClassRule) (Rule, bool) {
	l.noOwner(st.Prefix, st.Pos, st.Class.String())
	c := &classLowerer{lowerer: l, st: st, q: l.quals(st.Prefix, st.Pos), ok: true}
	if g := st.Group; g != nil && g.Name != "peer" && st.Class != syntax.IOUring {
		c.fail(g.Pos, fmt.Sprintf("%s=() in a %s rule", g.Name, st.Class), "the only group is peer=()")
	}
	var r Rule
	switch st.Class {
	case syntax.Network:
		r = c.network()
	case syntax.Unix:
		r = c.unix(it)
	case syntax.Dbus:
		r = c.dbus()
	case syntax.Signal:
		r = c.signal()
	case syntax.Ptrace:
		r = c.ptrace()
	case syntax.Mqueue:
		r = c.mqueue()
	case syntax.IOUring:
		r = c.ioUring()
	case syntax.Userns:
		r = c.userns()
	}
	return r, c.ok && r != nil
}

// classLowerer lowers one rule; ok goes false with the first error.
type classLowerer struct {
	*lowerer
	st *syntax.ClassRule
	q  Qualifiers
	ok bool
}

func (c *classLowerer) fail(pos syntax.Pos, message, hint string) {
	c.ok = false
	c.lowerer.fail(pos, message, hint)
}

// perms adds up permission words. A word the class does not have may still be letters r and w.
func (c *classLowerer) perms(read, write, all uint32, names ...permName) uint32 {
	var out uint32
	for _, word := range c.st.Perms {
		out |= c.perm(word, read, write, names)
	}
	if len(c.st.Perms) == 0 || out == 0 {
		return all
	}
	return out
}

func (c *classLowerer) perm(word string, read, write uint32, names []permName) uint32 {
	for _, n := range names {
		if n.name == word {
			return n.bit
		}
	}
	var out uint32
	for i := 0; i < len(word); i++ {
		switch w := word[i] | 0x20; {
		case w == 'r' && read != 0:
			out |= read
		case w == 'w' && write != 0:
			out |= write
		default:
			c.fail(c.st.Pos, fmt.Sprintf("unknown permission %q in a %s rule", word, c.st.Class), "permissions are "+permList(names))
			return 0
		}
	}
	return out
}

func permList(names []permName) string {
	var out []string
	for _, n := range names {
		out = append(out, n.name)
	}
	return strings.Join(out, ", ")
}

// emptyPattern matches the empty string and nothing else. In the model "" means that there is no condition.
const emptyPattern = "{,}"

// single stores the value of a condition that may stand once, with one value.
func (c *classLowerer) single(x *syntax.Cond, to *string) {
	switch {
	case len(x.Values) == 0:
		c.fail(x.Pos, fmt.Sprintf("condition %s without a value", x.Name), x.Name+"=value")
	case *to != "":
		c.fail(x.Pos, fmt.Sprintf("condition %s given twice", x.Name), "")
	case x.Values[0] == "":
		*to = emptyPattern
	default:
		*to = x.Values[0]
	}
}

// onlyEquals rejects other operators than =.
func (c *classLowerer) onlyEquals(x *syntax.Cond) bool {
	if x.Op == syntax.CondEq {
		return true
	}
	c.fail(x.Pos, fmt.Sprintf("operator of condition %s must be =", x.Name), x.Name+"=value")
	return false
}

// oneValue rejects lists of values.
func (c *classLowerer) oneValue(x *syntax.Cond) bool {
	if len(x.Values) <= 1 {
		return true
	}
	c.fail(x.Pos, fmt.Sprintf("condition %s takes a single value", x.Name), "a pattern can have alternatives: {a,b}")
	return false
}

func (c *classLowerer) unknown(x *syntax.Cond, where, known string) {
	c.fail(x.Pos, fmt.Sprintf("unknown condition %q in %s", x.Name, where), "conditions are "+known)
}

func (c *classLowerer) peerConds() []syntax.Cond {
	if c.st.Group == nil {
		return nil
	}
	return c.st.Group.Conds
}

func (c *classLowerer) userns() Rule {
	return &UsernsRule{Qualifiers: c.q, Perms: UsernsCreate}
}

func (c *classLowerer) ioUring() Rule {
	r := &IOUringRule{Qualifiers: c.q}
	r.Perms = IOUringPerms(c.perms(0, 0, uint32(IOUringAll), ioUringPermTable[:]...))
	for _, conds := range [][]syntax.Cond{c.st.Conds, c.peerConds()} {
		for i := range conds {
			x := &conds[i]
			switch {
			case !c.onlyEquals(x) || !c.oneValue(x):
			case x.Name == "label":
				c.single(x, &r.Label)
			default:
				c.unknown(x, "an io_uring rule", "label")
			}
		}
	}
	return r
}

func (c *classLowerer) ptrace() Rule {
	r := &PtraceRule{Qualifiers: c.q}
	r.Perms = PtracePerms(c.perms(uint32(PtraceRead), uint32(PtraceTrace), uint32(PtraceAll), ptracePermTable[:]...))
	for i := range c.st.Conds {
		x := &c.st.Conds[i]
		switch {
		case !c.onlyEquals(x):
		case x.Name == "peer":
			c.single(x, &r.Peer)
		default:
			c.unknown(x, "a ptrace rule", "peer")
		}
	}
	return r
}
