package dfa

import (
	"slices"
	"testing"
)

// naiveMatch is the oracle: it walks a glob by backtracking, knowing nothing of expressions or automata. It handles the
// globs the fuzzer generates: no escapes, well formed.
func naiveMatch(glob, in string) bool {
	m := matcher{}
	return m.match(glob, in, 0, true, func(rest string) bool { return rest == "" })
}

type matcher struct{}

// match matches glob against a prefix of in and calls done with what is left. prev is the glob character before; top
// is false inside {}, where the end of glob is not the end of the pattern.
func (m matcher) match(glob, in string, prev byte, top bool, done func(rest string) bool) bool {
	if glob == "" {
		return done(in)
	}
	switch glob[0] {
	case '*':
		return m.star(glob, in, prev, top, done)
	case '?':
		return in != "" && in[0] != '/' && in[0] != 0 && m.match(glob[1:], in[1:], '?', top, done)
	case '[':
		end := 1
		for glob[end] != ']' {
			end++
		}
		return in != "" && inClass(glob[1:end], in[0]) && m.match(glob[end+1:], in[1:], ']', top, done)
	case '{':
		alts, rest := alternatives(glob)
		for _, a := range alts {
			if m.match(a, in, '{', false, func(left string) bool { return m.match(rest, left, '}', top, done) }) {
				return true
			}
		}
		return false
	}
	return in != "" && in[0] == glob[0] && m.match(glob[1:], in[1:], glob[0], top, done)
}

func (m matcher) star(glob, in string, prev byte, top bool, done func(string) bool) bool {
	stars := 1
	for stars < len(glob) && glob[stars] == '*' {
		stars++
	}
	n := 0
	if prev == '/' && (stars == len(glob) && top || stars < len(glob) && glob[stars] == '/') {
		if in == "" || in[0] == '/' || in[0] == 0 {
			return false
		}
		n = 1
	}
	for ; ; n++ {
		if m.match(glob[min(stars, 2):], in[n:], '*', top, done) {
			return true
		}
		if n == len(in) || in[n] == 0 || in[n] == '/' && stars == 1 {
			return false
		}
	}
}

func inClass(class string, c byte) bool {
	negate := class[0] == '^'
	if negate {
		class = class[1:]
	}
	for i := 0; i < len(class); i++ {
		lo, hi := class[i], class[i]
		if i+2 < len(class) && class[i+1] == '-' {
			hi = class[i+2]
			i += 2
		}
		if lo <= c && c <= hi {
			return !negate
		}
	}
	return negate
}

func alternatives(glob string) (alts []string, rest string) {
	depth, start := 0, 1
	for i := 0; i < len(glob); i++ {
		switch glob[i] {
		case '{':
			depth++
		case ',':
			if depth == 1 {
				alts = append(alts, glob[start:i])
				start = i + 1
			}
		case '}':
			depth--
			if depth == 0 {
				return append(alts, glob[start:i]), glob[i+1:]
			}
		}
	}
	panic("unbalanced")
}

// generate turns fuzz bytes into a well formed glob over a small alphabet.
func generate(data []byte, depth int) (string, []byte) {
	var out []byte
	for len(data) > 0 && len(out) < 12 {
		c := data[0] % 12
		data = data[1:]
		switch c {
		case 0, 1:
			out = append(out, 'a')
		case 2:
			out = append(out, 'b')
		case 3, 4:
			out = append(out, '/')
		case 5:
			out = append(out, '*')
		case 6:
			out = append(out, "**"...)
		case 7:
			out = append(out, '?')
		case 8:
			out = append(out, "[ab]"...)
		case 9:
			out = append(out, "[^a]"...)
		case 10:
			if depth < 3 {
				var x, y string
				x, data = generate(data, depth+1)
				y, data = generate(data, depth+1)
				out = append(out, "{"+x+","+y+"}"...)
			}
		case 11:
			return string(out), data
		}
	}
	return string(out), data
}

