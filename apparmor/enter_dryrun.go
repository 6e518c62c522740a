package apparmor

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/gostockade/stockade/internal/sys"
)

// DryRun asks the kernel whether the calling thread may change to a profile, and changes nothing: the "permprofile" command of attr/current,
// Linux 3.4. It covers that the profile is loaded and that the rules allow it; not no_new_privs.
func DryRun(name string) error {
	return ask(sys.Kernel{}, enterRequest{op: "dry run of change profile", command: "permprofile ", name: name})
}

// DryRunHat asks the kernel whether the calling thread may change to one of the hats, and changes nothing ("permhat").
func DryRunHat(hats ...string) error {
	if err := checkHats(hats); err != nil {
		return &EnterError{Op: "dry run of change hat", Err: err}
	}
	return ask(sys.Kernel{}, enterRequest{op: "dry run of change hat", command: fmt.Sprintf("permhat %016x^", 0), name: strings.Join(hats, "\x00")})
}

func ask(k taskKernel, r enterRequest) error {
	if r.command == "permprofile " {
		if err := checkName(r.name); err != nil {
			return r.fail(err)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, err := openAttrs(k)
	if err != nil {
		return r.fail(err)
	}
	if err := a.set(attrCurrent(), r.command+r.name); err != nil {
		return r.fail(explain(err, a.noNewPrivs()))
	}
	return nil
}
