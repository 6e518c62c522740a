//go:build libseccomp && linux && cgo

package libseccomp

import (
	"fmt"
	"slices"

	scmp "github.com/seccomp/libseccomp-golang"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
)

// A call gathers the rules for one system call of one ABI.
type call struct {
	name         string
	action       seccomp.Action
	always       bool            // some rule has no conditions
	alternatives [][]seccomp.Arg // else the conditions of each rule
}

// callsOf returns the ABI's calls that rules name, in the order of first mention.
func callsOf(p *seccomp.Profile, arch seccomp.Arch) ([]*call, error) {
	var calls []*call
	byName := map[string]*call{}
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.Arches != nil && !slices.Contains(rule.Arches, arch) {
			continue
		}
		for _, name := range rule.Names {
			members, _ := seccomp.Set(name).Members() // Validate has looked it up
			for _, m := range members {
				if m.Arches != nil && !slices.Contains(m.Arches, arch) {
					continue
				}
				args := slices.Concat(rule.Args, m.Args)
				for _, name := range m.Names {
					if _, ok := arch.Number(name); !ok {
						continue
					}
					c := byName[name]
					if c == nil {
						c = &call{name: name, action: rule.Action}
						byName[name], calls = c, append(calls, c)
					}
					if err := c.add(rule, args, arch); err != nil {
						return nil, fmt.Errorf("rule %d, %v %s: %w", i, arch, name, err)
					}
				}
			}
		}
	}
	return calls, nil
}

// add adds a rule, unless libseccomp could not combine it with the call's others as a profile does.
func (c *call) add(rule *seccomp.Rule, args []seccomp.Arg, arch seccomp.Arch) error {
	if rule.Action != c.action {
		return fmt.Errorf("%w: %v beside %v for one call", ErrInexpressible, rule.Action, c.action)
	}
	_, muxed := syscalls.Multiplexed(syscalls.ABI(arch), c.name)
	switch {
	case muxed && rule.Direct:
		return fmt.Errorf("%w: a rule that does not reach the multiplexed call", ErrInexpressible)
	case muxed && len(args) > 0:
		return fmt.Errorf("%w: conditions on a call that the ABI multiplexes", ErrInexpressible)
	case len(args) == 0:
		c.always = true
	default:
		c.alternatives = append(c.alternatives, args)
	}
	return nil
}

// conditions returns libseccomp's form of a rule's conditions.
func conditions(args []seccomp.Arg) ([]scmp.ScmpCondition, error) {
	var conds []scmp.ScmpCondition
	var seen [seccomp.MaxArgs]bool
	for _, a := range args {
		if seen[a.Index] {
			return nil, fmt.Errorf("%w: two conditions on argument %d", ErrInexpressible, a.Index)
		}
		seen[a.Index] = true
		cond, err := condition(a)
		if err != nil {
			return nil, err
		}
		conds = append(conds, cond)
	}
	return conds, nil
}

func condition(a seccomp.Arg) (scmp.ScmpCondition, error) {
	ops := map[seccomp.Op]scmp.ScmpCompareOp{
		seccomp.EQ: scmp.CompareEqual, seccomp.NE: scmp.CompareNotEqual, seccomp.LT: scmp.CompareLess,
		seccomp.LE: scmp.CompareLessOrEqual, seccomp.GT: scmp.CompareGreater, seccomp.GE: scmp.CompareGreaterEqual,
	}
	switch {
	case a.Op == seccomp.MaskedEQ:
		return scmp.MakeCondition(a.Index, scmp.CompareMaskedEqual, a.Mask, a.Value)
	case a.Width == seccomp.Width32 && a.Op == seccomp.EQ:
		return scmp.MakeCondition(a.Index, scmp.CompareMaskedEqual, 0xffff_ffff, a.Value)
	case a.Width == seccomp.Width32:
		return scmp.ScmpCondition{}, fmt.Errorf("%w: %v", ErrInexpressible, a)
	}
	return scmp.MakeCondition(a.Index, ops[a.Op], a.Value)
}

// archToken returns libseccomp's token of an ABI.
func archToken(arch seccomp.Arch) (scmp.ScmpArch, error) {
	tokens := map[seccomp.Arch]scmp.ScmpArch{
		seccomp.AMD64: scmp.ArchAMD64, seccomp.I386: scmp.ArchX86, seccomp.X32: scmp.ArchX32,
		seccomp.ARM64: scmp.ArchARM64, seccomp.ARM: scmp.ArchARM,
		seccomp.RISCV64: scmp.ArchRISCV64, seccomp.LOONG64: scmp.ArchLOONGARCH64,
		seccomp.S390X: scmp.ArchS390X, seccomp.S390: scmp.ArchS390,
		seccomp.PPC64LE: scmp.ArchPPC64LE, seccomp.PPC64: scmp.ArchPPC64, seccomp.PPC: scmp.ArchPPC,
		seccomp.MIPS: scmp.ArchMIPS, seccomp.MIPSLE: scmp.ArchMIPSEL, seccomp.MIPS64: scmp.ArchMIPS64,
		seccomp.MIPS64LE: scmp.ArchMIPSEL64, seccomp.MIPS64N32: scmp.ArchMIPS64N32, seccomp.MIPS64LEN32: scmp.ArchMIPSEL64N32,
		seccomp.M68K: scmp.ArchM68K, seccomp.PARISC: scmp.ArchPARISC, seccomp.PARISC64: scmp.ArchPARISC64,
		seccomp.SH: scmp.ArchSH, seccomp.SHEB: scmp.ArchSHEB,
	}
	if token, ok := tokens[arch]; ok {
		return token, nil
	}
	return scmp.ArchInvalid, fmt.Errorf("%w: ABI %v", ErrInexpressible, arch)
}

// action returns libseccomp's form of an action.
func action(a seccomp.Action) (scmp.ScmpAction, error) {
	switch a.Kind() {
	case seccomp.KillProcess:
		return scmp.ActKillProcess, nil
	case seccomp.KillThread:
		return scmp.ActKillThread, nil
	case seccomp.Notify:
		return scmp.ActNotify, nil
	case seccomp.Log:
		return scmp.ActLog, nil
	case seccomp.Allow:
		return scmp.ActAllow, nil
	case seccomp.Trap:
		if a.Data() == 0 {
			return scmp.ActTrap, nil
		}
	case seccomp.Trace:
		return scmp.ActTrace.SetReturnCode(int16(a.Data())), nil
	case seccomp.Errno(0):
		if a.Data() < seccomp.MaxErrno { // libseccomp wants less than MAX_ERRNO
			return scmp.ActErrno.SetReturnCode(int16(a.Data())), nil
		}
	}
	return scmp.ActInvalid, fmt.Errorf("%w: action %v", ErrInexpressible, a)
}
