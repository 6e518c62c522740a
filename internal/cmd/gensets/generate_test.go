package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// The committed table is exactly what the pinned facts give.
func TestGeneratedFileIsCurrent(t *testing.T) {
	want, err := generate(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "..", "seccomp", "sets_systemd_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("sets_systemd_gen.go differs from what testdata gives; run go generate ./seccomp")
	}
}

func TestFactsAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, rows, want string }{
		{"valid", "@a,close read\n@b,@a write\n", ""},
		{"unknown call", "@a,close reed\n", "no ABI has a call reed"},
		{"unknown set", "@a,@z close\n", "no set @z"},
		{"unsorted names", "@a,read close\n", "unsorted"},
		{"unsorted sets", "@b,read\n@a,close\n", "not sorted"},
		{"no names", "@a,\n", "no names"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := generate(fstest.MapFS{"systemd.csv": {Data: []byte("set,members\n" + tt.rows)}})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("generate: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("generate: %v, want an error with %q", err, tt.want)
			}
		})
	}
}
