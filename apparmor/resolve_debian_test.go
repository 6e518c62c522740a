package apparmor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/testenv"
)

const etcApparmor = "/etc/apparmor.d"

// debianProfiles returns the profile files of Debian's packages apparmor, apparmor-profiles and apparmor-profiles-extra.
func debianProfiles(t testing.TB) []string {
	t.Helper()
	testenv.Tool(t, "apparmor_parser")
	var files []string
	for _, dir := range []string{etcApparmor, "/usr/share/apparmor/extra-profiles"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			testenv.Missing(t, "Debian's profiles: %v", err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && e.Name() != "README" && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(files) < 100 {
		testenv.Missing(t, "Debian's profiles: only %d are installed", len(files))
	}
	return files
}

func debianOptions() *apparmor.ResolveOptions {
	return &apparmor.ResolveOptions{Includes: os.DirFS(etcApparmor), Root: os.DirFS("/"), Dir: "etc/apparmor.d", Cache: apparmor.NewCache()}
}

// TestDebianProfiles resolves every profile that Debian's packages install, as it is and formatted.
func TestDebianProfiles(t *testing.T) {
	opts := debianOptions()
	rules := 0
	for _, p := range debianProfiles(t) {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		pol := resolveText(t, p, data, opts)
		f, _ := syntax.Parse(p, data)
		again := resolveText(t, p, syntax.Format(f), opts)
		if got, want := ruleText(again), ruleText(pol); got != want {
			t.Errorf("%s: formatting changed what it means:\n%s\n%s", p, want, got)
		}
		for _, prof := range pol.Profiles {
			rules += len(prof.Rules)
		}
	}
	t.Logf("%d rules", rules)
}

func resolveText(t *testing.T, name string, data []byte, opts *apparmor.ResolveOptions) *apparmor.Policy {
	t.Helper()
	f, err := syntax.Parse(name, data)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	pol, err := apparmor.Resolve(f, opts)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return pol
}

// ruleText is all of a policy but positions.
func ruleText(pol *apparmor.Policy) string {
	var b strings.Builder
	for _, p := range pol.Profiles {
		b.WriteString(p.FullName() + " " + p.Attachment + " " + p.Mode.String() + "\n")
		for _, r := range p.Rules {
			b.WriteString("  " + r.String() + "\n")
		}
	}
	return b.String()
}

// TestExampleProfilesResolve resolves the example profiles in shared.
func TestExampleProfilesResolve(t *testing.T) {
	testenv.Tool(t, "apparmor_parser") // they include Debian's abstractions
	opts := debianOptions()
	dir := testenv.Shared(t, "corpora/apparmor")
	n := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "README") {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if pol := resolveText(t, p, data, opts); len(pol.Profiles) == 0 {
			t.Errorf("%s: no profile", p)
		}
		n++
		return nil
	})
	if err != nil || n < 2 {
		t.Errorf("%d profiles, %v", n, err)
	}
}

// includedBytes is how many bytes the profiles are once their includes are in place.
func includedBytes(tb testing.TB, files []string, opts *apparmor.ResolveOptions) (total int64) {
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			tb.Fatal(err)
		}
		f, err := syntax.Parse(p, data)
		if err != nil {
			tb.Fatal(err)
		}
		n, err := apparmor.IncludedSize(f, opts)
		if err != nil {
			tb.Fatal(err)
		}
		total += int64(n)
	}
	return total
}
