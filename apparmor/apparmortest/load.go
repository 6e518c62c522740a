package apparmortest

import (
	"io/fs"
	"os"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

// Load reads a policy file for a test. Includes holds what its include and abi rules name, such as os.DirFS("testdata/apparmor.d") or
// an embed.FS; nil is enough for a file without includes. Policy that does not parse, resolve or pass apparmor_parser's
// checks ends the test with every error, its position and the line.
func Load(t testing.TB, file string, includes fs.FS) *apparmor.Policy {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("apparmortest: %v", err)
		return nil
	}
	return Parse(t, file, string(src), includes)
}

// Parse is Load for policy in a string; name is for error messages.
func Parse(t testing.TB, name, src string, includes fs.FS) *apparmor.Policy {
	t.Helper()
	file, err := syntax.Parse(name, []byte(src))
	if err != nil {
		t.Fatalf("apparmortest: %+v", err)
		return nil
	}
	policy, err := apparmor.Resolve(file, &apparmor.ResolveOptions{Includes: includes})
	if err != nil {
		t.Fatalf("apparmortest: %+v", err)
		return nil
	}
	return policy
}
