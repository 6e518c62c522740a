package seccomp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/gostockade/stockade/internal/strictjson"
)

// The JSON form of a profile. Fields that are absent have their zero value, which is the strict one; only default, and names and
// action of a rule, must be there.
//
//	{
//	  "default": "errno 1",                    an action as Action.String writes it
//	  "foreign": "kill_process",               absent: kill_process
//	  "newer": {"action": "errno 38", "since": "6.12"},     since absent: above the highest number named
//	  "arches": ["amd64", "386"],              as Arch.String writes them; absent: the target's own
//	  "flags": ["LOG"],                        as Flags.String writes them
//	  "rules": [
//	    {
//	      "names": ["read", "@go-runtime"],
//	      "action": "allow",
//	      "args": [{"index": 1, "op": "&==", "width": 32, "mask": 15, "value": 1}],   op absent: ==, width absent: 64
//	      "arches": ["amd64"],                 absent: all of the profile's
//	      "direct": true,                      absent: false
//	      "origin": "policy.txt:7"
//	    }
//	  ]
//	}
//
// Numbers are unsigned and keep all 64 bits; readers that go through floating point spoil those beyond 2^53. The comparisons are
// ==, !=, <, <=, >, >= and &== (the argument's bits within mask equal value).
type jsonProfile struct {
	Default string     `json:"default"`
	Foreign string     `json:"foreign,omitempty"`
	Newer   *jsonNewer `json:"newer,omitempty"`
	Arches  []string   `json:"arches,omitzero"`
	Flags   []string   `json:"flags,omitempty"`
	Rules   []jsonRule `json:"rules,omitzero"`
}

type jsonNewer struct {
	Action string `json:"action"`
	Since  string `json:"since,omitempty"`
}

type jsonRule struct {
	Names  []string  `json:"names"`
	Action string    `json:"action"`
	Args   []jsonArg `json:"args,omitzero"`
	Arches []string  `json:"arches,omitzero"`
	Direct bool      `json:"direct,omitempty"`
	Origin string    `json:"origin,omitempty"`
}

type jsonArg struct {
	Index uint   `json:"index"`
	Op    string `json:"op,omitempty"`
	Width uint   `json:"width,omitempty"`
	Mask  uint64 `json:"mask,omitempty"`
	Value uint64 `json:"value"`
}

// FormatJSON writes the profile as indented JSON that ParseJSON reads back to an equal value. It fails for a profile that
// Validate would refuse for another reason than a name, for one with a name or an Origin that is not valid UTF-8 (ErrInvalid), and
// for one that takes more than ParseJSON reads, 4 MiB or 262144 values (ErrTooLarge).
func (p *Profile) FormatJSON() ([]byte, error) {
	v, err := p.json()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // comparisons are made of < and >
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("seccomp: %w", err)
	}
	return readable(b.Bytes())
}

// MarshalJSON writes the form of FormatJSON, for encoding/json.
func (p Profile) MarshalJSON() ([]byte, error) {
	v, err := p.json()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seccomp: %w", err)
	}
	return readable(data)
}

// readable returns what was written if ParseJSON would not find it too large.
func readable(data []byte) ([]byte, error) {
	if _, err := strictjson.Parse(data); err != nil {
		return nil, fmt.Errorf("seccomp: the profile is %w to be read back: %w", ErrTooLarge, err)
	}
	return data, nil
}

// UnmarshalJSON reads the form of FormatJSON as strictly as ParseJSON, for encoding/json.
func (p *Profile) UnmarshalJSON(data []byte) error {
	if p == nil {
		return prefixed(invalid("no profile to read into"))
	}
	q, err := ParseJSON(data)
	if err != nil {
		return err
	}
	*p = *q
	return nil
}

func (p *Profile) json() (*jsonProfile, error) {
	for _, err := range p.checkShape() {
		return nil, prefixed(err)
	}
	for i := range p.Rules {
		if err := p.Rules[i].checkText(); err != nil {
			return nil, prefixed(&RuleError{Rule: i, Err: err})
		}
	}
	v := &jsonProfile{Default: p.Default.String(), Arches: archNames(p.Arches), Flags: p.Flags.names()}
	if p.Foreign != KillProcess {
		v.Foreign = p.Foreign.String()
	}
	if p.Newer != nil {
		v.Newer = &jsonNewer{Action: p.Newer.Action.String()}
		if !p.Newer.Since.IsZero() {
			v.Newer.Since = p.Newer.Since.String()
		}
	}
	if p.Rules != nil {
		v.Rules = make([]jsonRule, len(p.Rules))
	}
	for i := range p.Rules {
		v.Rules[i] = p.Rules[i].json()
	}
	return v, nil
}

// checkText refuses what JSON, which is UTF-8, cannot hold.
func (r *Rule) checkText() error {
	if !utf8.ValidString(r.Origin) {
		return invalid("Origin %q is not valid UTF-8", r.Origin)
	}
	for _, name := range r.Names {
		if !utf8.ValidString(name) {
			return invalid("name %q is not valid UTF-8", name)
		}
	}
	return nil
}

func (r *Rule) json() jsonRule {
	v := jsonRule{Names: r.Names, Action: r.Action.String(), Arches: archNames(r.Arches), Direct: r.Direct, Origin: r.Origin}
	if r.Args != nil {
		v.Args = make([]jsonArg, len(r.Args))
	}
	for i, a := range r.Args {
		v.Args[i] = jsonArg{Index: a.Index, Mask: a.Mask, Value: a.Value}
		if a.Op != EQ {
			v.Args[i].Op = a.Op.String()
		}
		if a.Width == Width32 {
			v.Args[i].Width = 32
		}
	}
	return v
}

func archNames(arches []Arch) []string {
	if arches == nil {
		return nil
	}
	names := make([]string, len(arches))
	for i, a := range arches {
		names[i] = a.String()
	}
	return names
}

// names returns the flags' names one by one.
func (f Flags) names() []string {
	var names []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}
