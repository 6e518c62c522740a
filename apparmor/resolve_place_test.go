package apparmor_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

// TestSimpleTestsPlace: the errors of a bad file name the lines at fault. The proof needs no list of lines: without the lines that
// the errors name, the file is good. That cannot hold for a fault that spans lines, such as an unclosed block, or in an assignment
// that other lines need; those must still name a place in the file.
func TestSimpleTestsPlace(t *testing.T) {
	dir := simpleTestsDir(t)
	features := testFeatures(t, "features.all")
	check := func(path string, text []byte) error {
		file, err := syntax.Parse(path, text)
		if err == nil {
			_, err = apparmor.Resolve(file, &apparmor.ResolveOptions{
				Includes: os.DirFS(dir), Root: suiteRoot{os.DirFS(dir)}, Dir: "tst", ABI: features, Kernel: features,
			})
		}
		return err
	}
	tests, _ := readSimpleTests(t, dir)
	bad, proved := 0, 0
	for _, st := range tests {
		if st.pass {
			continue
		}
		var list syntax.ErrorList
		if err := check(st.path, st.text); !errors.As(err, &list) || len(list) == 0 {
			t.Errorf("%s: %v, want errors with positions", st.path, err)
			continue
		}
		bad++
		lines := bytes.SplitAfter(st.text, []byte("\n"))
		for _, e := range list {
			pos := e.Pos
			if len(e.Includes) > 0 { // the fault is in an included file: the place in this one is the include
				pos = e.Includes[len(e.Includes)-1]
			}
			if pos.Line < 1 || pos.Line > len(lines) {
				t.Errorf("%s: error at line %d of %d: %v", st.path, pos.Line, len(lines), e)
				continue
			}
			lines[pos.Line-1] = harmless(lines[pos.Line-1])
		}
		if check(st.path, bytes.Join(lines, nil)) == nil {
			proved++
		}
	}
	t.Logf("%d of %d bad files are good without the lines that the errors name", proved, bad)
	if os.Getenv("STOCKADE_SIMPLE_TESTS") == "" && proved*10 < bad*9 {
		t.Errorf("only %d of %d", proved, bad)
	}
}

// harmless returns a line that says nothing, but opens a block where the given one does.
func harmless(line []byte) []byte {
	switch text := bytes.TrimSpace(line); {
	case bytes.HasSuffix(text, []byte("{")) && bytes.HasPrefix(text, []byte("if")):
		return []byte("if true {\n")
	case bytes.HasSuffix(text, []byte("{")):
		return []byte("profile harmless {\n")
	}
	return []byte("\n")
}
