//go:build libseccomp && linux && cgo

package libseccomp

import (
	"fmt"

	"github.com/gostockade/stockade/seccomp"
)

// Miscompiled returns why libseccomp (2.5.4 to 2.6.1, by differential tests) is expected to compile the profile wrongly for
// the target, nil if it is not. Each reason is a property of a rule, never a list of cases:
//
//   - ordering comparisons or != in a call with more than one conditional rule: its generator keeps track of the accumulator in the
//     order of its list of nodes instead of along each path, and compares the wrong half of an argument;
//   - conditions on 64-bit arguments of x32 calls: it looks at the low half only;
//   - values of 2^32 or more on ABIs with 32-bit arguments: it drops the upper half of the value.
func Miscompiled(p *seccomp.Profile, target seccomp.Arch) (reasons []string) {
	if p == nil {
		return []string{"there is no profile"}
	}
	if target == 0 {
		target = seccomp.NativeArch()
	}
	for _, arch := range arches(p, target) {
		calls, err := callsOf(p, arch)
		if err != nil {
			return append(reasons, err.Error())
		}
		for _, c := range calls {
			if c.always {
				continue
			}
			for _, args := range c.alternatives {
				for _, a := range args {
					if why := doubtful(c, a, arch); why != "" {
						reasons = append(reasons, fmt.Sprintf("%v %s(%v): %s", arch, c.name, a, why))
					}
				}
			}
		}
	}
	return reasons
}

func doubtful(c *call, a seccomp.Arg, arch seccomp.Arch) string {
	equality := a.Op == seccomp.EQ || a.Op == seccomp.MaskedEQ
	switch {
	case !equality && len(c.alternatives) > 1:
		return "an ordering comparison beside another conditional rule"
	case arch == seccomp.X32 && a.Width == seccomp.Width64:
		return "a 64-bit argument of an x32 call"
	case arch.Bits() == 32 && (a.Value|a.Mask)>>32 != 0:
		return "a value above 32 bits"
	}
	return ""
}
