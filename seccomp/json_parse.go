package seccomp

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/internal/strictjson"
)

// SyntaxError is one fault of a profile in JSON with its place: a JSON pointer, a line and a column. ParseJSON returns all it
// finds; take them apart with errors.As or through Unwrap() []error. %+v prints the source line with a caret.
type SyntaxError = strictjson.Error

// ParseJSON reads the form that FormatJSON writes, strictly: unknown fields and words, unknown system calls, wrong types, duplicate
// keys, null, numbers that are not unsigned integers in plain digits, trailing data and inputs beyond 4 MiB are errors, several at once,
// each a *[SyntaxError]. What only Validate finds, because values that are right by themselves do not fit each other, is reported at the
// rule, or at the ABI that is listed twice, and unwraps to Validate's error. The result is valid.
func ParseJSON(data []byte) (*Profile, error) {
	doc, err := strictjson.Parse(data)
	if err != nil {
		return nil, strictjson.Prefix("seccomp: ", err)
	}
	doc.RefuseNull()
	var p Profile
	rules := readProfile(doc.Root(), &p)
	if doc.Err() == nil {
		locate(doc.Root(), rules, p.checkShape())
	}
	if err := doc.Err(); err != nil {
		return nil, strictjson.Prefix("seccomp: ", err)
	}
	return &p, nil
}

// locate records faults of a profile at the rules they are in.
func locate(root jsonValue, rules []jsonValue, errs []error) {
	for _, err := range errs {
		var in *RuleError
		if errors.As(err, &in) {
			rules[in.Rule].Wrap(in.Err)
		} else {
			root.Wrap(err)
		}
	}
}

type (
	jsonValue = strictjson.Value
	jsonField = strictjson.Field
)

// readProfile reads the profile and returns where its rules are.
func readProfile(v jsonValue, p *Profile) (rules []jsonValue) {
	v.Object(
		jsonField{Name: "default", Required: true, Read: func(v jsonValue) { p.Default = readAction(v) }},
		jsonField{Name: "foreign", Read: func(v jsonValue) { p.Foreign = readAction(v) }},
		jsonField{Name: "newer", Read: func(v jsonValue) { p.Newer = readNewer(v) }},
		jsonField{Name: "arches", Read: func(v jsonValue) { p.Arches = readDistinctArches(v) }},
		jsonField{Name: "flags", Read: func(v jsonValue) { p.Flags = readFlags(v) }},
		jsonField{Name: "rules", Read: func(v jsonValue) {
			p.Rules = []Rule{}
			v.Array(func(v jsonValue) { p.Rules, rules = append(p.Rules, readRule(v)), append(rules, v) })
		}},
	)
	return rules
}

func readNewer(v jsonValue) *Newer {
	var n Newer
	v.Object(
		jsonField{Name: "action", Required: true, Read: func(v jsonValue) { n.Action = readAction(v) }},
		jsonField{Name: "since", Read: func(v jsonValue) {
			var err error
			if n.Since, err = parseKernelVersion(v.Text()); err != nil && v.Kind() == strictjson.String {
				v.Errorf("%v", err)
			}
		}},
	)
	return &n
}

func parseKernelVersion(s string) (KernelVersion, error) {
	first, second, ok := strings.Cut(s, ".")
	major, err1 := strconv.ParseUint(first, 10, 8)
	minor, err2 := strconv.ParseUint(second, 10, 8)
	v := KernelVersion{uint8(major), uint8(minor)}
	if !ok || err1 != nil || err2 != nil || v.IsZero() || v.String() != s {
		return KernelVersion{}, fmt.Errorf("kernel version %q is not of the form \"6.12\"", s)
	}
	return v, nil
}

func readRule(v jsonValue) Rule {
	var r Rule
	v.Object(
		jsonField{Name: "names", Required: true, Read: func(v jsonValue) { r.Names = readNames(v) }},
		jsonField{Name: "action", Required: true, Read: func(v jsonValue) { r.Action = readAction(v) }},
		jsonField{Name: "args", Read: func(v jsonValue) {
			r.Args = []Arg{}
			v.Array(func(v jsonValue) { r.Args = append(r.Args, readArg(v)) })
		}},
		jsonField{Name: "arches", Read: func(v jsonValue) { r.Arches = readArches(v) }},
		jsonField{Name: "direct", Read: func(v jsonValue) { r.Direct = v.Bool() }},
		jsonField{Name: "origin", Read: func(v jsonValue) { r.Origin = v.Text() }},
	)
	return r
}

func readNames(v jsonValue) []string {
	names := []string{}
	v.Array(func(v jsonValue) {
		name := v.Text()
		if err := checkName(name); err != nil && v.Kind() == strictjson.String {
			v.Errorf("%q: %v", name, err)
		}
		names = append(names, name)
	})
	if len(names) == 0 && v.Kind() == strictjson.Array {
		v.Errorf("a rule needs at least one name")
	}
	return names
}

func readArg(v jsonValue) Arg {
	var a Arg
	v.Object(
		jsonField{Name: "index", Required: true, Read: func(v jsonValue) { a.Index = uint(v.Uint(MaxArgs - 1)) }},
		jsonField{Name: "op", Read: func(v jsonValue) { a.Op = readOp(v) }},
		jsonField{Name: "width", Read: func(v jsonValue) {
			switch n := v.Uint(math.MaxUint64); n {
			case 32:
				a.Width = Width32
			case 64:
			default:
				if v.Kind() == strictjson.Number {
					v.Errorf("width is 32 or 64, not %d", n)
				}
			}
		}},
		jsonField{Name: "mask", Read: func(v jsonValue) { a.Mask = v.Uint(math.MaxUint64) }},
		jsonField{Name: "value", Required: true, Read: func(v jsonValue) { a.Value = v.Uint(math.MaxUint64) }},
	)
	if err := a.check(); err != nil {
		v.Errorf("%v", err)
	}
	return a
}

func readOp(v jsonValue) Op {
	word := v.Text()
	for op, name := range opNames {
		if name == word {
			return Op(op)
		}
	}
	if v.Kind() == strictjson.String {
		v.Errorf("unknown comparison %q; the comparisons are %s", word, strings.Join(opNames[:], " "))
	}
	return EQ
}

func readAction(v jsonValue) Action {
	word := v.Text()
	if v.Kind() != strictjson.String {
		return KillProcess
	}
	a, err := ParseAction(word)
	if err != nil {
		v.Errorf("%v", err)
	}
	return a
}

func readArches(v jsonValue) []Arch {
	arches := []Arch{}
	v.Array(func(v jsonValue) {
		word := v.Text()
		a, ok := ParseArch(word)
		if !ok && v.Kind() == strictjson.String {
			v.Errorf("unknown ABI %q", word)
		}
		arches = append(arches, a)
	})
	return arches
}

// readDistinctArches reads a list in which no ABI may come twice.
func readDistinctArches(v jsonValue) []Arch {
	arches := readArches(v)
	i := 0
	v.Array(func(v jsonValue) {
		if arches[i].Valid() && slices.Contains(arches[:i], arches[i]) {
			v.Wrap(invalid("ABI %v is listed twice", arches[i]))
		}
		i++
	})
	return arches
}

func readFlags(v jsonValue) (flags Flags) {
	v.Array(func(v jsonValue) {
		word := v.Text()
		f, ok := ParseFlag(word)
		if !ok && v.Kind() == strictjson.String {
			v.Errorf("unknown flag %q; the flags are %s", word, strings.Join(flagNames[:], " "))
		}
		flags |= f
	})
	return flags
}
