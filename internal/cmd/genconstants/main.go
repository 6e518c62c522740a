// Command genconstants writes the table of symbolic constants that seccomptest's tables understand (O_RDONLY, AF_VSOCK,
// CLONE_NEWUSER, ...) from the version of golang.org/x/sys/unix that go.mod pins, which has them for every GOARCH of Linux.
//
// Usage, from seccomp/seccomptest: go run ../../internal/cmd/genconstants -out constants_gen.go
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	out := flag.String("out", "constants_gen.go", "file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "genconstants:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	info, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Version}}", "golang.org/x/sys").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	dir, version, ok := strings.Cut(strings.TrimSpace(string(info)), "\n")
	if !ok {
		return fmt.Errorf("go list printed %q", info)
	}
	t, err := read(filepath.Join(dir, "unix"))
	if err != nil {
		return err
	}
	source, err := emit(t, version)
	if err != nil {
		return err
	}
	return os.WriteFile(out, source, 0o644)
}
