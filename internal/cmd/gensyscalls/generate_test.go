package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// The committed tables are exactly what the pinned facts give.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := generate(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", "syscalls", f.name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, f.data) {
			t.Errorf("%s differs from what testdata gives; run go generate ./internal/syscalls", f.name)
		}
	}
}

func TestFactsAreChecked(t *testing.T) {
	const numbers = "name,a,b\nclose,3,6\nread,0,\n"
	const introduced = "version,source,abis,names\n5.1,x,a,close\n"
	const errno = "name,generic\nEPERM,1\n"
	tests := []struct {
		name, numbers, introduced, errno, want string
	}{
		{"valid", numbers, introduced, errno, ""},
		{"unsorted", "name,a,b\nread,0,\nclose,3,6\n", introduced, errno, "out of order"},
		{"two names, one number", "name,a,b\nclose,3,6\nread,3,\n", introduced, errno, "both 3 on a"},
		{"number too big", "name,a,b\nclose,3,6\nread,5000,\n", introduced, errno, "outside the ranges"},
		{"not a number", "name,a,b\nclose,x,6\n", introduced, errno, "close on a"},
		{"introduced unknown call", numbers, "version,source,abis,names\n5.1,x,b,read\n", errno, "no read on b"},
		{"introduced unknown ABI", numbers, "version,source,abis,names\n5.1,x,z,read\n", errno, `no ABI "z"`},
		{"introduced twice", numbers, introduced + "5.2,x,a,close\n", errno, "given twice"},
		{"bad version", numbers, "version,source,abis,names\n5,x,a,close\n", errno, `version "5"`},
		{"bad errno", numbers, introduced, "name,generic\nEPERM,-1\n", "no error number"},
		{"empty", "name,a,b\n", introduced, errno, "no rows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := generate(fstest.MapFS{
				"numbers.csv":    {Data: []byte(tt.numbers)},
				"introduced.csv": {Data: []byte(tt.introduced)},
				"errno.csv":      {Data: []byte(tt.errno)},
			})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("generate: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("generate: %v, want an error with %q", err, tt.want)
			}
		})
	}
}
