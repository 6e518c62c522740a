// Command kerneltest runs one Go test package on one real kernel in QEMU:
//
//	go run ./internal/cmd/kerneltest -kernel debian-6.12-amd64 ./apparmor -run TestX
//
// Arguments after the package go to the test binary as go test would pass them (-run, -v, -count, -bench, -short).
// The exit code is 0 if at least one test ran and all passed, 1 if one failed or was skipped, 2 if the machine did not run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/gostockade/stockade/internal/kerneltest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("kerneltest", flag.ContinueOnError)
	fs.Usage = func() { usage(fs) }
	var c kerneltest.Config
	name := fs.String("kernel", "debian-6.12-amd64", "kernel to boot")
	fs.StringVar(&c.Append, "append", "", "additional kernel command `line`, such as apparmor=0 or security=selinux")
	fs.StringVar(&c.Tags, "tags", "", "build tags besides kerneltest")
	fs.BoolVar(&c.Skips, "skips", false, "accept skipped tests")
	fs.DurationVar(&c.Timeout, "timeout", 10*time.Minute, "limit on the machine's life")
	fs.Func("env", "additional `NAME=value` for the test", func(s string) error { c.Env = append(c.Env, s); return nil })
	fs.Func("policy", "AppArmor profile `file` to compile and load", func(s string) error { c.Needs.Policy = append(c.Needs.Policy, s); return nil })
	fs.Func("exe", "`program` of this machine to take along with its libraries", func(s string) error { c.Needs.Exe = append(c.Needs.Exe, s); return nil })
	fs.Func("program", "Go `package` to build and put in /bin", func(s string) error { c.Needs.Programs = append(c.Needs.Programs, s); return nil })
	fs.Func("file", "`host[:guest]` file or directory to take along", func(s string) error {
		host, guest, _ := strings.Cut(s, ":")
		c.Needs.Files = append(c.Needs.Files, kerneltest.File{Host: host, Guest: guest})
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return 2
	}
	k, err := kerneltest.Find(*name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if fs.NArg() == 0 {
		fs.Usage()
		return 2
	}
	c.Package = fs.Arg(0)
	c.TestArgs = testArgs(fs.Args()[1:])
	c.Output = os.Stdout
	start := time.Now()
	v, err := kerneltest.Run(ctx, k, c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		if errors.Is(err, kerneltest.ErrFailed) {
			return 1
		}
		return 2
	}
	fmt.Printf("ok  \t%s\t%s (%s)\t%d passed\t%.1fs\n", c.Package, k.Name, v.Release, v.Passed, time.Since(start).Seconds())
	return 0
}

// testArgs turns the flags of go test into those of a test binary: -run becomes -test.run.
func testArgs(args []string) []string {
	var out []string
	for i, a := range args {
		if a == "-args" || a == "--args" {
			return append(out, args[i+1:]...)
		}
		if name := strings.TrimLeft(a, "-"); strings.HasPrefix(a, "-") && !strings.HasPrefix(name, "test.") {
			a = "-test." + name
		}
		out = append(out, a)
	}
	return out
}

func usage(fs *flag.FlagSet) {
	fmt.Fprintln(fs.Output(), "usage: kerneltest [flags] package [test flags]")
	fs.PrintDefaults()
	fmt.Fprintln(fs.Output(), "kernels:")
	for _, k := range kerneltest.Kernels() {
		fmt.Fprintf(fs.Output(), "  %s\n", k.Name)
	}
}
