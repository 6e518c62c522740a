// Command goruntime is the program that TestGoRuntime confines: it applies a filter that kills the process for every call
// outside the given sets, and then does what Go programs do. Each kind of work checks its own result, so that it cannot pass by
// doing nothing. It prints "done" when all is done.
//
// Usage: goruntime [-sets @go-runtime,...] [-enosys name,...] [-refuse] [-free] work...
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/gostockade/stockade/seccomp"
)

// A work is one kind of thing to do under the filter. Prepare, if not nil, runs before the filter is on.
type work struct {
	name    string
	prepare func() error
	run     func() error
}

var works = []work{
	{"gc", nil, collectGarbage},
	{"memory", nil, growAndShrink},
	{"goroutines", nil, stormGoroutines},
	{"timers", nil, stormTimers},
	{"threads", nil, endThreads},
	{"preempt", nil, preempt},
	{"poller", nil, usePoller},
	{"tls", prepareTLS, serveTLS},
	{"cpuprofile", nil, profileCPU},
	{"trace", nil, traceExecution},
	{"notify", nil, awaitSignal},
	{"fault", nil, recoverFault},
	{"random", nil, readRandom},
	{"procs", nil, changeProcs},
	{"idle", nil, idle},
	{"exec", nil, execChild},
	{"files", nil, readFiles},
	{"write", nil, writeFiles},
	{"unix", prepareNet, useUnixSocket},
	{"udp", nil, useUDP},
	{"cgo", nil, callC},
	{"panic", nil, func() error { panic("on purpose") }},
	{"crash", nil, crash},
	{"forbidden", nil, forbidden},
}

func main() {
	sets := flag.String("sets", "@go-runtime", "sets of calls to allow, comma-separated")
	enosys := flag.String("enosys", "", "calls that fail with ENOSYS, comma-separated")
	refuse := flag.Bool("refuse", false, "refuse other calls as AllowOnly does instead of killing the process")
	free := flag.Bool("free", false, "apply no filter")
	flag.Parse()
	if err := run(profile(strings.Split(*sets, ","), *enosys, *refuse), *free, flag.Args()); err != nil {
		fmt.Println("goruntime:", err)
		os.Exit(1)
	}
	fmt.Println("done")
}

// profile allows the sets and kills the process for every other call, unless told to refuse some or all.
func profile(sets []string, enosys string, refuse bool) *seccomp.Profile {
	if refuse {
		var typed []seccomp.Set
		for _, s := range sets {
			typed = append(typed, seccomp.Set(s))
		}
		return seccomp.AllowOnly(typed...)
	}
	p := &seccomp.Profile{Rules: []seccomp.Rule{{Names: sets, Action: seccomp.Allow}}}
	if enosys != "" {
		n, _ := seccomp.NativeArch().ErrnoNumber("ENOSYS")
		p.Rules = append(p.Rules, seccomp.Rule{Names: strings.Split(enosys, ","), Action: seccomp.Errno(n)})
	}
	return p
}

func run(p *seccomp.Profile, free bool, names []string) error {
	todo, err := choose(names)
	if err != nil {
		return err
	}
	for _, w := range todo {
		if w.prepare != nil {
			if err := w.prepare(); err != nil {
				return fmt.Errorf("prepare %s: %w", w.name, err)
			}
		}
	}
	if !free {
		if err := seccomp.Apply(p, nil); err != nil {
			return err
		}
	}
	fmt.Println("confined")
	for _, w := range todo {
		if err := w.run(); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		fmt.Println("ok", w.name)
	}
	return nil
}

func choose(names []string) ([]work, error) {
	var todo []work
	for _, name := range names {
		found := false
		for _, w := range works {
			if w.name == name {
				todo, found = append(todo, w), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no work %q", name)
		}
	}
	return todo, nil
}
