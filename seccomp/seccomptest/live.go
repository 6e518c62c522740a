package seccomptest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

// MaxRefusals is how many refused calls Live collects before it ends the child.
const MaxRefusals = 10000

// Refusal is a call that a profile did not let happen, or logged.
type Refusal struct {
	Call   seccomp.Call
	TID    int            // the thread that made it
	Action seccomp.Action // what the profile does with it
	Text   string         // the call as C would write it: `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC, 0)`
}

// String returns the call and the action.
func (r Refusal) String() string {
	return fmt.Sprintf("%v %s: %s", r.Call.Arch, r.Text, actionText(r.Call.Arch, r.Action))
}

// LiveResult is what became of a function that ran under a profile.
type LiveResult struct {
	Refused []Refusal // the calls that the profile refused, in order, repetitions included
	Logged  []Refusal // the calls that it let happen and logs
	// Ended is "" if the function returned; else it says what ended it: a panic, an action that kills, a time-out.
	Ended  string
	Output string // what the function wrote to standard output and standard error
}

// String lists the refused and logged calls and how the function ended.
func (r *LiveResult) String() string {
	var b strings.Builder
	for _, call := range r.Refused {
		fmt.Fprintf(&b, "refused %v\n", call)
	}
	for _, call := range r.Logged {
		fmt.Fprintf(&b, "logged %v\n", call)
	}
	if r.Ended == "" {
		b.WriteString("returned\n")
	} else {
		b.WriteString("ended: " + r.Ended + "\n")
	}
	return b.String()
}

// liveEnv tells a child process which call of Live it was started for.
const liveEnv = "STOCKADE_SECCOMPTEST_LIVE"

// Live runs fn under the profile on the running kernel and returns which calls were refused, with their arguments. It needs no
// privileges. It ends the test if the child cannot be set up, and skips it where the system cannot do this: not Linux, or a Linux
// before 5.7.
//
// fn runs in a process of its own: this test binary, started again to run this test alone up to this call of Live. The test must
// therefore get here again the same way, and fn's effects on variables are lost; it can print. A test has one call of Live for
// each line that has one; in a loop use t.Run.
//
// The child's filter is the profile's in which every action but allow asks the test process, which notes the call and gives the
// profile's answer: the same errors are returned, logged calls proceed, calls that would trap or kill end the child. Without a
// tracer and a supervisor, trace and notify fail with ENOSYS as they would. What fn does before and after cannot be told from what
// the Go runtime does meanwhile: GoRuntime should be part of the profile.
func Live(t testing.TB, p *seccomp.Profile, fn func()) *LiveResult {
	t.Helper()
	_, file, line, _ := runtime.Caller(1)
	id := fmt.Sprintf("%s %s:%d", t.Name(), file, line)
	switch os.Getenv(liveEnv) {
	case "":
		return live(t, p, id)
	case id:
		liveChild(p, fn)
	}
	return &LiveResult{} // another call of Live on the child's way to its own
}
