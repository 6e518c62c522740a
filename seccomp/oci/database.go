package oci

import (
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
)

// A database is what libseccomp keeps for one ABI: for each call, rules added one after the other with the outcome of its db.c,
// db_rule_add.
type database struct {
	arch  seccomp.Arch
	calls map[string]*call
}

func newDatabase(arch seccomp.Arch) *database {
	return &database{arch: arch, calls: make(map[string]*call)}
}

// A call holds the rules that are left for one call: one without conditions, or any number with.
type call struct {
	always *entry
	conds  []*entry
}

// An entry is one alternative of one rule of the document, for one name.
type entry struct {
	rule   int
	action seccomp.Action
	args   []seccomp.Arg // as the ABI has them; empty means unconditional
	muxed  bool          // it is there because the rule names a call made through this one
}

// A conflict is an entry that meets another one with a different action.
type conflict struct {
	code   Code
	lost   *entry // the entry that is not enforced as written
	winner *entry
}

// add adds an entry to a call and reports the conflicts.
func (db *database) add(name string, e *entry) []conflict {
	c := db.calls[name]
	if c == nil {
		c = &call{}
		db.calls[name] = c
	}
	switch {
	case c.always != nil:
		code := CodeUnconditionalWins
		if len(e.args) == 0 {
			code = CodeFirstWins
		}
		return conflicts(code, c.always, e)
	case len(e.args) == 0:
		lost := c.conds
		c.always, c.conds = e, nil
		return conflicts(CodeUnconditionalWins, e, lost...)
	}
	var out []conflict
	for _, old := range c.conds {
		if slices.Equal(old.args, e.args) {
			if old.action == e.action {
				return out // the very same rule
			}
			return append(out, conflict{codeRefused, e, old})
		}
		if old.action != e.action && !disjoint(old.args, e.args) {
			out = append(out, conflict{CodeConflictOrder, e, old})
		}
	}
	c.conds = append(c.conds, e)
	return out
}

// codeRefused marks a rule with the same conditions as another and a different action, for which libseccomp returns EEXIST.
const codeRefused Code = "refused"

// conflicts reports the lost entries whose action differs from the winner's; where they agree nothing changes. A rule for a multiplexer
// itself is there to win over what its calls bring in.
func conflicts(code Code, winner *entry, lost ...*entry) []conflict {
	var out []conflict
	for _, e := range lost {
		if e.action != winner.action && !e.muxed {
			out = append(out, conflict{code, e, winner})
		}
	}
	return out
}

// addName adds an alternative of a rule for a name: to the call itself if the ABI has a number for it, and to the multiplexer if
// it can be made through one, with the condition on argument 0 replaced by the call's number there (syscalls.c, abi_rule_add).
func (im *importer) addName(db *database, name string, e entry) (out []conflict, muxed bool) {
	abi := syscalls.ABI(db.arch)
	args := e.args
	if mux, ok := syscalls.Multiplexed(abi, name); ok {
		if _, ok := im.number(db.arch, mux.Call); ok {
			through := e
			through.muxed = true
			through.args = on(db.arch, multiplexed(args, mux.Sub))
			out = append(out, db.add(mux.Call, &through)...)
			muxed = true
		}
	}
	if _, ok := im.number(db.arch, name); ok {
		direct := e
		direct.args = on(db.arch, args)
		out = append(out, db.add(name, &direct)...)
	}
	return out, muxed
}

func multiplexed(args []seccomp.Arg, sub uint32) []seccomp.Arg {
	out := []seccomp.Arg{{Op: seccomp.EQ, Value: uint64(sub)}}
	for _, a := range args {
		if a.Index != 0 {
			out = append(out, a)
		}
	}
	return out
}
