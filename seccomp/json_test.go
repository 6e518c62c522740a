package seccomp

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything uses every field and every action, comparison, width and flag of a profile.
func everything() *Profile {
	p := &Profile{
		Default: Errno(4095), Foreign: Log, Newer: &Newer{Action: Errno(38), Since: KernelVersion{6, 12}},
		Arches: []Arch{AMD64, I386, X32}, Flags: allFlags,
		Rules: []Rule{
			{Names: []string{"@go-runtime", "openat"}, Action: Allow, Direct: true, Origin: "a <b> & \"c\"\u2028"},
			{Names: []string{"read"}, Action: Log, Args: []Arg{}, Arches: []Arch{}},
			{Names: []string{"socket"}, Action: TraceWith(65535), Arches: []Arch{I386}, Args: []Arg{
				{Index: 0, Op: EQ, Width: Width32, Value: 1<<32 - 1}, {Index: 5, Op: NE, Value: 1<<64 - 1},
				{Index: 1, Op: LT, Value: 1<<53 + 1}, {Index: 1, Op: LE}, {Index: 2, Op: GT, Value: 7}, {Index: 2, Op: GE, Width: Width32, Value: 8},
				{Index: 3, Op: MaskedEQ, Mask: 1<<64 - 2, Value: 1 << 63},
			}},
		},
	}
	for _, a := range []Action{KillProcess, KillThread, Trap, TrapWith(7), Errno(0), Notify, Trace, Allow} {
		p.Rules = append(p.Rules, Rule{Names: []string{"write"}, Action: a})
	}
	return p
}

func TestJSONRoundTrip(t *testing.T) {
	for name, p := range map[string]*Profile{
		"everything":     everything(),
		"zero":           {},
		"no rules":       {Rules: []Rule{}, Arches: []Arch{}},
		"default newer":  {Newer: &Newer{}},
		"a plain filter": {Default: Errno(1), Rules: []Rule{{Names: []string{"read", "write"}, Action: Allow}}},
	} {
		text, err := p.FormatJSON()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := ParseJSON(text)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
			continue
		}
		if !reflect.DeepEqual(got, p) {
			t.Errorf("%s changes (-before +after):\n%s", name, cmp.Diff(p, got))
		}
		var viaStd struct{ P Profile }
		wrapped, err := json.Marshal(struct{ P *Profile }{p})
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(wrapped, &viaStd); err != nil || !reflect.DeepEqual(&viaStd.P, p) {
			t.Errorf("%s through encoding/json: %v\n%s", name, err, cmp.Diff(p, &viaStd.P))
		}
	}
}

func TestJSONInvalid(t *testing.T) {
	for _, p := range []*Profile{
		{Default: 17}, {Arches: []Arch{200}}, {Flags: 1 << 30}, {Rules: []Rule{{}}},
		{Rules: []Rule{{Names: []string{"read"}, Args: []Arg{{Index: 6}}}}},
	} {
		if text, err := p.FormatJSON(); err == nil {
			t.Errorf("%+v is written as %s", p, text)
		}
		if _, err := json.Marshal(p); err == nil {
			t.Errorf("%+v is marshalled", p)
		}
	}
}

