package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCommittedFileIsCurrent generates the table again and compares it with the committed one.
func TestCommittedFileIsCurrent(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "constants_gen.go")
	if err := run(fresh); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../../seccomp/seccomptest/constants_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("seccomp/seccomptest/constants_gen.go is not what the generator writes; run go generate there")
	}
}
