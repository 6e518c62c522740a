package seccomp

import (
	"fmt"

	"github.com/gostockade/stockade/internal/bdd"
)

// Difference is a call for which two profiles have different actions.
type Difference struct {
	Call      Call   // Call.Arch is zero if AuditArch belongs to no ABI
	AuditArch uint32 // the call's seccomp_data.arch
	A, B      Action // what the first and the second profile do
}

// String returns "amd64 dup(0, 0, 0, 0, 0, 0): errno 1 and allow".
func (d *Difference) String() string {
	call := d.Call.String()
	if d.Call.Arch == 0 {
		call = fmt.Sprintf("number %#x of arch value %#x", d.Call.Nr, d.AuditArch)
	}
	return fmt.Sprintf("%s: %v and %v", call, d.A, d.B)
}

// Equal decides whether two profiles have the same action, data included, for every call on every kernel that they are about: any
// ABI, number and arguments. It returns nil if they have, else a call for which they have not.
//
// A profile that lists no ABIs is compared on the kernels of the other's; if both list none, on each ABI by itself. Flags do
// not count. Errors are the profiles' own, or wrap ErrTooLarge.
func Equal(a, b *Profile) (*Difference, error) {
	return findDifference(a, b, "equal", func(c *comparison) (got, want bdd.Node) { return c.a, c.b })
}

// Subset decides whether a lets nothing happen that b does not: for every call a's action is at least as restrictive as b's. It
// returns nil if so, else a call for which a's is less restrictive. Data does not count: errno 1 and errno 38 restrict alike.
// For which calls, and for errors, see Equal.
func Subset(a, b *Profile) (*Difference, error) {
	return findDifference(a, b, "subset", func(c *comparison) (got, want bdd.Node) {
		exceeds := func(x, y uint32) uint32 {
			if Action(x).Kind() > Action(y).Kind() {
				return 1
			}
			return 0
		}
		return c.g.Apply(exceeds, c.a, c.b), bdd.False
	})
}

// findDifference returns a call for which two functions made from the profiles differ.
func findDifference(a, b *Profile, verb string, functions func(c *comparison) (x, y bdd.Node)) (*Difference, error) {
	var found *Difference
	err := compare(a, b, func(c *comparison) (bool, error) {
		x, y := functions(c)
		if x != y && c.g.Err() == nil {
			found = c.difference(x, y)
		}
		return found == nil, nil
	})
	if err != nil {
		return nil, fmt.Errorf("seccomp: %s: %w", verb, err)
	}
	return found, nil
}

// difference returns a call for which two functions differ, with the profiles' actions.
func (c *comparison) difference(x, y bdd.Node) *Difference {
	d := &Difference{}
	d.Call, d.AuditArch = differ(c.g, x, y, c.target)
	d.A, d.B = value(c.g, c.a, d.Call, d.AuditArch), value(c.g, c.b, d.Call, d.AuditArch)
	return d
}
