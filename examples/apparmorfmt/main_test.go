package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs the command on standard input.
func tool(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func TestFormat(t *testing.T) {
	status, out, errs := tool(t, "profile x{} {\n/a    rw,  # c\n}\n")
	if want := "profile x{} {\n  /a rw, # c\n}\n"; status != 0 || out != want || errs != "" {
		t.Errorf("status %d, %q, %q; want %q", status, out, errs, want)
	}
}

func TestSyntaxErrorHasCaret(t *testing.T) {
	status, out, errs := tool(t, "profile x {\n  /a r\n  /b w,\n}\n")
	if status != 1 || out != "" || !strings.Contains(errs, "<stdin>:2:7: missing") || !strings.Contains(errs, "\n  /a r\n      ^\n") {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
}

func TestCheck(t *testing.T) {
	const text = "profile x {\n  capability fly,\n}\n"
	if status, _, errs := tool(t, text); status != 0 {
		t.Errorf("without -check: status %d, %q", status, errs)
	}
	status, _, errs := tool(t, text, "-check")
	if status != 1 || !strings.Contains(errs, "<stdin>:2:3: unknown capability \"fly\"") || !strings.Contains(errs, "  capability fly,\n  ^") {
		t.Errorf("with -check: status %d, %q", status, errs)
	}
}

func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "part"), []byte("/a q,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, errs := tool(t, "profile x {\n  include <part>\n}\n", "-check", "-I", dir)
	if status != 1 || !strings.Contains(errs, "part:1:") || !strings.Contains(errs, "included from <stdin>:2:3") {
		t.Errorf("status %d, %q", status, errs)
	}
}

func TestRewrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(name, []byte("/bin/x {\n/a   r,\n}\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if status, out, _ := tool(t, "", "-l", name); status != 1 || out != name+"\n" {
		t.Errorf("-l before: status %d, %q", status, out)
	}
	if status, _, errs := tool(t, "", "-w", name); status != 0 {
		t.Errorf("-w: status %d, %q", status, errs)
	}
	got, err := os.ReadFile(name)
	if want := "/bin/x {\n  /a r,\n}\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if status, out, _ := tool(t, "", "-l", name); status != 0 || out != "" {
		t.Errorf("-l after: status %d, %q", status, out)
	}
}
