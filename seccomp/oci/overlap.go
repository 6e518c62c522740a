package oci

import (
	"fmt"
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

const (
	maxOverlapping = 256  // rules with conditions for one call, if their actions differ
	maxTold        = 1000 // pairs of them that are reported, of each kind
)

// overlaps decides between rules with conditions for one call that overlap and have different actions. In a profile the more restrictive
// one wins by itself; where libseccomp's tree puts the other one first, the conditions of the more restrictive one are extended.
func (im *importer) overlaps() error {
	for i, db := range im.dbs {
		for _, name := range im.callNames() {
			c := db.calls[name]
			if c == nil || len(c.conds) < 2 {
				continue
			}
			if len(c.conds) > maxOverlapping && slices.ContainsFunc(c.conds, func(e *entry) bool { return e.action != c.conds[0].action }) {
				return fmt.Errorf("%w: %d rules with conditions and different actions for %s, at most %d", seccomp.ErrTooLarge, len(c.conds), name,
					maxOverlapping)
			}
			im.overlap(name, c, halves(db.arch), slices.ContainsFunc(im.dbs[:i], func(o *database) bool { return halves(o.arch) == halves(db.arch) }))
		}
	}
	im.reportOverlaps()
	return nil
}

// callNames returns every call that a database can have: those the document names, and the multiplexers.
func (im *importer) callNames() []string {
	names := slices.Clip(im.names)
	for _, mux := range []string{"socketcall", "ipc"} {
		if !im.seen[mux] {
			names = append(names, mux)
		}
	}
	return names
}

// overlap decides for one call; with told, the same has been reported for another ABI.
func (im *importer) overlap(name string, c *call, halves, told bool) {
	order, known := c.order(halves)
	for i, later := range c.conds {
		for _, earlier := range c.conds[:i] {
			if earlier.action == later.action || disjoint(earlier.args, later.args) {
				continue
			}
			a, b := slices.Index(order, earlier), slices.Index(order, later)
			if !known || a < 0 || b < 0 {
				im.overlapped(name, CodeConflictOrder, later, earlier)
				continue
			}
			first, second := earlier, later
			if b < a {
				first, second = later, earlier
			}
			if first.action > second.action && !second.yield(first.args) {
				im.overlapped(name, CodeConflictOrder, second, first)
				continue
			}
			if !told {
				im.overlapped(name, CodeOverlap, second, first)
			}
		}
	}
}

func (im *importer) overlapped(name string, code Code, lost, winner *entry) {
	if im.told[code]++; im.told[code] > maxTold {
		return
	}
	h := conflict{code, lost, winner}
	im.overlapping.add(name, []conflict{h}, false)
}

func (im *importer) reportOverlaps() {
	for _, h := range im.overlapping.hits {
		lost, winner := h.lost.rule, pointer(h.winner.rule, "")
		if h.code == CodeOverlap {
			im.noteNames(Warning, lost, "", h.code, h.names, "overlaps %s, which has another action and wins where both hold, by the order of "+
				"libseccomp's tree", winner)
			continue
		}
		im.noteNames(Warning, lost, "", h.code, h.names, "overlaps %s, which has another action: which one wins depends on libseccomp's tree; "+
			"taken here is the more restrictive one", winner)
	}
}

// maxAlternatives bounds the rules that one rule becomes when it yields to others.
const maxAlternatives = 128

// yield takes the calls for which args hold away from an entry, and reports whether that takes few enough rules.
func (e *entry) yield(args []seccomp.Arg) bool {
	e.except = append(e.except, args)
	out := e.alternatives()
	if len(out) <= maxAlternatives && len(e.args)+len(e.except) <= seccomp.MaxRuleConds {
		return true
	}
	e.except = e.except[:len(e.except)-1]
	return false
}

// alternatives returns the conditions of an entry, without the calls that another rule decides: as several lists of which any one has
// to hold.
func (e *entry) alternatives() [][]seccomp.Arg {
	out := [][]seccomp.Arg{e.args}
	for _, other := range e.except {
		var next [][]seccomp.Arg
		for _, args := range out {
			for _, a := range other {
				for _, not := range negate(a) {
					next = append(next, append(slices.Clone(args), not))
				}
			}
		}
		out = next
	}
	return out
}

// negate returns conditions of which any one holds where a does not.
func negate(a seccomp.Arg) []seccomp.Arg {
	switch a.Op {
	case seccomp.EQ:
		a.Op = seccomp.NE
	case seccomp.NE:
		a.Op = seccomp.EQ
	case seccomp.LT:
		a.Op = seccomp.GE
	case seccomp.LE:
		a.Op = seccomp.GT
	case seccomp.GT:
		a.Op = seccomp.LE
	case seccomp.GE:
		a.Op = seccomp.LT
	case seccomp.MaskedEQ:
		var out []seccomp.Arg
		for m := a.Mask; m != 0; m &= m - 1 {
			bit := a
			bit.Mask = m & -m
			bit.Value = ^a.Value & bit.Mask
			out = append(out, bit)
		}
		return out
	}
	return []seccomp.Arg{a}
}
