package seccomp

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
)

// resolve makes the canonical form of the profile for the kernel that serves target's programs. With keepRules the outcomes
// name the rules they come from; without, they all say ruleAny, and calls that differ only in the rule are one run.
func resolve(p *Profile, target Arch, keepRules bool) (*diagram, error) {
	if !target.Valid() {
		return nil, invalid("target ABI %d", uint8(target))
	}
	if errs := p.checkShape(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	r := &resolver{p: p, keepRules: keepRules}
	var err error
	if r.hits, err = expand(p, r.hitMemory[:0]); err != nil {
		return nil, err
	}
	listed := p.listed(target)
	if len(listed) == 0 {
		return nil, fmt.Errorf("%w (target %v, profile %v)", ErrNoArch, target, p.Arches)
	}
	d := &diagram{target: target.Primary(), foreign: p.Foreign}
	for _, arch := range listed {
		if r.addSpace(d, arch); r.err != nil {
			return nil, r.err
		}
	}
	return d, nil
}

// listed returns the ABIs a program for target's kernel speaks about, the kernel's primary one first.
func (p *Profile) listed(target Arch) []Arch {
	if p.Arches == nil {
		return []Arch{target}
	}
	return slices.DeleteFunc(target.Siblings(), func(a Arch) bool { return !slices.Contains(p.Arches, a) })
}

// A hit is one name of one rule, after sets are taken apart.
type hit struct {
	id     syscalls.ID
	plain  bool // counts always and everywhere: no conditions, no list of ABIs
	rule   int32
	action Action     // the rule's
	member *hitMember // of the set that has the name, nil for a name of its own
}

// A hitMember is what a member of a set adds to a rule.
type hitMember struct {
	args   []Arg  // the rule's conditions and the member's
	arches []Arch // nil for all
}

// on reports whether the hit counts on an ABI.
func (h *hit) on(p *Profile, arch Arch) bool {
	rule := p.Rules[h.rule].Arches
	return (rule == nil || slices.Contains(rule, arch)) &&
		(h.member == nil || h.member.arches == nil || slices.Contains(h.member.arches, arch))
}

// args returns the conditions under which the hit counts.
func (h *hit) args(p *Profile) []Arg {
	if h.member != nil {
		return h.member.args
	}
	return p.Rules[h.rule].Args
}

// expand looks all names up, once for all ABIs, and adds them to hits.
func expand(p *Profile, hits []hit) ([]hit, error) {
	n := 0
	for i := range p.Rules {
		n += len(p.Rules[i].Names)
	}
	hits = slices.Grow(hits, n)
	var errs []error
	for i := range p.Rules {
		rule := &p.Rules[i]
		plain := len(rule.Args) == 0 && rule.Arches == nil
		for _, name := range rule.Names {
			if id, ok := syscalls.Lookup(name); ok {
				hits = append(hits, hit{id, plain, int32(i), rule.Action, nil})
				continue
			}
			members, ok := Set(name).Members()
			if !ok {
				errs = append(errs, p.ruleError(i, name, checkName(name)))
				continue
			}
			hits = appendMembers(hits, members, int32(i), rule)
			if len(hits) > MaxNames {
				return nil, fmt.Errorf("%w: the sets of rules 0 to %d have more than %d names", ErrTooLarge, i, MaxNames)
			}
		}
	}
	return hits, errors.Join(errs...)
}

// appendMembers adds the calls of a set; a member's conditions and the rule's must all hold.
func appendMembers(hits []hit, members []Member, index int32, rule *Rule) []hit {
	for _, m := range members {
		all := &hitMember{rule.Args, m.Arches}
		if len(m.Args) > 0 {
			all.args = slices.Concat(rule.Args, m.Args)
		}
		plain := len(all.args) == 0 && rule.Arches == nil && m.Arches == nil
		for _, name := range m.Names {
			if id, ok := syscalls.Lookup(name); ok {
				hits = append(hits, hit{id, plain, index, rule.Action, all})
			}
		}
	}
	return hits
}

// A resolver makes spaces one ABI at a time; its memory is used again for the next. It brings the memory that profiles of the
// usual size need, in one piece: a program that confines itself as it starts pays for each page it touches first.
type resolver struct {
	p         *Profile
	hits      []hit
	keepRules bool
	err       error
	arch      Arch // the ABI being resolved
	slots     slots
	interned  interner
	hitMemory [384]hit
	runMemory [96]run // of the first ABI's runs
	runsTaken bool
}

// addSpace adds an ABI's numbers to the diagram. X32 goes to AMD64's space, where its numbers are foreign unless listed.
func (r *resolver) addSpace(d *diagram, arch Arch) {
	r.arch = arch
	r.collect()
	foreign := r.interned.constant(r.outcome(d.foreign, ruleForeign))
	if arch != X32 {
		runs := r.runs(0, numberEnd(arch))
		if arch == AMD64 {
			runs = appendRun(runs, run{syscalls.X32Bit, lastX32, foreign})
			runs = appendRun(runs, run{lastX32 + 1, lastX32 + 1, r.unlisted(lastX32 + 1)})
		}
		d.spaces = append(d.spaces, space{arch, runs})
		return
	}
	x32 := r.runs(syscalls.X32Bit, lastX32)
	if s := d.space(arch.AuditArch()); s != nil {
		s.runs = splice(s.runs, x32)
		return
	}
	runs := appendRun([]run{{0, syscalls.X32Bit - 1, foreign}}, x32...)
	d.spaces = append(d.spaces, space{AMD64, appendRun(runs, run{lastX32 + 1, lastX32 + 1, foreign})})
}

// lastX32 is the last number that counts as x32's. The one above it is -1, with which a tracer skips a call.
const lastX32 = 0xffff_fffe

// numberEnd returns the last number of an ABI's part of its space.
func numberEnd(arch Arch) uint32 {
	if arch == AMD64 {
		return syscalls.X32Bit - 1
	}
	return 0xffff_ffff
}

// splice replaces, in runs that cover everything, what lies between the bounds of part.
func splice(runs, part []run) []run {
	out := make([]run, 0, len(runs)+len(part))
	lo, hi := part[0].lo, part[len(part)-1].hi
	for _, old := range runs {
		if old.lo < lo {
			out = appendRun(out, run{old.lo, min(old.hi, lo-1), old.disp})
		}
	}
	out = appendRun(out, part...)
	for _, old := range runs {
		if old.hi > hi {
			out = appendRun(out, run{max(old.lo, hi+1), old.hi, old.disp})
		}
	}
	return out
}

// appendRun adds runs that follow directly, joining neighbours with one meaning.
func appendRun(runs []run, more ...run) []run {
	for _, m := range more {
		if n := len(runs); n > 0 && runs[n-1].disp == m.disp {
			runs[n-1].hi = m.hi
		} else {
			runs = append(runs, m)
		}
	}
	return runs
}

// runs returns the runs of the numbers from first to last.
func (r *resolver) runs(first, last uint32) []run {
	out := r.runMemory[:0]
	if r.runsTaken {
		out = make([]run, 0, len(r.runMemory))
	}
	r.runsTaken = true
	next := first
	var before *slot // the slot of the number next-1, if there is one
	r.slots.each(func(nr uint32, s *slot) {
		if nr == next && before != nil && s.alike(before) {
			out[len(out)-1].hi = nr
			next++
			return
		}
		for next < nr { // numbers no rule names, below the slot
			end := r.unlistedEnd(next, nr-1)
			out = appendRun(out, run{next, end, r.unlisted(next)})
			next = end + 1
		}
		out = appendRun(out, run{nr, nr, r.disposition(nr, s)})
		next, before = nr+1, s
	})
	for next <= last {
		end := r.unlistedEnd(next, last)
		out = appendRun(out, run{next, end, r.unlisted(next)})
		if end == last {
			break
		}
		next = end + 1
	}
	return out
}

// outcome returns an action with its rule, or without it when rules are not kept.
func (r *resolver) outcome(a Action, rule int32) outcome {
	if !r.keepRules {
		rule = ruleAny
	}
	return outcome{a, rule}
}
