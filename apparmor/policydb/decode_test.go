package policydb

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
)

// small is testdata/small.aa compiled by apparmor_parser 3.0.8 for the feature set abi/3.0.
func small(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/small.bin")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeSmall(t *testing.T) {
	ps, err := Decode(small(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) != 3 || ps[0].Name != "small" || ps[1].Name != "small//child" || ps[2].Name != "small//hat" {
		t.Fatalf("profiles: %v", ps)
	}
	p := ps[0]
	if p.KernelABI() != 7 || p.Mode != Complain || p.PathFlags != PathAttachDisconnected || p.XMatchLen != uint32(len("/usr/bin/small")) {
		t.Errorf("header: %v", p)
	}
	if want := (Caps{Allow: 1<<12 | 1<<39, Quiet: 1 << 21}); p.Caps != want {
		t.Errorf("capabilities %+v, want %+v", p.Caps, want)
	}
	if p.Rlimits == nil || p.Rlimits.Mask != 1<<7 || p.Rlimits.Values[7] != 1024 {
		t.Errorf("rlimits %+v", p.Rlimits)
	}
	if len(p.File.Transitions) != 1 || p.File.Transitions[0] != "idprofile" {
		t.Errorf("transitions %q", p.File.Transitions)
	}
	if ps[1].Flags != 0 || ps[2].Flags != FlagHat {
		t.Errorf("flags %#x of the child, %#x of the hat", ps[1].Flags, ps[2].Flags)
	}
}

// TestDecodePermissions reads the old encoding: 14 bits for the owner, 14 for others.
func TestDecodePermissions(t *testing.T) {
	ps, err := Decode(small(t))
	if err != nil {
		t.Fatal(err)
	}
	d := ps[0].File.DFA
	for path, want := range map[string][2]uint32{
		"/etc/passwd": {0x10004, 0},        // r for both
		"/etc/group":  {0, 0},              // nothing
		"/home/a/b":   {0xe, 0},            // rw for the owner
		"/var/log/x":  {0x2800a, 0x2800a},  // w, logged
		"/usr/bin/id": {0x4005001, 0},      // Px, first transition
		"/bin/sh":     {0x904241, 0},       // ix and m
		"/etc/shadow": {0, 0x4<<7 | 4<<21}, // denied quietly
	} {
		s := d.Run(1, path)
		if d.Accept[s] != want[0] || d.Accept2[s] != want[1] {
			t.Errorf("%s: accept %#x %#x, want %#x %#x", path, d.Accept[s], d.Accept2[s], want[0], want[1])
		}
	}
	x := ps[0].XMatch.DFA
	if x.Accept[x.Run(1, "/usr/bin/smaller")] == 0 || x.Accept[x.Run(1, "/usr/bin/other")] != 0 {
		t.Error("attachment automaton does not match /usr/bin/small*")
	}
}

func TestString(t *testing.T) {
	ps, err := Decode(small(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`profile "small" version 0x202007 (kernel ABI 7)`, `transition 0  "idprofile"`, "rlimit           7 <= 1024"} {
		if !strings.Contains(ps[0].String(), want) {
			t.Errorf("%q is not in\n%v", want, ps[0])
		}
	}
	if s := ps[0].XMatch.DFA.String(); !strings.Contains(s, `"/" -> `) {
		t.Errorf("states:\n%s", s)
	}
}

// TestTruncated: no proper prefix of a stream decodes, except at the end of a record, and every error has a position.
func TestTruncated(t *testing.T) {
	data := small(t)
	whole := 0
	for n := range data {
		ps, err := Decode(data[:n])
		var e *Error
		if err == nil {
			whole++
			if len(ps) >= 3 {
				t.Errorf("%d of %d bytes: %d profiles", n, len(data), len(ps))
			}
		} else if !errors.As(err, &e) || e.Offset > n {
			t.Fatalf("%d of %d bytes: %v", n, len(data), err)
		}
	}
	if whole != 3 { // nothing, one record, two records
		t.Errorf("%d prefixes decode, want 3", whole)
	}
}

// TestHostileTables changes single fields of an automaton and expects the kernel's checks to object.
func TestHostileTables(t *testing.T) {
	fresh := func() *DFA {
		ps, err := Decode(small(t))
		if err != nil {
			t.Fatal(err)
		}
		return ps[0].File.DFA
	}
	for name, change := range map[string]func(d *DFA){
		"default":        func(d *DFA) { d.Default[3] = uint32(len(d.Base)) },
		"base":           func(d *DFA) { d.Base[3] = uint32(len(d.Next)) - 255 },
		"next":           func(d *DFA) { d.Next[10] = uint32(len(d.Base)) },
		"check":          func(d *DFA) { d.Check[10] = uint32(len(d.Base)) },
		"unknown flag":   func(d *DFA) { d.Base[3] |= 0x20000000 },
		"unannounced":    func(d *DFA) { d.Base[3] |= BaseDiff },
		"unannounced -1": func(d *DFA) { d.Base[3] |= BaseOOB },
		"loop": func(d *DFA) {
			d.Flags |= FlagDiffEncode
			d.Base[3] |= BaseDiff
			d.Base[4] |= BaseDiff
			d.Default[3], d.Default[4] = 4, 3
		},
		"accept": func(d *DFA) { d.Accept = d.Accept[1:] },
		"states": func(d *DFA) { d.Base = nil },
	} {
		d := fresh()
		if err := d.verify(); err != nil {
			t.Fatal(err)
		}
		change(d)
		if d.verify() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRecordErrors(t *testing.T) {
	data := small(t)
	bad := append([]byte(nil), data...)
	v := strings.Index(string(bad), "version\x00") + len("version\x00") + 1
	binary.LittleEndian.PutUint32(bad[v:], 4)
	if _, err := Decode(bad); err == nil || !strings.Contains(err.Error(), "kernel ABI 4") {
		t.Errorf("old version: %v", err)
	}
	if _, err := Decode([]byte("profile x { }")); err == nil {
		t.Error("text accepted")
	}
	if ps, err := Decode(nil); err != nil || ps != nil {
		t.Errorf("empty stream: %v %v", ps, err)
	}
}

// TestDecodeParserOutput decodes what apparmor_parser writes for every feature set, and the differential encoding too:
// all of them must pass the checks, and plain and differential automata must be equal.
func TestDecodeParserOutput(t *testing.T) {
	parser := testenv.Tool(t, "apparmor_parser")
	dir := testenv.Shared(t, "conformance/apparmor/features")
	for _, feature := range []string{"3.0", "4.0", "5.0", "features.all", "kernel-5.4-vanilla", "5.0-interface"} {
		var streams [2][]*Profile
		for i, opt := range []string{"no-diff-encode", "diff-encode"} {
			out := filepath.Join(t.TempDir(), "out")
			cmd := exec.Command(parser, "--config-file=/dev/null", "-QKq", "-M", filepath.Join(dir, feature), "-O", opt, "-o", out, "testdata/small.aa")
			if msg, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("apparmor_parser: %v\n%s", err, msg)
			}
			data, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if streams[i], err = Decode(data); err != nil {
				t.Fatalf("%s, %s: %v", feature, opt, err)
			}
		}
		for i, p := range streams[0] {
			compareStates(t, feature+" "+p.Name, p.File.DFA, streams[1][i].File.DFA)
		}
	}
}

// compareStates walks two automata side by side.
func compareStates(t *testing.T, name string, a, b *DFA) {
	t.Helper()
	type pair struct{ x, y uint32 }
	seen := map[pair]bool{{1, 1}: true}
	for todo := []pair{{1, 1}}; len(todo) > 0; todo = todo[1:] {
		p := todo[0]
		if a.Accept[p.x] != b.Accept[p.y] {
			t.Errorf("%s: plain and differential encoding differ", name)
			return
		}
		for c := range 256 {
			q := pair{a.Step(p.x, byte(c)), b.Step(p.y, byte(c))}
			if !seen[q] {
				seen[q] = true
				todo = append(todo, q)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	data := small(f)
	f.Add(data)
	f.Add(data[:500])
	f.Fuzz(func(t *testing.T, data []byte) {
		ps, err := Decode(data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(data) {
				t.Errorf("error without a position: %v", err)
			}
			return
		}
		for _, p := range ps {
			_ = p.String()
			for _, db := range []*DB{p.XMatch, p.Policy, p.File} {
				if db != nil {
					exercise(db.DFA)
				}
			}
		}
	})
}

// exercise takes every kind of step; the checks made while decoding must keep all of them inside the tables.
func exercise(d *DFA) {
	for s := range min(d.Len(), 100) {
		for c := range 256 {
			d.Step(uint32(s), byte(c))
		}
		d.StepOOB(uint32(s))
	}
	_ = d.String()
}

// FuzzTables changes words of a good automaton's tables. What the checks let through must be safe to step.
func FuzzTables(f *testing.F) {
	f.Add([]byte{0, 0, 3, 0, 0, 0, 9})
	f.Add([]byte{1, 0, 2, 0x80, 0, 0, 1, 0, 0, 2, 0x80, 0, 0, 5})
	ps, err := Decode(small(f))
	if err != nil {
		f.Fatal(err)
	}
	base := ps[0].XMatch.DFA
	f.Fuzz(func(t *testing.T, edits []byte) {
		d := &DFA{
			Flags: FlagDiffEncode | FlagOOB, Accept: base.Accept, Accept2: base.Accept2,
			Base: append([]uint32(nil), base.Base...), Default: append([]uint32(nil), base.Default...),
			Next: append([]uint32(nil), base.Next...), Check: append([]uint32(nil), base.Check...),
		}
		tables := [4][]uint32{d.Base, d.Default, d.Next, d.Check}
		for ; len(edits) >= 7; edits = edits[7:] {
			table := tables[edits[0]%4]
			table[int(binary.BigEndian.Uint16(edits[1:]))%len(table)] = binary.BigEndian.Uint32(edits[3:])
		}
		if d.verify() == nil {
			exercise(d)
		}
	})
}
