// Command confinedchild runs a program under a profile kept in files:
//
//	confinedchild PROFILE.json PROGRAM [ARGUMENT...]
//
// PROFILE.json is what profile.ParseJSON reads; it may refer to other files of its directory, such as an OCI seccomp section or an AppArmor
// policy. The program's exit code becomes that of confinedchild; 125 means that the program was not started.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/gostockade/stockade/profile"
)

func main() {
	entry := profile.ChildEntry() // does not return in the child, if a filter wants it started that way
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: confinedchild PROFILE.json PROGRAM [ARGUMENT...]")
		os.Exit(2)
	}
	err := run(entry, os.Args[1], os.Args[2], os.Args[3:])
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "confinedchild:", err)
		os.Exit(125)
	}
}

func run(entry profile.Entry, file, name string, args []string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	p, diags, err := profile.ParseJSON(data, &profile.ParseOptions{Files: os.DirFS(filepath.Dir(file))})
	if err != nil {
		return err
	}
	for _, d := range diags {
		fmt.Fprintln(os.Stderr, "confinedchild:", d)
	}
	cmd := profile.Command(p, name, args...)
	cmd.Entry = entry
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
