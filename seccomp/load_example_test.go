package seccomp_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gostockade/stockade/seccomp"
)

// A service opens what it needs, then confines itself, or does not start.
func ExampleApply() {
	p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer)
	if err := seccomp.Apply(p, nil); err != nil {
		log.Fatal(err)
	}
}

// Load gives more control than Apply: the program is compiled beforehand, and the report says what every thread's state is.
func ExampleLoad() {
	p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.TCPServer)
	prog, err := seccomp.Compile(p, nil)
	if err != nil {
		log.Fatal(err)
	}
	loaded, err := seccomp.Load(prog, &seccomp.LoadOptions{Flags: seccomp.FlagLog})
	var sync *seccomp.ThreadSyncError
	switch {
	case errors.As(err, &sync):
		log.Fatalf("thread %d was confined before: %v", sync.TID, err)
	case err != nil:
		log.Fatal(err)
	}
	for _, state := range loaded.Threads {
		log.Print(state)
	}
}

// Probe tells what the running kernel can do before anything is loaded.
func ExampleProbe() {
	features, err := seccomp.Probe()
	if errors.Is(err, seccomp.ErrNotSupported) {
		fmt.Println("this is not Linux")
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	var missing *seccomp.NotSupportedError
	if errors.As(features.Flags(seccomp.FlagWaitKillableRecv), &missing) {
		fmt.Println("needs Linux", missing.Since)
	}
}

// Status tells whether a process is confined.
func ExampleStatus() {
	state, err := seccomp.Status(1)
	if err != nil {
		log.Fatal(err)
	}
	if state.Mode == seccomp.ModeDisabled {
		fmt.Println("process 1 can make any system call")
	}
}
