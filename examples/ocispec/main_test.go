package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
	"github.com/gostockade/stockade/seccomp/oci"
)

// names returns the calls that some rule of the program's output names.
func names(t *testing.T, args ...string) []string {
	t.Helper()
	var out strings.Builder
	if err := run(args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	s, err := oci.Parse([]byte(out.String()))
	if err != nil {
		t.Fatalf("the output is no OCI document: %v\n%s", err, out.String())
	}
	var all []string
	for _, c := range s.Syscalls {
		all = append(all, c.Names...)
	}
	return all
}

func TestCapabilities(t *testing.T) {
	for caps, want := range map[string]bool{"CAP_CHOWN": false, "CAP_SYS_ADMIN": true, "CAP_CHOWN,CAP_SYS_ADMIN": true, "": false} {
		if got := slices.Contains(names(t, "-caps", caps), "mount"); got != want {
			t.Errorf("with %q mount is there: %v, want %v", caps, got, want)
		}
	}
	if slices.Contains(names(t, "-caps", "CAP_SYS_PTRACE", "-kernel", "4.4"), "ptrace") {
		t.Error("ptrace is allowed on a kernel where it evades filters")
	}
}

// TestNoWarnings checks that the small template is a good one: the runtime does what it says.
func TestNoWarnings(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		var log strings.Builder
		if err := run([]string{"-arch", arch}, io.Discard, &log); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(log.String(), "warning") {
			t.Errorf("%s:\n%s", arch, log.String())
		}
	}
}

func TestDockerDefault(t *testing.T) {
	file := testenv.Shared(t, "corpora/seccomp/docker-default.json")
	if all := names(t, file); len(all) < 300 || slices.Contains(all, "bpf") {
		t.Errorf("%d names, bpf among them: %v", len(all), slices.Contains(all, "bpf"))
	}
	if !slices.Contains(names(t, "-caps", "CAP_BPF", file), "bpf") {
		t.Error("CAP_BPF does not bring bpf")
	}
}

func TestErrors(t *testing.T) {
	for want, args := range map[string][]string{
		"unknown machine":          {"-arch", "vax"},
		"is not of the form":       {"-kernel", "six"},
		"not the name":             {"-caps", "SYS_ADMIN"},
		"no such file":             {"/nonexistent/template.json"},
		"flag provided but not":    {"-x"},
		"the engine does not run ": {"-arch", "x32"},
	} {
		if err := run(args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
