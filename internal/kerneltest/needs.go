package kerneltest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Needs names what a test wants inside the machine besides its own binary, busybox and its testdata directory.
type Needs struct {
	Policy   []string // AppArmor profile files, compiled here and loaded before the test starts
	Exe      []string // programs of this machine, copied to the same path with their shared libraries; only for its own architecture
	Programs []string // Go packages, built static and put in /bin under the last element of their path
	Files    []File
}

// File is one file or directory tree to copy.
type File struct {
	Host  string // path on this machine
	Guest string // absolute path in the test machine; empty means the same path
}

// NeedsFile is where a test package says what it needs, relative to its directory. Every line is one of
//
//	policy PATH        an AppArmor profile, PATH relative to the file
//	exe PATH           a program of this machine
//	program PACKAGE    a Go package of this module
//	file HOST GUEST    HOST relative to the file
//
// optionally preceded by an architecture in brackets, as in "[amd64] exe /usr/sbin/runc". Blank lines and lines that start with
// # say nothing.
const NeedsFile = "testdata/kerneltest/needs"

// readNeeds reads the needs file of a package; a package without one needs nothing.
func readNeeds(pkgDir, goarch string) (Needs, error) {
	path := filepath.Join(pkgDir, filepath.FromSlash(NeedsFile))
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Needs{}, nil
	}
	if err != nil {
		return Needs{}, err
	}
	defer f.Close()
	n, err := parseNeeds(f, filepath.Dir(path), goarch)
	if err != nil {
		return Needs{}, fmt.Errorf("%s:%w", path, err)
	}
	return n, nil
}

// parseNeeds parses the format of [NeedsFile]; relative paths are taken from dir.
func parseNeeds(r io.Reader, dir, goarch string) (Needs, error) {
	var n Needs
	s := bufio.NewScanner(r)
	for line := 1; s.Scan(); line++ {
		words := strings.Fields(s.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if strings.HasPrefix(words[0], "[") {
			if words[0] != "["+goarch+"]" {
				continue
			}
			words = words[1:]
		}
		if err := n.add(words, dir); err != nil {
			return Needs{}, fmt.Errorf("%d: %w", line, err)
		}
	}
	return n, s.Err()
}

func (n *Needs) add(words []string, dir string) error {
	at := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	kind := ""
	if len(words) > 0 {
		kind = words[0]
	}
	switch {
	case kind == "policy" && len(words) == 2:
		n.Policy = append(n.Policy, at(words[1]))
	case kind == "exe" && len(words) == 2:
		n.Exe = append(n.Exe, words[1])
	case kind == "program" && len(words) == 2:
		n.Programs = append(n.Programs, words[1])
	case kind == "file" && len(words) == 3:
		n.Files = append(n.Files, File{Host: at(words[1]), Guest: words[2]})
	default:
		return fmt.Errorf("cannot read %q; write policy PATH, exe PATH, program PACKAGE, or file HOST GUEST", strings.Join(words, " "))
	}
	return nil
}
