package scmp

import (
	"math"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/strictjson"
	"github.com/gostockade/stockade/seccomp"
)

// ReadAction reads an action's word.
func ReadAction(v strictjson.Value) specs.LinuxSeccompAction {
	a := specs.LinuxSeccompAction(v.Text())
	if _, ok := Action(a); !ok && v.Kind() == strictjson.String {
		v.Errorf("unknown action %q; the actions are SCMP_ACT_ followed by KILL_PROCESS, KILL_THREAD (or KILL), TRAP, ERRNO, "+
			"NOTIFY, TRACE, LOG or ALLOW", a)
	}
	return a
}

// ReadArch reads an ABI's token.
func ReadArch(v strictjson.Value) specs.Arch {
	a := specs.Arch(v.Text())
	if _, ok := Arch(a); !ok && v.Kind() == strictjson.String {
		v.Errorf("unknown architecture %q; the tokens look like SCMP_ARCH_X86_64", a)
	}
	return a
}

// ReadArches reads an array of tokens, never nil.
func ReadArches(v strictjson.Value) []specs.Arch {
	out := []specs.Arch{}
	v.Array(func(v strictjson.Value) { out = append(out, ReadArch(v)) })
	return out
}

// ReadFlags reads an array of flags, never nil: an empty array means no flags, an absent one the runtime's own choice.
func ReadFlags(v strictjson.Value) []specs.LinuxSeccompFlag {
	out := []specs.LinuxSeccompFlag{}
	v.Array(func(v strictjson.Value) {
		f := specs.LinuxSeccompFlag(v.Text())
		if _, ok := Flag(f); !ok && v.Kind() == strictjson.String {
			v.Errorf("unknown flag %q; the flags are SECCOMP_FILTER_FLAG_ followed by TSYNC, LOG, SPEC_ALLOW or WAIT_KILLABLE_RECV", f)
		}
		out = append(out, f)
	})
	return out
}

// ReadErrno reads an error number, 32 bits as the specification has it.
func ReadErrno(v strictjson.Value) *uint {
	n := uint(v.Uint32())
	return &n
}

// ReadNames reads a rule's names: at least one, none empty.
func ReadNames(v strictjson.Value) []string {
	out := []string{}
	v.Array(func(v strictjson.Value) { out = append(out, ReadName(v)) })
	if len(out) == 0 && v.Kind() == strictjson.Array {
		v.Errorf("a rule needs at least one name")
	}
	return out
}

// ReadName reads one name.
func ReadName(v strictjson.Value) string {
	name := v.Text()
	if name == "" && v.Kind() == strictjson.String {
		v.Errorf("the empty string is no system call")
	}
	return name
}

// ReadArgs reads a rule's conditions, never nil.
func ReadArgs(v strictjson.Value) []specs.LinuxSeccompArg {
	out := []specs.LinuxSeccompArg{}
	v.Array(func(v strictjson.Value) { out = append(out, readArg(v)) })
	return out
}

func readArg(v strictjson.Value) specs.LinuxSeccompArg {
	var a specs.LinuxSeccompArg
	v.Object(
		strictjson.Field{Name: "index", Required: true, Read: func(v strictjson.Value) {
			a.Index = uint(v.Uint(seccomp.MaxArgs - 1))
		}},
		strictjson.Field{Name: "value", Required: true, Read: func(v strictjson.Value) { a.Value = v.Uint(math.MaxUint64) }},
		strictjson.Field{Name: "valueTwo", Read: func(v strictjson.Value) { a.ValueTwo = v.Uint(math.MaxUint64) }},
		strictjson.Field{Name: "op", Required: true, Read: func(v strictjson.Value) {
			a.Op = specs.LinuxSeccompOperator(v.Text())
			if _, ok := Op(a.Op); !ok && v.Kind() == strictjson.String {
				v.Errorf("unknown comparison %q; the comparisons are SCMP_CMP_ followed by EQ, NE, LT, LE, GT, GE or MASKED_EQ", a.Op)
			}
		}},
	)
	return a
}
