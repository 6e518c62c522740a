package apparmor_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/testenv"
)

// simpleTest is one file of AppArmor's own suite: policy text and whether apparmor_parser accepts it.
type simpleTest struct {
	path string // relative to the suite's directory
	text []byte // without the lines that describe the test
	pass bool
}

// readSimpleTests reads a suite. Files marked TODO or DISABLED are left out: upstream does not stand by their verdict.
func readSimpleTests(t *testing.T, dir string) (tests []simpleTest, left int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".sd" {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		st := simpleTest{path: rel, pass: true}
		var text bytes.Buffer
		skip := false
		for _, line := range strings.SplitAfter(string(data), "\n") {
			switch {
			case strings.HasPrefix(line, "#=EXRESULT"):
				st.pass = strings.Contains(line, "PASS")
			case strings.HasPrefix(line, "#=TODO"), strings.HasPrefix(line, "#=DISABLED"):
				skip = true
			}
			if strings.HasPrefix(line, "#=") {
				line = "#\n" // keep the line numbers
			}
			text.WriteString(line)
		}
		if skip {
			left++
			return nil
		}
		st.text = text.Bytes()
		tests = append(tests, st)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests, left
}

// simpleTestsDir is the suite's directory: $STOCKADE_SIMPLE_TESTS, or the half of upstream's suite in shared.
func simpleTestsDir(t *testing.T) string {
	if dir := os.Getenv("STOCKADE_SIMPLE_TESTS"); dir != "" {
		return dir
	}
	return testenv.Shared(t, "conformance/apparmor/simple_tests")
}

// TestSimpleTests holds Parse and Resolve to the verdicts of AppArmor's own suite.
func TestSimpleTests(t *testing.T) {
	dir := simpleTestsDir(t)
	features := testFeatures(t, "features.all")
	opts := &apparmor.ResolveOptions{
		Includes: os.DirFS(dir),
		Root:     suiteRoot{os.DirFS(dir)},
		Dir:      "tst",
		ABI:      features,
		Kernel:   features,
		Cache:    apparmor.NewCache(),
	}
	tests, left := readSimpleTests(t, dir)
	if len(tests) == 0 {
		t.Fatalf("no tests in %s", dir)
	}
	bad := 0
	for _, st := range tests {
		file, err := syntax.Parse(st.path, st.text)
		if err == nil {
			_, err = apparmor.Resolve(file, opts)
		}
		switch {
		case st.pass && err != nil:
			t.Errorf("%s is good, but: %v", st.path, err)
			bad++
		case !st.pass && err == nil:
			t.Errorf("%s is bad, but was accepted", st.path)
			bad++
		}
	}
	t.Logf("%d of %d verdicts agree; %d files without a verdict", len(tests)-bad, len(tests), left)
}

// suiteRoot shows the suite where upstream's runner has it: it runs in a directory tst, above simple_tests.
type suiteRoot struct{ suite fs.FS }

func (r suiteRoot) Open(name string) (fs.File, error) {
	rest, ok := strings.CutPrefix(name, "tst/simple_tests/")
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return r.suite.Open(rest)
}

func testFeatures(t *testing.T, name string) *apparmor.Features {
	t.Helper()
	data, err := os.ReadFile(testenv.Shared(t, "conformance/apparmor/features/"+name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := apparmor.ParseFeatures(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
