package seccomp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/symbolic"
	"github.com/gostockade/stockade/internal/syscalls"
)

// MaxRegions is how many regions Diff returns at most.
const MaxRegions = 1 << 14

// Region is a set of calls on which two profiles differ in one way: an interval of numbers of an ABI under some conditions on the
// arguments.
type Region struct {
	Arch        Arch     // zero stands for every ABI that neither profile lists; the rest but Witness, A and B is then empty
	First, Last uint32   // the numbers, both included
	Names       []string // the calls among them that have a name, ascending by number
	When        [][]Arg  // alternatives: the conditions of one of them hold; nil means any arguments
	Unspelled   bool     // the arguments matter, but could not be written as When
	A, B        Action   // what the first and the second profile do
	Witness     Call     // one call of the region
}

// String returns "amd64 socket when arg0 == 40: errno 1, then allow".
func (r *Region) String() string {
	var b strings.Builder
	switch {
	case r.Arch == 0:
		b.WriteString("unlisted ABIs")
	case len(r.Names) > 0:
		fmt.Fprintf(&b, "%v %s", r.Arch, strings.Join(r.Names, " "))
	case r.First == r.Last:
		fmt.Fprintf(&b, "%v number %#x", r.Arch, r.First)
	default:
		fmt.Fprintf(&b, "%v numbers %#x to %#x", r.Arch, r.First, r.Last)
	}
	for i, args := range r.When {
		word := " when"
		if i > 0 {
			word = " or"
		}
		b.WriteString(word)
		for j, a := range args {
			if j > 0 {
				b.WriteString(" and")
			}
			b.WriteString(" " + a.String())
		}
	}
	if r.Unspelled {
		fmt.Fprintf(&b, " for some arguments, such as %v", r.Witness)
	}
	fmt.Fprintf(&b, ": %v, then %v", r.A, r.B)
	return b.String()
}

// Diff returns everything that differs between two profiles, exactly: a call is in one of the regions if and only if Equal could
// name it. The order is that of ABIs, numbers and actions. For which calls, and for errors, see Equal; more than MaxRegions
// regions is ErrTooLarge too.
func Diff(a, b *Profile) ([]Region, error) {
	var out []Region
	err := compare(a, b, func(c *comparison) (bool, error) {
		d := regionFinder{comparison: c, ids: map[[2]Action]uint32{}}
		d.find(&out)
		if len(out) > MaxRegions {
			return false, fmt.Errorf("%w: more than %d regions", ErrTooLarge, MaxRegions)
		}
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("seccomp: diff: %w", err)
	}
	if a.Foreign != b.Foreign {
		out = append(out, Region{A: a.Foreign, B: b.Foreign, Witness: foreignCall(a, b)})
	}
	return out, nil
}

// foreignCall returns a call that is foreign to both profiles: of an ABI that neither lists, and of those that a profile may mean
// without listing them, none. If there is no such ABI it is the zero Call.
func foreignCall(a, b *Profile) Call {
	for _, abi := range syscalls.ABIs() {
		arch := Arch(abi)
		meant := (a.Arches == nil || b.Arches == nil) && arch == arch.Primary()
		if !meant && !slices.Contains(a.Arches, arch) && !slices.Contains(b.Arches, arch) {
			return Call{Arch: arch, Nr: numberBase(arch)}
		}
	}
	return Call{}
}

// A regionFinder finds the regions of one kernel in the function from calls to pairs of actions.
type regionFinder struct {
	*comparison
	pairs [][2]Action // different actions; value i+1 of the function is pairs[i], value 0 is no difference
	ids   map[[2]Action]uint32
}

func (d *regionFinder) pair(a, b uint32) uint32 {
	if a == b {
		return 0
	}
	key := [2]Action{Action(a), Action(b)}
	id, ok := d.ids[key]
	if !ok {
		d.pairs = append(d.pairs, key)
		id = uint32(len(d.pairs))
		d.ids[key] = id
	}
	return id
}

// find appends the kernel's regions.
func (d *regionFinder) find(out *[]Region) {
	n := d.g.Apply(d.pair, d.a, d.b)
	for _, arch := range d.abis {
		eachRun(d.g, n, arch, func(lo, hi uint32, sub bdd.Node) bool {
			d.regions(out, arch, lo, hi, sub)
			return len(*out) <= MaxRegions
		})
	}
}

// eachRun calls f for the maximal intervals of an ABI's numbers that a function does not tell apart, ascending, until f returns false.
func eachRun(g *bdd.Graph, n bdd.Node, arch Arch, f func(lo, hi uint32, sub bdd.Node) bool) {
	g.Ranges(atArch(g, n, arch), symbolic.VarNr, 32, func(lo, hi uint64, sub bdd.Node) bool {
		for _, part := range clipNumbers(arch, uint32(lo), uint32(hi)) {
			if !f(part[0], part[1], sub) {
				return false
			}
		}
		return true
	})
}

// clipNumbers returns the parts of an interval of numbers that belong to the ABI.
func clipNumbers(arch Arch, lo, hi uint32) (parts [][2]uint32) {
	bounds := [][2]uint32{{0, 1<<32 - 1}}
	switch arch {
	case AMD64:
		bounds = [][2]uint32{{0, syscalls.X32Bit - 1}, {lastX32 + 1, lastX32 + 1}}
	case X32:
		bounds = [][2]uint32{{syscalls.X32Bit, lastX32}}
	}
	for _, b := range bounds {
		if from, to := max(lo, b[0]), min(hi, b[1]); from <= to {
			parts = append(parts, [2]uint32{from, to})
		}
	}
	return parts
}

// regions appends the regions of numbers that are not told apart.
func (d *regionFinder) regions(out *[]Region, arch Arch, lo, hi uint32, n bdd.Node) {
	if n == bdd.False {
		return
	}
	var names []string
	for nr, name := range syscalls.All(arch.abi()) {
		if lo <= nr && nr <= hi {
			names = append(names, name)
		}
	}
	for i, pair := range d.pairs {
		here := d.g.Map(func(v uint32) uint32 {
			if v == uint32(i)+1 {
				return 1
			}
			return 0
		}, n)
		if here == bdd.False {
			continue
		}
		r := Region{Arch: arch, First: lo, Last: hi, Names: names, A: pair[0], B: pair[1]}
		w, _ := d.g.Witness(here, bdd.False)
		r.Witness = callOf(w, arch, d.witnessNumber(arch, lo, hi))
		if here != bdd.True {
			when, ok := conditions(d.g, here, here)
			r.When, r.Unspelled = when, !ok
		}
		*out = append(*out, r)
	}
}

// witnessNumber returns a number of the interval, one with a name if there is one.
func (d *regionFinder) witnessNumber(arch Arch, lo, hi uint32) uint32 {
	for nr := range syscalls.All(arch.abi()) {
		if lo <= nr && nr <= hi {
			return nr
		}
	}
	return lo
}
