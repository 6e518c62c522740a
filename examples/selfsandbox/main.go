// Command selfsandbox is an HTTP server that confines itself before it serves, and then proves it: it answers real requests over
// TCP and tries, for real, what it should no longer be able to do. It exits with status 0 only if everything is as promised. It
// needs nothing but Go and Linux, and no privileges. (On 386 and s390x its client fails, as it should: Go creates sockets there
// through a call whose arguments no filter can see, so the policy does not allow it.)
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/profile"
	"github.com/gostockade/stockade/seccomp"
)

// policy is what this server may do once it is up: what the Go runtime needs (and the C library's threads, for package net
// uses cgo where there is a C compiler), serve TCP, and, because it is also its own client, connect.
var policy = seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo, seccomp.TCPServer, seccomp.NetClient)

// serve opens what the server needs, confines the whole process, and only then answers strangers.
func serve(handler http.Handler) (net.Addr, *profile.Report, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	var report profile.Report
	if err := profile.Apply(&profile.Profile{Seccomp: policy, AppArmor: appArmor()}, &profile.ApplyOptions{Report: &report}); err != nil {
		return nil, nil, err // not confined, so not serving
	}
	go http.Serve(listener, handler)
	return listener.Addr(), &report, nil
}

// appArmor names the second half of the confinement, if the kernel can move a running process into the AppArmor profile "selfsandbox" and an
// administrator has loaded it. A server that relies on AppArmor names its profile unconditionally, and does not start without it.
func appArmor() *profile.AppArmor {
	const name = "selfsandbox"
	loaded, err := apparmor.Profiles()
	if err != nil || !slices.Contains(loaded, apparmor.Label{Name: name, Mode: "enforce"}) {
		return nil
	}
	if s, err := apparmor.ReadStatus(); err != nil || !s.Syscalls {
		return nil
	}
	return &profile.AppArmor{Profile: name}
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == childArg {
		confinedChild()
	}
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "selfsandbox:", err)
		os.Exit(1)
	}
}

// run takes the server through its life and prints the tables.
func run(out *os.File) error {
	before := attempt() // the kernel's own answers, to compare with
	child := runChild() // while starting programs is still possible
	kept, err := os.Open("/proc/self/stat")
	if err != nil {
		return err
	}
	defer kept.Close()

	addr, report, err := serve(http.HandlerFunc(hello))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "An HTTP server on %v, confined by seccomp to %v", addr, policy.Rules[0].Names)
	if report.AppArmor != nil {
		fmt.Fprintf(out, " and by AppArmor as %v", report.AppArmor.After)
	}
	fmt.Fprint(out, ".\n\n")
	ok := printWorks(out, checkWorks(addr, kept))
	ok = printRefused(out, before, attempt(), child) && ok
	if !ok {
		return fmt.Errorf("not everything is as promised")
	}
	fmt.Fprintln(out, "\nEverything is as promised.")
	return nil
}
