package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// rule is read by the tests as a codec reads its own types.
type rule struct {
	Name  string
	Value uint64
	Args  []uint64
}

func readRules(d *Document) []rule {
	var out []rule
	d.Root().Object(
		Field{"version", false, func(v Value) { v.Uint32() }},
		Field{"rules", true, func(v Value) {
			v.Array(func(v Value) {
				var r rule
				v.Object(
					Field{"name", true, func(v Value) { r.Name = v.Text() }},
					Field{"value", false, func(v Value) { r.Value = v.Uint(1<<64 - 1) }},
					Field{"args", false, func(v Value) { v.Array(func(v Value) { r.Args = append(r.Args, v.Uint(6)) }) }},
				)
				out = append(out, r)
			})
		}},
	)
	return out
}

func read(src string) ([]rule, error) {
	d, err := Parse([]byte(src))
	if err != nil {
		return nil, err
	}
	out := readRules(d)
	return out, d.Err()
}

func TestRead(t *testing.T) {
	got, err := read("{\"rules\": [\n {\"name\":\"a\\u00e9\\ud83d\\ude00\\n\",\"value\":18446744073709551615,\"args\":[0, 6]},{\"name\":\"b\",\"value\":null}]}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []rule{{"aé😀\n", 1<<64 - 1, []uint64{0, 6}}, {"b", 0, nil}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{``, `1:1: input ends where a value is expected`},
		{`{`, `1:2: input ends where a key in double quotes is expected`},
		{`{"rules":[1`, `1:12: /rules: input ends where "," or "]" is expected`},
		{`{"rules":[],}`, `1:13: found "}" where a key in double quotes is expected`},
		{`{"rules":[1,]}`, `1:13: /rules/1: found "]" where a value is expected`},
		{`{"rules":[]} x`, `1:14: data after the end of the value`},
		{"{\"rules\":[]}\n//x", `2:1: data after the end of the value`},
		{"\xef\xbb\xbf{}", `1:1: input begins with a byte order mark; remove it`},
		{`{"rules":[{"name":"a","value":01}]}`, `1:31: /rules/0/value: a number must not begin with 0; octal and hexadecimal are not JSON`},
		{`{"rules":[{"name":"a","value":-}]}`, `1:32: /rules/0/value: found "}" where a digit is expected`},
		{`{"rules":[{"name":"a","value":1.}]}`, `1:33: /rules/0/value: found "}" where a digit is expected`},
		{"{\"rules\":[{\"name\":\"\x01\"}]}", `1:20: /rules/0/name: control character 0x01 in a string; write it as an escape`},
		{"{\"rules\":[{\"name\":\"\xff\"}]}", `1:20: /rules/0/name: string is not valid UTF-8`},
		{`{"rules":[{"name":"\ud800x"}]}`, `1:20: /rules/0/name: bad \u escape; it takes four hexadecimal digits, and a surrogate its other half`},
		{`{"rules":[{"name":"\x41"}]}`, `1:20: /rules/0/name: unknown escape in a string`},
		{`{"rules":[{"name":"a`, `1:19: /rules/0/name: string has no closing quote`},
		{`{"rules":[{"name":"a\`, `1:21: /rules/0/name: string has no closing quote`},

		{`[]`, `1:1: found an array where an object is expected`},
		{`{}`, `1:1: field "rules" is missing`},
		{`{"rules":null}`, `1:1: field "rules" is missing`},
		{`{"Rules":[]}`, "1:1: field \"rules\" is missing\n1:2: /Rules: unknown field \"Rules\"; it is spelt \"rules\""},
		{`{"rules":[],"x/~y":1}`, `1:13: /x~1~0y: unknown field "x/~y"`},
		{`{"rules":[],"rules":[]}`, `1:13: /rules: key "rules" occurs twice in one object`},
		{`{"rules":[{"name":7,"value":"8","args":{}}]}`, "1:19: /rules/0/name: found a number where a string is expected\n" +
			"1:29: /rules/0/value: found a string where a number is expected\n1:40: /rules/0/args: found an object where an array is expected"},
		{`{"rules":[{"name":"a","value":18446744073709551616}]}`, `1:31: /rules/0/value: "18446744073709551616" is more than 18446744073709551615`},
		{`{"rules":[{"name":"a","value":-1}]}`, `1:31: /rules/0/value: "-1" is negative; write the unsigned 64-bit value`},
		{`{"rules":[{"name":"a","value":1.0}]}`, `1:31: /rules/0/value: "1.0" is not an integer in plain digits`},
		{`{"rules":[{"name":"a","value":1e3}]}`, `1:31: /rules/0/value: "1e3" is not an integer in plain digits`},
		{`{"rules":[{"name":"a","args":[7]}]}`, `1:31: /rules/0/args/0: "7" is more than 6`},
		{`{"version":4294967296,"rules":[]}`, `1:12: /version: "4294967296" is more than 4294967295`},
	} {
		_, err := read(tt.src)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q\n got: %v\nwant: %s", tt.src, err, tt.want)
		}
		var one *Error
		if !errors.As(err, &one) {
			t.Errorf("%q: %T holds no *Error", tt.src, err)
		}
	}
}

func TestCaret(t *testing.T) {
	_, err := read("{\n\t\"rules\": [{\"name\": 12}]\n}")
	want := "2:21: /rules/0/name: found a number where a string is expected\n\t \"rules\": [{\"name\": 12}]\n\t                    ^"
	if got := fmt.Sprintf("%+v", err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprintf("%v", err); strings.Contains(got, "\n") {
		t.Errorf("%%v has the source line: %q", got)
	}
}

func TestLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if _, err := Parse([]byte(deep(MaxDepth))); err != nil {
		t.Errorf("depth %d: %v", MaxDepth, err)
	}
	for name, src := range map[string]string{
		"nested more than 32 deep":     deep(MaxDepth + 1),
		"more than the limit of":       `"` + strings.Repeat("x", MaxSize) + `"`,
		"more than 262144 values":      "[" + strings.Repeat("0,", MaxValues) + "0]",
		"nested more than 32 deep\x00": strings.Repeat(`{"a":[`, 500000),
	} {
		_, err := Parse([]byte(src))
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(name, "\x00")) {
			t.Errorf("got %.200v, want %q", err, name)
		}
	}
	_, err := read(`{"rules":[` + strings.Repeat("1,", 99) + `1]}`)
	var all Errors
	if !errors.As(err, &all) || len(all) != MaxErrors || !strings.Contains(err.Error(), "(and 80 more errors)") {
		t.Errorf("100 errors are reported as %v", err)
	}
}

// TestHugeInput checks that the limit on size is tested before anything that costs time or memory in the input's length.
func TestHugeInput(t *testing.T) {
	src := make([]byte, 100<<20)
	allocs := testing.AllocsPerRun(1, func() {
		if _, err := Parse(src); err == nil {
			t.Error("100 MB are accepted")
		}
	})
	if allocs > 20 {
		t.Errorf("%v allocations to refuse the input", allocs)
	}
}

// FuzzParse compares the syntax accepted with encoding/json's and looks for panics.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00",true,false,null,{}]}`, `[[],"\\"]`, `{"a":1,"a":2}`, "\"\x7f\"", `-0`, `1.`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := Parse(src)
		if err == nil {
			if !json.Valid(src) {
				t.Fatalf("%q is accepted, encoding/json refuses it", src)
			}
			readRules(d)
			_ = fmt.Sprintf("%+v", d.Err())
			return
		}
		_ = fmt.Sprintf("%+v", err)
		msg := err.Error()
		stricter := !utf8.Valid(src) || strings.Contains(msg, `bad \u escape`) || strings.Contains(msg, "more than")
		if json.Valid(src) && !stricter {
			t.Fatalf("%q is refused (%v), encoding/json accepts it", src, err)
		}
	})
}

// BenchmarkParse reads a document of the shape and size of a container profile.
func BenchmarkParse(b *testing.B) {
	var sb strings.Builder
	sb.WriteString(`{"rules":[`)
	for i := range 400 {
		if i > 0 {
			sb.WriteByte(',')
		}
		fmt.Fprintf(&sb, "\n\t{\"name\": \"call_%d\", \"value\": %d, \"args\": [0, 1]}", i, uint64(i)<<55)
	}
	sb.WriteString("]}")
	src := []byte(sb.String())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(src)
		if err != nil {
			b.Fatal(err)
		}
		if readRules(d); d.Err() != nil {
			b.Fatal(d.Err())
		}
	}
}
