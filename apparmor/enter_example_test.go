package apparmor_test

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"runtime"

	"github.com/gostockade/stockade/apparmor"
)

// A service enters its profile when it has opened what it needs; it does not go on if it could not. The name is one that nobody loads, so
// this goes wrong everywhere.
func ExampleChangeProfile() {
	_, err := apparmor.ChangeProfile("stockade-example", nil)
	switch {
	case err == nil:
		fmt.Println("confined")
	case errors.Is(err, apparmor.ErrNeedsExec):
		fmt.Println("not confined: use Reexec")
	default:
		fmt.Println("not confined")
	}
}

// Stacking is what is left in a container and with no_new_privs.
func ExampleStack() {
	entered, err := apparmor.Stack("stockade-example", nil)
	fmt.Println(entered == nil, err != nil)
	// Output: true true
}

// On a kernel older than 6.8 a server keeps its listener and starts itself again under the profile.
func ExampleReexec() {
	files, err := apparmor.ReexecFiles()
	if err != nil {
		log.Fatal(err)
	}
	var l net.Listener
	if len(files) > 0 {
		l, err = net.FileListener(files[0])
	} else {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		log.Fatal(err)
	}
	_, err = apparmor.Reexec("stockade-example", &apparmor.ReexecOptions{Files: []*os.File{file}})
	fmt.Println("under the profile:", err == nil)
	// Output: under the profile: false
}

// A child in a profile; profile.Command does this and more.
func ExampleChangeOnExec() {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread must end
		err := apparmor.ChangeOnExec("stockade-example")
		if err == nil {
			err = exec.Command("true").Run()
		}
		done <- err
	}()
	fmt.Println("started in the profile:", <-done == nil)
	// Output: started in the profile: false
}

func ExampleStackOnExec() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread() // right only because nothing was arranged
	err := apparmor.StackOnExec("stockade-example")
	pending, _ := apparmor.PendingOnExec()
	fmt.Printf("%t %q\n", err == nil, pending)
	// Output: false ""
}

// A request handler steps into a hat and back.
func ExampleChangeHat() {
	hat, err := apparmor.ChangeHat("stockade-example-request")
	if err != nil {
		fmt.Println("no hat")
		return
	}
	// Serve the request, on this goroutine.
	if err := hat.Restore(); err != nil {
		log.Fatal(err) // the goroutine must not go on
	}
	// Output: no hat
}

func ExampleDryRun() {
	fmt.Println(apparmor.DryRun("stockade-example") == nil)
	fmt.Println(apparmor.DryRunHat("stockade-example-request") == nil)
	// Output:
	// false
	// false
}

// What would the running kernel say?
func ExampleQueryFile() {
	access, err := apparmor.QueryFile("stockade-example", "/etc/shadow")
	fmt.Println(err == nil, access.Allowed(apparmor.QueryRead))
	// Output: false false
}

func ExampleParseLabel() {
	l := apparmor.ParseLabel("web//&unconfined (enforce)\n")
	fmt.Println(l.Profiles(), l.Mode, l.Enforced(), l.Has("web"))
	// Output: [web] enforce true true
}

func ExampleReadStatus() {
	s, err := apparmor.ReadStatus()
	if err != nil {
		fmt.Println("no AppArmor:", err)
		return
	}
	fmt.Println("this thread is", s.Label)
	if loaded, err := apparmor.Profiles(); err == nil {
		fmt.Println(len(loaded), "profiles are loaded")
	}
	if threads, err := apparmor.ThreadLabels(0); err == nil {
		fmt.Println(len(threads), "threads")
	}
}
