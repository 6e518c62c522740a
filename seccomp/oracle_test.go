package seccomp

import (
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
)

// oracle says what a profile does with a call by walking the model, rule by rule. It shares nothing with resolve and what is built on it, and
// is what they are compared with. The call is given by its arch value, so that values of no ABI can be asked about.
type oracle struct {
	p      *Profile
	listed []Arch // the ABIs that the program speaks about
	views  map[Arch]*view
}

// view is what the rules mention in one ABI.
type view struct {
	all     []mention
	byNr    map[uint32][]mention // rules that name the number, or reach it as a multiplexer
	named   map[uint32]bool
	highest int64 // highest named number of the ordinary range, -1 if none
}

// newOracle returns the oracle for the kernel that serves target.
func newOracle(p *Profile, target Arch) *oracle {
	o := &oracle{p: p, listed: []Arch{target}, views: map[Arch]*view{}}
	if p.Arches != nil {
		o.listed = nil
		for _, a := range p.Arches {
			if a.Primary() == target.Primary() {
				o.listed = append(o.listed, a)
			}
		}
	}
	return o
}

// mention is one name of one rule, with all conditions under which it counts.
type mention struct {
	name string
	rule int
	args []Arg
}

// view returns what every name of every rule that is for the ABI means there.
func (o *oracle) view(abi Arch) *view {
	if v, ok := o.views[abi]; ok {
		return v
	}
	v := &view{byNr: map[uint32][]mention{}, named: map[uint32]bool{}, highest: -1}
	o.views[abi] = v
	for i, r := range o.p.Rules {
		if r.Arches != nil && !slices.Contains(r.Arches, abi) {
			continue
		}
		for _, name := range r.Names {
			members, _ := Set(name).Members()
			for _, m := range members {
				if m.Arches != nil && !slices.Contains(m.Arches, abi) {
					continue
				}
				for _, n := range m.Names {
					v.all = append(v.all, mention{n, i, append(slices.Clone(r.Args), m.Args...)})
				}
			}
		}
	}
	for _, m := range v.all {
		nr, ok := abi.Number(m.name)
		_, muxNr, mux := o.muxOf(abi, m)
		if ok {
			v.names(abi, nr)
			v.byNr[nr] = append(v.byNr[nr], m)
		}
		if mux {
			v.byNr[muxNr] = append(v.byNr[muxNr], m)
			if o.opensMux(abi, m) {
				v.names(abi, muxNr)
			}
		}
	}
	return v
}

func (v *view) names(abi Arch, nr uint32) {
	v.named[nr] = true
	if nr <= syscalls.Max(syscalls.ABI(abi)) {
		v.highest = max(v.highest, int64(nr))
	}
}

// action returns the action for a call.
func (o *oracle) action(audit, nr uint32, args [6]uint64) Action {
	abi := o.abi(audit, nr)
	if abi == 0 {
		return o.p.Foreign
	}
	if abi.Bits() == 32 {
		for i := range args {
			args[i] &= 1<<32 - 1
		}
	}
	best, matched := Action(0), false
	consider := func(a Action) {
		if !matched || a.Kind() < best.Kind() {
			best, matched = a, true
		}
	}
	v := o.view(abi)
	for _, m := range v.byNr[nr] {
		if n, ok := abi.Number(m.name); ok && n == nr && allHold(m.args, args) {
			consider(o.p.Rules[m.rule].Action)
		}
		if a, ok := o.multiplexed(abi, m, nr, args); ok {
			consider(a)
		}
	}
	switch {
	case matched:
		return best
	case !v.named[nr] && o.newer(abi, nr, v.highest):
		return o.p.Newer.Action
	}
	return o.p.Default
}

func allHold(conds []Arg, args [6]uint64) bool {
	for _, c := range conds {
		v, mask := args[c.Index], ^uint64(0)
		if c.Width == Width32 {
			v &= 1<<32 - 1
		}
		if c.Op == MaskedEQ {
			mask = c.Mask
		}
		less, equal := v < c.Value, v&mask == c.Value
		holds := [numOps]bool{EQ: equal, NE: !equal, LT: less, LE: less || equal, GT: !less && !equal, GE: !less, MaskedEQ: equal}
		if !holds[c.Op] {
			return false
		}
	}
	return true
}

// abi returns the listed ABI of an arch value and number, 0 for a foreign one.
func (o *oracle) abi(audit, nr uint32) Arch {
	for _, a := range o.listed {
		isX32 := nr&0x40000000 != 0 || nr >= 0x80000000
		if nr == 0xffffffff {
			isX32 = false // what a tracer writes to skip a call
		}
		if a.AuditArch() == audit && (a == X32) == (isX32 && (a == AMD64 || a == X32)) {
			return a
		}
	}
	return 0
}

