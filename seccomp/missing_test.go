package seccomp

import (
	"errors"
	"strings"
	"testing"
)

// TestNoProfile wants the nil profile refused, not a panic, by everything that takes one.
func TestNoProfile(t *testing.T) {
	var none *Profile
	p := &Profile{}
	prog, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	second := func(f func(a, b *Profile) error) func() error { return func() error { return f(p, none) } }
	equal := func(a, b *Profile) error { _, err := Equal(a, b); return err }
	subset := func(a, b *Profile) error { _, err := Subset(a, b); return err }
	diff := func(a, b *Profile) error { _, err := Diff(a, b); return err }
	union := func(a, b *Profile) error { _, err := Union(a, b); return err }
	intersect := func(a, b *Profile) error { _, err := Intersect(a, b); return err }
	for name, f := range map[string]func() error{
		"Validate":         none.Validate,
		"Compile":          func() error { _, err := Compile(none, &CompileOptions{Target: AMD64}); return err },
		"Compile RuncStub": func() error { _, err := Compile(none, &CompileOptions{Target: AMD64, RuncStub: true}); return err },
		"Compile stub":     func() error { _, err := Compile(none.WithRuncStub(AMD64), &CompileOptions{Target: AMD64}); return err },
		"Verify":           func() error { return Verify(prog, none) },
		"Equal":            func() error { return equal(none, p) },
		"Equal 2":          second(equal),
		"Subset":           func() error { return subset(none, p) },
		"Subset 2":         second(subset),
		"Diff":             func() error { return diff(none, p) },
		"Diff 2":           second(diff),
		"Union":            func() error { return union(none, p) },
		"Union 2":          second(union),
		"Intersect":        func() error { return intersect(none, p) },
		"Intersect 2":      second(intersect),
		"FormatJSON":       func() error { _, err := none.FormatJSON(); return err },
		"UnmarshalJSON":    func() error { return none.UnmarshalJSON([]byte(`{"default":"allow"}`)) },
		"NewSimulator":     func() error { _, err := NewSimulator(none); return err },
		"Simulate":         func() error { _, err := none.Simulate(Call{Arch: AMD64}); return err },
		"Explain":          func() error { _, err := none.Explain(Call{Arch: AMD64}); return err },
		"Outcomes":         func() error { _, err := none.Outcomes(AMD64, 0, nil); return err },
		"Apply":            func() error { return Apply(none, nil) },
	} {
		if err := f(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "no profile") {
			t.Errorf("%s: %v, want ErrInvalid, no profile", name, err)
		}
	}
}

// TestNoProgram is the same for programs, nil and zero.
func TestNoProgram(t *testing.T) {
	p := &Profile{}
	good, err := Compile(p, &CompileOptions{Target: AMD64})
	if err != nil {
		t.Fatal(err)
	}
	for _, none := range []*Program{nil, {}} {
		for name, f := range map[string]func() error{
			"Verify":           func() error { return Verify(none, p) },
			"VerifyPrograms":   func() error { return VerifyPrograms(none, good) },
			"VerifyPrograms 2": func() error { return VerifyPrograms(good, none) },
			"Load":             func() error { _, err := Load(none, nil); return err },
			"Run":              func() error { _, err := none.Run(Call{Arch: AMD64}); return err },
		} {
			if err := f(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "no program") {
				t.Errorf("%s: %v, want ErrInvalid, no program", name, err)
			}
		}
	}
}

func TestMatchOutOfRange(t *testing.T) {
	for _, op := range []Op{EQ, NE, LE, GE, MaskedEQ} {
		if a := (Arg{Index: 9, Op: op}); a.Match(&[MaxArgs]uint64{}) {
			t.Errorf("%v holds", a)
		}
	}
}

func TestParseActionPlainDigits(t *testing.T) {
	for _, s := range []string{"errno 01", "errno +1", "trap 00", "trace 0x7", "errno  1", "errno 1 "} {
		if a, err := ParseAction(s); err == nil {
			t.Errorf("%q is read as %v", s, a)
		}
	}
}

func TestExplainUprobes(t *testing.T) {
	for nr, want := range map[uint32]bool{335: true, 336: true, 334: false} {
		e, err := (&Profile{}).Explain(Call{Arch: AMD64, Nr: nr})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(e.String(), "past every filter"); got != want {
			t.Errorf("%d: the note is there: %v, want %v\n%v", nr, got, want, &e)
		}
	}
}
