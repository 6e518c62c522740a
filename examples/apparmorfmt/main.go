// Apparmorfmt formats AppArmor policy and checks it.
//
//	apparmorfmt [-w] [-check] [-I directory] [file ...]
//
// Without files it reads standard input. It prints the formatted text; with -w it rewrites the files that differ instead, and
// with -l it only names them. With -check it also resolves each file, with the includes found in the directory of -I (default
// /etc/apparmor.d). Errors show the source line with a caret. The exit status is 1 when something is wrong, or with -l when
// some file is not formatted.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command is what the flags ask for.
type command struct {
	write, list, check bool
	resolve            *apparmor.ResolveOptions
	stdout, stderr     io.Writer
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &command{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("apparmorfmt", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&c.write, "w", false, "rewrite files that are not formatted")
	flags.BoolVar(&c.list, "l", false, "name files that are not formatted, print nothing else")
	flags.BoolVar(&c.check, "check", false, "also check what the policy means")
	dir := flags.String("I", "/etc/apparmor.d", "`directory` of included files")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	c.resolve = &apparmor.ResolveOptions{Includes: os.DirFS(*dir), Cache: apparmor.NewCache()}
	if flags.NArg() == 0 {
		src, err := io.ReadAll(stdin)
		return c.status(err == nil && c.text("<stdin>", src), err)
	}
	status := 0
	for _, name := range flags.Args() {
		src, err := os.ReadFile(name)
		status = max(status, c.status(err == nil && c.text(name, src), err))
	}
	return status
}

func (c *command) status(ok bool, err error) int {
	if err != nil {
		fmt.Fprintln(c.stderr, err)
	}
	if ok {
		return 0
	}
	return 1
}

// text formats and checks one file, and reports whether all is well.
func (c *command) text(name string, src []byte) bool {
	file, err := syntax.Parse(name, src)
	if err != nil {
		fmt.Fprintf(c.stderr, "%+v\n", err)
		return false
	}
	if c.check {
		policy, err := apparmor.Resolve(file, c.resolve)
		if err != nil {
			fmt.Fprintf(c.stderr, "%+v\n", err)
			return false
		}
		for _, w := range policy.Warnings {
			fmt.Fprintln(c.stderr, "warning:", w)
		}
	}
	return c.output(name, src, syntax.Format(file))
}

func (c *command) output(name string, src, formatted []byte) bool {
	same := bytes.Equal(src, formatted)
	switch {
	case c.list:
		if !same {
			fmt.Fprintln(c.stdout, name)
		}
		return same
	case c.write:
		if same {
			return true
		}
		if err := rewrite(name, formatted); err != nil {
			fmt.Fprintln(c.stderr, err)
			return false
		}
		return true
	}
	_, err := c.stdout.Write(formatted)
	return err == nil
}

// rewrite replaces a file's content and keeps its permissions.
func rewrite(name string, data []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, info.Mode().Perm())
}
