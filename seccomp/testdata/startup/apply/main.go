// Command apply confines itself and says that it is ready: the start-up benchmark's subject. Its arguments are the system calls
// to allow, or the word program and the program to load, in hexadecimal.
package main

import (
	"encoding/hex"
	"os"

	"github.com/gostockade/stockade/seccomp"
)

func main() {
	if err := confine(os.Args[1:]); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.Write([]byte("r"))
}

func confine(args []string) error {
	if args[0] != "program" {
		return seccomp.Apply(&seccomp.Profile{Default: seccomp.Errno(1), Rules: []seccomp.Rule{{Names: args, Action: seccomp.Allow}}}, nil)
	}
	wire, err := hex.DecodeString(args[1])
	if err != nil {
		return err
	}
	prog, err := seccomp.ParseProgram(wire, seccomp.NativeArch())
	if err != nil {
		return err
	}
	_, err = seccomp.Load(prog, nil)
	return err
}
