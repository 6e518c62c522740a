package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTmpRoundTrip(t *testing.T) {
	var files []string
	for _, root := range []string{"/work/shared/conformance/apparmor/simple_tests", "/etc/apparmor.d", "/usr/share/apparmor/extra-profiles", "/work/shared/corpora/apparmor"} {
		filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, p)
			}
			return nil
		})
	}
	bad := 0
	for _, p := range files {
		data, _ := os.ReadFile(p)
		f, err := Parse(p, data)
		if got := Print(f); string(got) != string(data) {
			t.Errorf("%s: round trip differs", p)
		}
		if err != nil {
			if !strings.Contains(p, "simple_tests") {
				t.Errorf("%+v", err)
			}
			bad++
			continue
		}
		one := Format(f)
		f2, err := Parse(p, one)
		if err != nil {
			t.Errorf("format broke: %+v\n", err)
			continue
		}
		if two := Format(f2); string(one) != string(two) {
			t.Errorf("%s: not idempotent\n%s\n----\n%s", p, one, two)
		}
	}
	t.Log(len(files), bad)
}
