// Command ocispec turns a Docker or Podman seccomp template into the linux.seccomp section of an OCI config.json, for one machine
// and one set of capabilities, as the engine would, and says on standard error what the runtime will make of it.
//
//	ocispec [-arch amd64] [-kernel 6.12] [-caps CAP_A,CAP_B] [-podman] [template.json]
//
// Without a file it takes a small template of its own. Without -caps it takes Docker's default capabilities.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/docker"
	"github.com/gostockade/stockade/seccomp/oci"
)

//go:embed template.json
var small []byte

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "ocispec: %+v\n", err)
		os.Exit(1)
	}
}

func run(args []string, out, log io.Writer) error {
	target, file, err := parseArgs(args, log)
	if err != nil {
		return err
	}
	data := small
	if file != "" {
		if data, err = os.ReadFile(file); err != nil {
			return err
		}
	}
	tmpl, err := docker.Parse(data)
	if err != nil {
		return err
	}
	spec, _, err := tmpl.ResolveOCI(target)
	if err != nil {
		return err
	}
	// What the runtime will really enforce, and everything it does otherwise than the template says.
	profile, diags, err := tmpl.Resolve(target)
	if err != nil {
		return err
	}
	for _, d := range diags {
		fmt.Fprintln(log, d)
	}
	fmt.Fprintf(log, "%d rules for %v; other calls: %v\n", len(profile.Rules), profile.Arches, profile.Default)
	text, err := oci.Format(spec)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

func parseArgs(args []string, log io.Writer) (target docker.Target, file string, err error) {
	flags := flag.NewFlagSet("ocispec", flag.ContinueOnError)
	flags.SetOutput(log)
	arch := flags.String("arch", "amd64", "the machine")
	kernel := flags.String("kernel", "6.12", "its kernel")
	caps := flags.String("caps", strings.Join(docker.DefaultCaps(), ","), "the container's capabilities")
	podman := flags.Bool("podman", false, "read the template as Podman does")
	if err := flags.Parse(args); err != nil {
		return target, "", err
	}
	var ok bool
	if target.Arch, ok = seccomp.ParseArch(*arch); !ok {
		return target, "", fmt.Errorf("unknown machine %q", *arch)
	}
	if _, err := fmt.Sscanf(*kernel, "%d.%d", &target.Kernel.Major, &target.Kernel.Minor); err != nil {
		return target, "", fmt.Errorf("kernel %q is not of the form 6.12", *kernel)
	}
	if *caps != "" {
		target.Caps = strings.Split(*caps, ",")
	}
	if *podman {
		target.Engine = docker.Podman
	}
	return target, flags.Arg(0), nil
}