func TestParseJSONErrors(t *testing.T) {
	rule := func(s string) string {
		return `{"default":"allow","rules":[{"names":["read"],"action":"log",` + s + `}]}`
	}
	for _, tt := range []struct{ src, want string }{
		{`{}`, `1:1: field "default" is missing`},
		{`{"default":"deny"}`, `1:12: /default: action "deny" is unknown`},
		{`{"default":"errno"}`, `/default: action "errno": errno needs a number`},
		{`{"default":"errno 4096"}`, `/default: action "errno 4096": data is out of range`},
		{`{"default":"allow 1"}`, `/default: action "allow 1"`},
		{`{"Default":"allow"}`, `unknown field "Default"; it is spelt "default"`},
		{`{"default":"allow","arches":["z80"]}`, `/arches/0: unknown ABI "z80"`},
		{`{"default":"allow","arches":["386","i386"]}`, `1:36: /arches/1: invalid value: ABI 386 is listed twice`},
		{`{"default":"allow","arches":null}`, `1:29: /arches: null is no value for this field; leave it out`},
		{`{"default":null}`, `seccomp: 1:12: /default: null is no value`},
		{`{"default":"allow","rules":[{"names":["read"],"action":"log","args":null}]}`, `1:69: /rules/0/args: null is no value`},
		{rule(`"args":[{"index":0,"value":0,"op":null}]`), `/rules/0/args/0/op: null is no value`},
		{`{"default":"allow","arches":["amd64"],"rules":[{"names":["read"],"action":"log"},{"names":["read"],"action":"log","arches":["386"]}]}`,
			`1:82: /rules/1: invalid value: the rule is for 386, which the profile does not list`},
		{`{"default":"allow","flags":["FAST"]}`, `/flags/0: unknown flag "FAST"; the flags are TSYNC`},
		{`{"default":"allow","newer":{"action":"log","since":"6"}}`, `/newer/since: kernel version "6" is not`},
		{`{"default":"allow","newer":{"action":"log","since":"06.1"}}`, `/newer/since: kernel version "06.1" is not`},
		{`{"default":"allow","newer":{}}`, `/newer: field "action" is missing`},
		{`{"default":"allow","rules":[{"action":"log"}]}`, `/rules/0: field "names" is missing`},
		{`{"default":"allow","rules":[{"names":[],"action":"log"}]}`, `/rules/0/names: a rule needs at least one name`},
		{`{"default":"allow","rules":[{"names":["reed","@nothing"],"action":"log"}]}`, "/rules/0/names/0: \"reed\": unknown system call\n"},
		{rule(`"args":[{"index":6,"value":0}]`), `/rules/0/args/0/index: "6" is more than 5`},
		{rule(`"args":[{"index":0,"value":0,"op":"="}]`), `/rules/0/args/0/op: unknown comparison "="`},
		{rule(`"args":[{"index":0,"value":0,"width":16}]`), `/rules/0/args/0/width: width is 32 or 64, not 16`},
		{rule(`"args":[{"index":0,"value":4294967296,"width":32}]`), `/rules/0/args/0: invalid value: a 32-bit comparison`},
		{rule(`"args":[{"index":0,"op":"&==","mask":1,"value":2}]`), `/rules/0/args/0: invalid value: value 0x2 has bits outside mask`},
		{rule(`"args":[{"index":0,"value":1.5}]`), `/rules/0/args/0/value: "1.5" is not an integer in plain digits`},
		{rule(`"direct":1`), `/rules/0/direct: found a number where a boolean is expected`},
	} {
		_, err := ParseJSON([]byte(tt.src))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\n got: %v\nwant: %s", tt.src, err, tt.want)
		}
	}
	_, err := ParseJSON([]byte(`{"default":"allow","rules":[{"names":["reed"],"action":"log"}]}`))
	var at *SyntaxError
	if !errors.As(err, &at) || at.Pointer != "/rules/0/names/0" || at.Offset != 38 {
		t.Errorf("the place of %v is %+v", err, at)
	}
}

// TestParseJSONUnwraps wants what Validate finds to be told apart by errors.Is and to have its place.
func TestParseJSONUnwraps(t *testing.T) {
	_, err := ParseJSON([]byte(`{"default":"allow","arches":["386","386"]}`))
	var at *SyntaxError
	if !errors.Is(err, ErrInvalid) || !errors.As(err, &at) || at.Pointer != "/arches/1" {
		t.Errorf("twice: %v", err)
	}
	conds := strings.Repeat(`,{"index":0,"value":0}`, MaxRuleConds)
	_, err = ParseJSON([]byte(`{"default":"allow","rules":[{"names":["read"],"action":"log","args":[{"index":0,"value":0}` + conds + `]}]}`))
	if !errors.Is(err, ErrTooLarge) || !errors.As(err, &at) || at.Pointer != "/rules/0" {
		t.Errorf("too many conditions: %v", err)
	}
}

// TestFormatJSONRefuses wants errors where the text would not be read back to the same profile.
func TestFormatJSONRefuses(t *testing.T) {
	broken := &Profile{Rules: []Rule{{Names: []string{"read"}, Origin: "a\xffb"}}}
	odd := &Profile{Rules: []Rule{{Names: []string{"re\xffad"}}}}
	long := &Profile{Rules: []Rule{{Names: []string{"read"}, Origin: strings.Repeat("x", 4<<20)}}}
	many := &Profile{}
	for range MaxRules {
		many.Rules = append(many.Rules, Rule{Names: []string{"read"}, Args: make([]Arg, 5)})
	}
	for name, tt := range map[string]struct {
		p    *Profile
		want error
		text string
	}{
		"Origin": {broken, ErrInvalid, `rule 0: invalid value: Origin "a\xffb" is not valid UTF-8`},
		"name":   {odd, ErrInvalid, `rule 0: invalid value: name "re\xffad" is not valid UTF-8`},
		"bytes":  {long, ErrTooLarge, "more than the limit of 4194304"},
		"both":   {many, ErrTooLarge, "more than the limit of 4194304"},
	} {
		if _, err := tt.p.FormatJSON(); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %v, want %v: %s", name, err, tt.want, tt.text)
		}
		if _, err := tt.p.MarshalJSON(); !errors.Is(err, tt.want) {
			t.Errorf("%s: MarshalJSON: %v, want %v", name, err, tt.want)
		}
	}
	if _, err := many.MarshalJSON(); err == nil || !strings.Contains(err.Error(), "more than 262144 values") {
		t.Errorf("without indentation: %v", err)
	}
}

// FuzzParseJSON looks for panics, for invalid results, and for profiles that change when written and read again.
func FuzzParseJSON(f *testing.F) {
	text, err := everything().FormatJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"default":"kill_thread","newer":{"action":"errno 38"},"rules":[{"names":["@file-read"],"action":"allow"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseJSON(data)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("ParseJSON accepts an invalid profile: %v", err)
		}
		text, err := p.FormatJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseJSON(text)
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("%v\n%s", err, cmp.Diff(p, again))
		}
	})
}
