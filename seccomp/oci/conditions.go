package oci

import (
	"fmt"
	"math"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

func pointerIndex(field string, i int) string { return fmt.Sprintf("%s/%d", field, i) }

// conditions checks a rule's conditions and splits them as runc does: one alternative with all of them, or, when two are on the
// same argument, one alternative for each (matchCall). No conditions are one empty alternative.
func (im *importer) conditions(rule int, args []specs.LinuxSeccompArg) ([][]seccomp.Arg, bool) {
	var all []seccomp.Arg
	used, same := [seccomp.MaxArgs]bool{}, false
	for i, a := range args {
		at := pointerIndex("/args", i)
		op, ok := scmp.Op(a.Op)
		if !ok {
			im.refuse(rule, at+"/op", "unknown comparison %q", a.Op)
			return nil, false
		}
		if a.Index >= seccomp.MaxArgs {
			im.refuse(rule, at+"/index", "argument %d, the last one is 5", a.Index)
			return nil, false
		}
		same = same || used[a.Index]
		used[a.Index] = true
		arg := seccomp.Arg{Index: a.Index, Op: op, Value: a.Value}
		if op == seccomp.MaskedEQ {
			arg.Mask, arg.Value = a.Value, a.Value&a.ValueTwo
			im.checkMask(rule, at, a)
		} else if a.ValueTwo != 0 {
			im.note(Warning, rule, at+"/valueTwo", CodeValueTwoIgnored, "%s does not use valueTwo", a.Op)
		}
		all = append(all, arg)
	}
	if !same {
		return [][]seccomp.Arg{all}, true
	}
	im.note(Warning, rule, "/args", CodeSameArgument, "two conditions on one argument: the runtime makes each of the %d conditions a rule of "+
		"its own, so that the rule applies when any one of them holds, not all", len(all))
	alternatives := make([][]seccomp.Arg, len(all))
	for i := range all {
		alternatives[i] = all[i : i+1]
	}
	return alternatives, true
}

func (im *importer) checkMask(rule int, at string, a specs.LinuxSeccompArg) {
	switch {
	case a.Value == 0:
		im.note(Warning, rule, at+"/value", CodeEmptyMask, "the mask is empty: the condition always holds, whatever valueTwo is")
	case a.ValueTwo&^a.Value != 0:
		im.note(Warning, rule, at+"/valueTwo", CodeMaskedValue, "bits of %#x outside the mask %#x are ignored: it compares with %#x",
			a.ValueTwo, a.Value, a.Value&a.ValueTwo)
	}
}

// on returns the conditions as libseccomp compiles them for an ABI. Its 32-bit ABIs, and x32, look at low halves only: of the
// argument, the value and the mask (db.c, _db_rule_gen_32). Conditions that have become empty are gone; the others are in the order
// of the arguments, as libseccomp tests them.
func on(arch seccomp.Arch, args []seccomp.Arg) []seccomp.Arg {
	out := make([]seccomp.Arg, 0, len(args))
	for _, a := range args {
		if halves(arch) {
			a.Width, a.Value, a.Mask = seccomp.Width32, a.Value&math.MaxUint32, a.Mask&math.MaxUint32
		}
		if a.Op == seccomp.MaskedEQ && a.Mask == 0 {
			continue
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b seccomp.Arg) int { return int(a.Index) - int(b.Index) })
	return out
}

// halves reports whether libseccomp looks at low halves only for an ABI.
func halves(arch seccomp.Arch) bool { return arch.Bits() == 32 || arch == seccomp.X32 }

// cut reports whether on loses bits of the conditions for a 32-bit ABI.
func cut(args []seccomp.Arg) bool {
	for _, a := range args {
		if a.Value>>32 != 0 || a.Op == seccomp.MaskedEQ && a.Mask>>32 != 0 && a.Mask != math.MaxUint64 {
			return true
		}
	}
	return false
}

// disjoint reports whether two lists of conditions cannot hold for the same call, as far as a look at single arguments tells.
func disjoint(a, b []seccomp.Arg) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Index == y.Index && apart(x, y) {
				return true
			}
		}
	}
	return false
}

// apart reports whether no value satisfies both conditions.
func apart(x, y seccomp.Arg) bool {
	if x.Op == seccomp.MaskedEQ || y.Op == seccomp.MaskedEQ {
		xm, xok := asMask(x)
		ym, yok := asMask(y)
		return xok && yok && (x.Value^y.Value)&xm&ym != 0
	}
	if x.Op == seccomp.NE || y.Op == seccomp.NE {
		return x.Op != y.Op && x.Value == y.Value && (x.Op == seccomp.EQ || y.Op == seccomp.EQ)
	}
	xlo, xhi, xok := interval(x)
	ylo, yhi, yok := interval(y)
	return !xok || !yok || xlo > yhi || ylo > xhi
}

func asMask(a seccomp.Arg) (mask uint64, ok bool) {
	switch a.Op {
	case seccomp.EQ:
		return math.MaxUint64, true
	case seccomp.MaskedEQ:
		return a.Mask, true
	}
	return 0, false
}

// interval returns the values that satisfy a condition other than NE and MaskedEQ; ok is false if there are none.
func interval(a seccomp.Arg) (lo, hi uint64, ok bool) {
	switch a.Op {
	case seccomp.EQ:
		return a.Value, a.Value, true
	case seccomp.LT:
		return 0, a.Value - 1, a.Value > 0
	case seccomp.LE:
		return 0, a.Value, true
	case seccomp.GT:
		return a.Value + 1, math.MaxUint64, a.Value < math.MaxUint64
	}
	return a.Value, math.MaxUint64, true // GE
}
