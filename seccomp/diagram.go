package seccomp

// A diagram is the canonical form of a profile for one kernel, which every feature reads: what happens to each number of each
// ABI, as maximal runs of numbers with equal meaning, and for a number whose arguments matter a list of branches of which the
// first that holds decides. resolve makes it.
type diagram struct {
	target  Arch    // primary ABI of the kernel
	foreign Action  // for every value of seccomp_data.arch that no space has
	spaces  []space // one for each arch value of the listed ABIs, the primary ABI's first
}

// A space is all numbers under one value of seccomp_data.arch. X32 shares AMD64's: its numbers begin at 0x40000000.
type space struct {
	arch Arch  // the ABI whose AuditArch it is; AMD64 for x32 too
	runs []run // ascending, from 0 to 0xffffffff without gaps; neighbours differ
}

// A run is an interval of numbers that the profile does not tell apart.
type run struct {
	lo, hi uint32
	disp   *disposition // equal ones of a diagram are the same pointer
}

// A disposition says what happens to a call once its number is known: the first branch whose conditions all hold decides,
// otherwise the last resort does.
type disposition struct {
	branches  []branch // most restrictive first; no branch repeats what would happen without it at the end of the list
	otherwise outcome
}

// A branch is a conjunction of conditions and its outcome. The conditions are sorted by argument, none is trivial, and on
// ABIs with 32-bit arguments all are Width32.
type branch struct {
	args []Arg
	outcome
}

// An outcome is an action and the rule it comes from: an index in Profile.Rules or one of the values below. Rules matter to
// Explain only: resolve forgets them unless asked, so that calls of different rules with one action are not told apart.
type outcome struct {
	action Action
	rule   int32
}

// Outcomes that no rule of the profile made.
const (
	ruleDefault int32 = -1 - iota // Profile.Default
	ruleNewer                     // Profile.Newer
	ruleForeign                   // Profile.Foreign
	ruleAny                       // some rule; which was not asked
)

// find returns the disposition of a number.
func (s *space) find(nr uint32) *disposition {
	lo, hi := 0, len(s.runs)-1
	for lo < hi {
		mid := int(uint(lo+hi+1) >> 1)
		if s.runs[mid].lo <= nr {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return s.runs[lo].disp
}

// decide returns what happens to a call with these arguments.
func (d *disposition) decide(args *[MaxArgs]uint64) outcome {
	for i := range d.branches {
		if d.branches[i].holds(args) {
			return d.branches[i].outcome
		}
	}
	return d.otherwise
}

func (b *branch) holds(args *[MaxArgs]uint64) bool {
	for _, a := range b.args {
		if !a.Match(args) {
			return false
		}
	}
	return true
}

// space returns the space of an arch value, nil where it is foreign.
func (d *diagram) space(audit uint32) *space {
	for i := range d.spaces {
		if d.spaces[i].arch.AuditArch() == audit {
			return &d.spaces[i]
		}
	}
	return nil
}

// decide returns what the profile does with a call.
func (d *diagram) decide(c Call) outcome {
	s := d.space(c.Arch.AuditArch())
	if s == nil {
		return outcome{d.foreign, ruleForeign}
	}
	return s.find(c.Nr).decide(&c.Args)
}
