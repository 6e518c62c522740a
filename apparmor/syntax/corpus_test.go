package syntax_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/testenv"
)

// policyFiles returns the files below dir, feature sets and documentation left out.
func policyFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Base(filepath.Dir(p)) != "abi" && !strings.HasPrefix(d.Name(), "README") {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// roundTrip checks that a file is printed as it was, and that its canonical form is policy and stable.
func roundTrip(t *testing.T, path string) error {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, perr := syntax.Parse(path, data)
	if got := syntax.Print(f); string(got) != string(data) {
		t.Errorf("%s: printed text differs from what was read", path)
	}
	if perr != nil {
		return perr
	}
	one := syntax.Format(f)
	again, err := syntax.Parse(path, one)
	if err != nil {
		t.Errorf("%s: formatted text does not parse: %v", path, err)
		return nil
	}
	if two := syntax.Format(again); string(one) != string(two) {
		t.Errorf("%s: formatting is not idempotent:\n%s\n%s", path, one, two)
	}
	return nil
}

// TestDebianRoundTrip reads every profile, abstraction and tunable that Debian's packages install.
func TestDebianRoundTrip(t *testing.T) {
	testenv.Tool(t, "apparmor_parser")
	n := 0
	for _, dir := range []string{"/etc/apparmor.d", "/usr/share/apparmor/extra-profiles"} {
		for _, p := range policyFiles(t, dir) {
			if err := roundTrip(t, p); err != nil {
				t.Errorf("%+v", err)
			}
			n++
		}
	}
	if n < 200 {
		t.Errorf("only %d files; are apparmor-profiles and apparmor-profiles-extra installed?", n)
	}
}

// TestExampleProfilesRoundTrip does the same for the profiles in shared.
func TestExampleProfilesRoundTrip(t *testing.T) {
	for _, p := range policyFiles(t, testenv.Shared(t, "corpora/apparmor")) {
		if err := roundTrip(t, p); err != nil {
			t.Errorf("%+v", err)
		}
	}
}

// TestSuiteRoundTrip does the same for AppArmor's own tests. Many are not policy on purpose, and must still print as they
// were.
func TestSuiteRoundTrip(t *testing.T) {
	dir := os.Getenv("STOCKADE_SIMPLE_TESTS")
	if dir == "" {
		dir = testenv.Shared(t, "conformance/apparmor/simple_tests")
	}
	for _, p := range policyFiles(t, dir) {
		roundTrip(t, p)
	}
}
