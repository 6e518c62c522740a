// Command gensyscalls writes the generated tables of internal/syscalls from the pinned facts in testdata.
//
// It reads no network and no header of the machine it runs on, so the same testdata gives the same bytes everywhere; its
// test fails when the committed files differ. testdata/README.md says where each fact comes from and how to add one.
//
// Usage, from internal/syscalls: go run ../cmd/gensyscalls -in ../cmd/gensyscalls/testdata -out .
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	in := flag.String("in", "testdata", "directory of the pinned facts")
	out := flag.String("out", ".", "directory the *_gen.go files are written to")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gensyscalls:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	files, err := generate(os.DirFS(in))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(out, f.name), f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A file is one generated source file.
type file struct {
	name string
	data []byte
}

// generate returns every generated file, formatted, in a fixed order.
func generate(facts fs.FS) ([]file, error) {
	t, err := readTables(facts)
	if err != nil {
		return nil, err
	}
	e, err := readErrnos(facts)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, emit := range []struct {
		name string
		body func(*source)
	}{
		{"names_gen.go", t.emitNames},
		{"numbers_gen.go", t.emitNumbers},
		{"introduced_gen.go", t.emitIntroduced},
		{"errno_gen.go", e.emit},
	} {
		s := newSource()
		emit.body(s)
		data, err := s.format()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", emit.name, err)
		}
		files = append(files, file{emit.name, data})
	}
	return files, nil
}
