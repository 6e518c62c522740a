package seccomp

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// FuzzParseProgram shows anybody's program in every way there is, and reads it back.
func FuzzParseProgram(f *testing.F) {
	f.Add([]byte("\x06\x00\x00\x00\x00\x00\xff\x7f"), uint8(AMD64))
	f.Add([]byte("\x00\x20\x00\x00\x00\x00\x00\x00\x00\x15\x00\x01\x00\x00\x00\x05\x00\x06\x00\x00\x7f\xff\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00"), uint8(S390X))
	f.Fuzz(func(t *testing.T, wire []byte, target uint8) {
		p, err := ParseProgram(wire, Arch(target))
		if err != nil {
			return
		}
		if !bytes.Equal(p.Bytes(), wire) {
			t.Fatalf("%x became %x", wire, p.Bytes())
		}
		if n := strings.Count(p.String(), "\n"); n != p.Len() {
			t.Fatalf("%d lines for %d instructions", n, p.Len())
		}
		_ = p.DOT()
		for _, c := range p.Stats(nil).Calls {
			action, steps := execute(t, p, Call{Arch: c.Arch, Nr: c.Nr})
			if steps < c.Min || steps > c.Max || c.Constant && action != c.Action {
				t.Fatalf("%+v, but %d instructions and %v\n%s", c, steps, action, p)
			}
		}
	})
}

// FuzzParseMix reads arbitrary text as a mix; what it accepts it must accept again in its own words.
func FuzzParseMix(f *testing.F) {
	f.Add("read 1\n# comment\n\nwrite 18446744073709551615\nread 2")
	f.Add("read")
	f.Fuzz(func(t *testing.T, text string) {
		mix, err := ParseMix(strings.NewReader(text))
		if err != nil {
			return
		}
		var b strings.Builder
		for name, n := range mix {
			fmt.Fprintf(&b, "%s %d\n", name, n)
		}
		again, err := ParseMix(strings.NewReader(b.String()))
		if err != nil || !maps.Equal(mix, again) {
			t.Fatalf("%q: %v, again %v (%v)", text, mix, again, err)
		}
	})
}
