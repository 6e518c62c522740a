package apparmor

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/testenv"
)

// TestSimpleTestsAgainstParser compares every file of AppArmor's test suite that both Resolve and Debian's apparmor_parser
// accept. Files that use the automatic variables of 4.1 are left out, for the parser takes them for ordinary ones.
func TestSimpleTestsAgainstParser(t *testing.T) {
	parser := testenv.Tool(t, "apparmor_parser")
	root := testenv.Shared(t, "conformance/apparmor/simple_tests")
	features := testenv.Shared(t, "conformance/apparmor/features/features.all")
	f, err := ParseFeatures("features.all", mustRead(t, features))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".sd") {
			files = append(files, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	compared := map[string]int{}
	patience := 2 * time.Second
	if testenv.CI() {
		patience = 20 * time.Second // two of the files take apparmor_parser a minute
	}
	for i, path := range files {
		if !testenv.CI() && i%10 != 0 {
			continue
		}
		src := mustRead(t, path)
		if bytes.Contains(src, []byte("#=TODO")) || bytes.Contains(src, []byte("#=DISABLED")) || bytes.Contains(src, []byte("EXRESULT FAIL")) ||
			bytes.Contains(src, []byte("@{exec_path}")) || bytes.Contains(src, []byte("@{attach_path}")) {
			continue
		}
		file, err := syntax.Parse(path, src)
		if err != nil {
			continue
		}
		p, err := Resolve(file, &ResolveOptions{Includes: os.DirFS(root), Root: os.DirFS("/")})
		if err != nil {
			continue
		}
		theirs, err := parserOutput(t, patience, parser, features, path, "-I", root)
		if err != nil {
			continue
		}
		dir := strings.SplitN(strings.TrimPrefix(path, root+"/"), "/", 2)[0]
		diffs := comparePolicy(t, p, f, theirs)
		if len(diffs) == 0 {
			compared[dir]++
			compared["all"]++
		}
		for _, d := range diffs {
			t.Errorf("%s: %s", strings.TrimPrefix(path, root+"/"), d)
		}
	}
	t.Logf("equal: %v", compared)
}
