package structure

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gostockade/stockade"

// arrows lists, for each package below the module, which of the module's other packages it may import. A trailing /* stands
// for everything below. Test files may import more.
var arrows = map[string][]string{
	"seccomp":               {"internal/bpf", "internal/bdd", "internal/symbolic", "internal/syscalls", "internal/sys", "internal/strictjson"},
	"seccomp/internal/scmp": {"seccomp", "internal/strictjson"},
	"seccomp/oci":           {"seccomp", "seccomp/internal/scmp", "internal/strictjson", "internal/syscalls"},
	"seccomp/docker":        {"seccomp", "seccomp/internal/scmp", "seccomp/oci", "internal/strictjson", "internal/syscalls"},
	"seccomp/libseccomp":    {"seccomp", "internal/syscalls"},
	"seccomp/seccomptest":   {"seccomp", "internal/bpf", "internal/sys"},
	"apparmor":              {"apparmor/syntax", "apparmor/policydb", "internal/dfa", "internal/sys"},
	"apparmor/syntax":       {},
	"apparmor/policydb":     {"internal/dfa"},
	"apparmor/apparmortest": {"apparmor", "apparmor/syntax"},
	"profile":               {"seccomp", "seccomp/oci", "apparmor", "apparmor/syntax", "internal/sys", "internal/strictjson"},
	"internal/bdd":          {},
	"internal/bpf":          {},
	"internal/symbolic":     {"internal/bdd", "internal/bpf"},
	"internal/dfa":          {},
	"internal/entry":        {},
	"internal/strictjson":   {},
	"internal/sys":          {},
	"internal/syscalls":     {},
	"internal/testenv":      {},
	"internal/structure":    {},
	"internal/kerneltest":   {},
	"internal/cmd/*":        {"internal/*"},
	"examples/*":            {"seccomp", "seccomp/*", "apparmor", "apparmor/*", "profile", "profile/*"},
}

// outside lists, for each module that is not ours, the packages that may import it.
var outside = map[string][]string{
	"golang.org/x/sys":                       {"internal/sys"},
	"golang.org/x/net":                       {"internal/bpf", "internal/symbolic", "seccomp"},
	"github.com/opencontainers/runtime-spec": {"seccomp/internal/scmp", "seccomp/oci", "seccomp/docker", "profile", "examples/*"},
	"github.com/seccomp/libseccomp-golang":   {"seccomp/libseccomp"},
	"github.com/cyphar/filepath-securejoin":  {"internal/sys"},
	"unsafe":                                 {"internal/sys"},
}

// matches reports whether a list of packages, with trailing /*, has pkg.
func matches(list []string, pkg string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		prefix, all := strings.CutSuffix(p, "*")
		return p == pkg || all && strings.HasPrefix(pkg, prefix)
	})
}

func allowedArrows(pkg string) ([]string, bool) {
	if list, ok := arrows[pkg]; ok {
		return list, true
	}
	list, ok := arrows[path.Dir(pkg)+"/*"]
	return list, ok
}

func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	eachFile(t, func(name string, imports []string) {
		pkg := path.Dir(name)
		if strings.HasSuffix(name, "_test.go") || pkg == "." {
			return
		}
		seen[pkg] = true
		list, ok := allowedArrows(pkg)
		if !ok {
			t.Errorf("%s: package %s is not in the table of arrows", name, pkg)
			return
		}
		for _, imp := range imports {
			checkImport(t, name, pkg, imp, list)
		}
	})
	for pkg := range arrows {
		if !strings.HasSuffix(pkg, "/*") && !seen[pkg] {
			t.Errorf("package %s is in the table of arrows but not in the tree", pkg)
		}
	}
}

func checkImport(t *testing.T, name, pkg, imp string, list []string) {
	if ours, ok := strings.CutPrefix(imp, module+"/"); ok {
		if !matches(list, ours) {
			t.Errorf("%s: %s may not import %s", name, pkg, ours)
		}
		return
	}
	if !strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && imp != "unsafe" {
		return // the standard library
	}
	for mod, importers := range outside {
		if imp == mod || strings.HasPrefix(imp, mod+"/") {
			if !matches(importers, pkg) {
				t.Errorf("%s: %s may not import %s", name, pkg, imp)
			}
			return
		}
	}
	t.Errorf("%s: module of %s is not in the table", name, imp)
}

// eachFile calls f for every Go file of the module, with its slash-separated path from the root and its imports.
func eachFile(t *testing.T, f func(name string, imports []string)) {
	root := moduleRoot(t)
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, file)
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if base := d.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || name == "internal/interop") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, spec := range parsed.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			imports = append(imports, imp)
		}
		f(name, imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// moduleRoot returns the directory of go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
