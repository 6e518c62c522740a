package structure

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	maxFileLines     = 500
	maxFunctionLines = 50
)

func TestFileAndFunctionLength(t *testing.T) {
	root := moduleRoot(t)
	eachFile(t, func(name string, _ []string) {
		if strings.HasSuffix(name, "_gen.go") || strings.HasSuffix(name, "_test.go") {
			return
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		if n := fset.File(file.Pos()).LineCount(); n > maxFileLines {
			t.Errorf("%s has %d lines, at most %d", name, n, maxFileLines)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1; n > maxFunctionLines {
				t.Errorf("%s: function %s has %d lines, at most %d", name, f.Name.Name, n, maxFunctionLines)
			}
		}
	})
}

func TestTopLevel(t *testing.T) {
	fixed := map[string]bool{
		"seccomp": true, "apparmor": true, "profile": true, "internal": true, "examples": true, "testdata": true,
		"go.mod": true, "go.sum": true, "doc.go": true, "LICENSE": true, "README.md": true,
	}
	entries, err := os.ReadDir(moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !fixed[e.Name()] && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}
