package oci

import (
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
)

// A database is what libseccomp keeps for one ABI: for each call, rules added one after the other with the outcome of its db.c,
// db_rule_add.
type database struct {
	arch   seccomp.Arch
	muxes  bool             // the ABI has multiplexers
	calls  map[string]*call // calls of the ABI
	absent map[string]*call // calls that libseccomp keeps though the ABI has no number for them; see lost.go
}

func newDatabase(arch seccomp.Arch) *database {
	_, socketcall := arch.Number("socketcall")
	_, ipc := arch.Number("ipc")
	return &database{arch: arch, muxes: socketcall || ipc, calls: make(map[string]*call), absent: make(map[string]*call)}
}

// A call holds the rules that are left for one call: one without conditions, or any number with.
type call struct {
	always *entry
	conds  []*entry
}

// entries returns the rules that are left for the call.
func (c *call) entries() []*entry {
	if c.always != nil {
		return []*entry{c.always}
	}
	return c.conds
}

// An entry is one alternative of one rule of the document, for one name.
type entry struct {
	rule   int
	action seccomp.Action
	args   []seccomp.Arg   // as the ABI has them; empty means unconditional
	muxed  bool            // it is there because the rule names a call made through this one
	except [][]seccomp.Arg // where one of these lists holds, another rule decides
}

// A conflict is an entry that meets another one with a different action.
type conflict struct {
	code   Code
	lost   *entry // the entry that is not enforced as written
	winner *entry
}

// add adds an entry to a call and reports the conflicts.
func add(calls map[string]*call, name string, e *entry) []conflict {
	c := calls[name]
	if c == nil {
		c = &call{}
		calls[name] = c
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
	for _, old := range c.conds {
		switch n := min(len(old.args), len(e.args)); {
		case !slices.Equal(old.args[:n], e.args[:n]):
		case len(old.args) < len(e.args): // one goes on where the other ends: its chain is dropped
			return conflicts(CodeOverlap, old, e)
		case old.action != e.action:
			return []conflict{{codeRefused, e, old}}
		case len(old.args) == len(e.args):
			return nil // the very same rule
		}
	}
	if slices.ContainsFunc(c.conds, func(old *entry) bool { return old.action == e.action && endsWith(e.args, old.args) }) {
		return nil // a part of that rule: libseccomp drops it
	}
	c.conds = slices.DeleteFunc(c.conds, func(old *entry) bool { return old.action == e.action && endsWith(old.args, e.args) })
	c.conds = append(c.conds, e)
	return nil
}

func endsWith(args, end []seccomp.Arg) bool {
	return len(args) >= len(end) && slices.Equal(args[len(args)-len(end):], end)
}

// codeRefused marks a rule that has another action than an earlier one with the same conditions, or with the same and more behind them:
// libseccomp returns EEXIST.
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
			out = append(out, add(db.calls, mux.Call, &through)...)
			muxed = true
		}
	}
	direct := e
	direct.args = on(db.arch, args)
	if _, ok := im.number(db.arch, name); ok {
		out = append(out, add(db.calls, name, &direct)...)
	} else if !db.muxes || muxed {
		add(db.absent, name, &direct)
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