// FuzzGlob compares the automaton of three globs with the naive matcher on one input, before and after minimizing.
func FuzzGlob(f *testing.F) {
	f.Add([]byte{3, 5, 11, 3, 6, 11, 3, 0, 5, 2}, "/a")
	f.Add([]byte{3, 10, 0, 11, 6, 11, 3, 5, 11, 0, 7, 11, 9}, "/a/b")
	f.Add([]byte{3, 10, 3, 5, 11, 10, 0, 11, 2, 11}, "/a//")
	f.Add([]byte{6, 5, 0, 11, 3, 6, 5, 3, 11, 8, 9, 5}, "ab/\x00")
	f.Fuzz(func(t *testing.T, data []byte, in string) {
		if len(data) > 60 || len(in) > 12 {
			t.Skip("backtracking is exponential")
		}
		var globs [3]string
		for i := range globs {
			globs[i], data = generate(data, 0)
		}
		d := compileGlobs(t, GlobPath, globs[:]...)
		m := d.Minimize()
		if m.Len() > d.Len() {
			t.Errorf("%q: minimizing made %d states of %d", globs, m.Len(), d.Len())
		}
		for _, in := range []string{in, mix(in, data)} {
			var want []int32
			for i, g := range globs {
				if naiveMatch(g, in) {
					want = append(want, int32(i))
				}
			}
			if got := d.Match(in); !slices.Equal(got, want) {
				t.Errorf("%q on %q: rules %v, want %v", globs, in, got, want)
			}
			if got := m.Match(in); !slices.Equal(got, want) {
				t.Errorf("minimized %q on %q: rules %v, want %v", globs, in, got, want)
			}
		}
	})
}

// mix maps an input onto the alphabet of the generated globs, so that matches are frequent.
func mix(in string, salt []byte) string {
	out := []byte(in)
	for i := range out {
		out[i] = "ab/ab/c\x00"[int(out[i]+byte(len(salt)))%8]
	}
	return string(out)
}

// FuzzParse: no pattern crashes the parsers, and what is accepted can be built or hits a limit.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"/a*{b,c}", "(a|b)*[^x-z]", `\x41\d65[\]]`, "[[^/\\x00]*]", "((((", "{{{{,", "/*a???????????????"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 200 {
			t.Skip("long patterns are covered by short ones")
		}
		texts := []string{s}
		if g, err := Glob(s, GlobNull); err == nil {
			texts = append(texts, g)
		}
		for _, text := range texts {
			e, err := Parse(text)
			if err != nil {
				continue
			}
			b := NewBuilder(Limits{Nodes: 5000, States: 500, Work: 1 << 20})
			if b.Add(e, 0) != nil {
				continue
			}
			d, err := b.Build()
			if err != nil {
				continue
			}
			if w, ok := Shortest(d, Start, func(l int32) bool { return l != 0 }); ok != (len(d.Match(string(w))) == 1) {
				t.Errorf("%q: witness %q found %v", s, w, ok)
			} else if ok && len(w) != e.MinLen() {
				t.Errorf("%q: shortest match %q, MinLen %d", s, w, e.MinLen())
			}
		}
	})
}

// FuzzReduce: merging rules under a key gives the keys of the rules that match, no more and no fewer.
func FuzzReduce(f *testing.F) {
	f.Add([]byte{3, 6, 0, 3, 6, 11, 3, 6, 2, 3, 6, 11, 3, 10, 5, 11, 6, 11}, "/a/b")
	f.Add([]byte{3, 0, 6, 11, 3, 2, 6, 11, 6}, "//ab")
	f.Fuzz(func(t *testing.T, data []byte, in string) {
		if len(data) > 60 || len(in) > 12 {
			t.Skip("backtracking is exponential")
		}
		b := NewBuilder(Limits{})
		var globs [4]string
		for i := range globs {
			globs[i], data = generate(data, 0)
			if err := b.Add(parseGlob(t, globs[i], GlobPath), int32(i)); err != nil {
				t.Fatal(err)
			}
		}
		key := func(rule int32) int32 { return rule / 2 }
		d, err := b.Reduce(key).Build()
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []string{in, mix(in, data)} {
			var want []int32
			for i, g := range globs {
				if naiveMatch(g, in) {
					want = append(want, key(int32(i)))
				}
			}
			if got := d.Match(in); !slices.Equal(got, slices.Compact(want)) {
				t.Errorf("%q on %q: keys %v, want %v", globs, in, got, want)
			}
		}
	})
}