// newer reports whether a number that no rule names is newer than the profile.
func (o *oracle) newer(abi Arch, nr uint32, highest int64) bool {
	n := o.p.Newer
	if n == nil {
		return false
	}
	if n.Since.IsZero() {
		return highest >= 0 && int64(nr) > highest
	}
	name, ok := abi.CallName(nr)
	if !ok {
		return nr > syscalls.Max(syscalls.ABI(abi))
	}
	major, minor, ok := syscalls.Introduced(syscalls.ABI(abi), name)
	return ok && (major > n.Since.Major || major == n.Since.Major && minor > n.Since.Minor)
}

// possible reports whether conditions of a rule can hold and whether they say anything, each taken alone.
func possible(abi Arch, conds []Arg) (can, always bool) {
	can, always = true, true
	for _, c := range conds {
		top := ^uint64(0)
		if c.Width == Width32 || abi.Bits() == 32 {
			top = 1<<32 - 1
		}
		yes, no := false, false
		for _, v := range []uint64{0, c.Value - 1, c.Value, c.Value + 1, top, ^c.Value & top, c.Value ^ 1, c.Value &^ c.Mask} {
			if v > top {
				continue
			}
			var args [6]uint64
			args[c.Index] = v
			if allHold([]Arg{c}, args) {
				yes = true
			} else {
				no = true
			}
		}
		if c.Op == MaskedEQ { // the values above need not hit a mask
			yes, no = c.Value&^c.Mask == 0 && c.Value <= top, c.Mask&top != 0 || c.Value != 0
		}
		can, always = can && yes, always && !no
	}
	return can, always
}

// multiplexed returns the action of a rule for a call that is made through socketcall or ipc.
func (o *oracle) multiplexed(abi Arch, m mention, nr uint32, args [6]uint64) (Action, bool) {
	mux, muxNr, ok := o.muxOf(abi, m)
	if !ok || muxNr != nr {
		return 0, false
	}
	rule := o.p.Rules[m.rule]
	_, always := possible(abi, m.args)
	of := o.unconditional(abi, mux.Call, nil)
	if o.opened(abi, mux.Call, args, rule.Action) {
		of = Allow // by a rule for the multiplexer itself, which must not undo this one
	} else if !always {
		of = o.unconditional(abi, mux.Call, &mux)
		if rule.Action.Kind() >= of.Kind() {
			return 0, false // it would open what it cannot check
		}
	}
	sub := uint32(args[0])
	if mux.Call == "ipc" && rule.Action.Kind() < of.Kind() {
		sub &= 0xffff
	}
	return rule.Action, sub == mux.Sub
}

// opened reports whether a rule for a multiplexer itself matches with a less restrictive action.
func (o *oracle) opened(abi Arch, name string, args [6]uint64, than Action) bool {
	return slices.ContainsFunc(o.view(abi).all, func(m mention) bool {
		return m.name == name && allHold(m.args, args) && o.p.Rules[m.rule].Action.Kind() > than.Kind()
	})
}

// muxOf returns the multiplexer that a mention can also be reached through.
func (o *oracle) muxOf(abi Arch, m mention) (syscalls.Mux, uint32, bool) {
	mux, ok := syscalls.Multiplexed(syscalls.ABI(abi), m.name)
	nr, has := abi.Number(mux.Call)
	can, _ := possible(abi, m.args)
	return mux, nr, ok && has && can && !o.p.Rules[m.rule].Direct
}

// unconditional returns what a multiplexer gets from rules without conditions: for itself and, if a call is given, for that call.
func (o *oracle) unconditional(abi Arch, name string, call *syscalls.Mux) Action {
	best, found := o.p.Default, false
	for _, m := range o.view(abi).all {
		can, always := possible(abi, m.args)
		mux, _, ok := o.muxOf(abi, m)
		if !can || !always || m.name != name && (call == nil || !ok || mux != *call) {
			continue
		}
		if a := o.p.Rules[m.rule].Action; !found || a.Kind() < best.Kind() {
			best, found = a, true
		}
	}
	return best
}

// opensMux reports whether a rule for a multiplexed call says anything about its multiplexer.
func (o *oracle) opensMux(abi Arch, m mention) bool {
	mux, _, _ := o.muxOf(abi, m)
	_, always := possible(abi, m.args)
	return always || o.p.Rules[m.rule].Action.Kind() < o.unconditional(abi, mux.Call, &mux).Kind()
}
