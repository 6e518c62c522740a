package kerneltest

import (
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// sharedFiles returns what a dynamically linked program needs to run elsewhere: its interpreter and, transitively, its shared
// libraries, as paths on this machine. A static program needs nothing.
func sharedFiles(program string) ([]string, error) {
	f, err := elf.Open(program)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	interp, err := interpreter(f)
	f.Close()
	if err != nil || interp == "" {
		return nil, err
	}
	files := []string{interp}
	seen := map[string]bool{}
	queue := []string{program}
	for len(queue) > 0 {
		names, machine, err := imported(queue[0])
		queue = queue[1:]
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			lib, err := findLibrary(name, machine)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", program, err)
			}
			files = append(files, lib)
			queue = append(queue, lib)
		}
	}
	return files, nil
}

func imported(file string) ([]string, elf.Machine, error) {
	f, err := elf.Open(file)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	defer f.Close()
	names, err := f.ImportedLibraries()
	return names, f.Machine, err
}

// interpreter returns the dynamic loader a program names, or "".
func interpreter(f *elf.File) (string, error) {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(p.Open(), 4096))
		return strings.TrimRight(string(data), "\x00"), err
	}
	return "", nil
}

// findLibrary looks a library up where Debian and its derivatives keep them.
func findLibrary(name string, machine elf.Machine) (string, error) {
	triplet := map[elf.Machine]string{elf.EM_X86_64: "x86_64-linux-gnu", elf.EM_AARCH64: "aarch64-linux-gnu"}[machine]
	for _, dir := range []string{"/lib/" + triplet, "/usr/lib/" + triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no shared library %s on this machine", name)
}
