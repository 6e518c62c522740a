package apparmor

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/gostockade/stockade/internal/sys"
)

// ErrWrongThread: Restore was called by another goroutine than ChangeHat, or after it.
var ErrWrongThread = errors.New("a hat belongs to the goroutine that entered it")

// maxHats is how many hats one call may name: the kernel looks at 16 (security/apparmor/procattr.c).
const maxHats = 16

// Hat is a thread's stay in a hat, a part of its profile with rules of its own.
//
// Hats are defence in depth, not a boundary: the threads of a Go process share all memory, so code that escapes in one goroutine can
// act through another that is in no hat, and can find the token. They stop mistakes, and attacks that stay within a request's own file
// accesses.
type Hat struct {
	k     taskKernel
	token uint64
	tid   int
	outer Label
}

// ChangeHat moves the calling thread alone into the first of the hats that the current profile has, and locks the goroutine to the thread.
// Call Restore in the same goroutine to leave. New threads and children that the goroutine starts are in the hat and cannot leave it.
//
// Errors: ErrNotLoaded (none of the hats exists), ErrNoHats, ErrNotPermitted (unconfined), ErrNoNewPrivs, ErrNotSupported, ErrDisabled.
func ChangeHat(hats ...string) (*Hat, error) {
	return changeHat(sys.Kernel{}, hats)
}

func changeHat(k taskKernel, hats []string) (*Hat, error) {
	r := enterRequest{op: "change hat", name: strings.Join(hats, " ")}
	if err := checkHats(hats); err != nil {
		return nil, r.fail(err)
	}
	runtime.LockOSThread()
	h, err := enterHat(k, hats)
	if err != nil {
		runtime.UnlockOSThread()
		return nil, r.fail(err)
	}
	after, err := hatLabel(k)
	if err != nil || !inHat(h.outer, after, hats) {
		// The thread stays locked: unless the goroutine goes on and on, the thread ends with it.
		return nil, r.fail(errors.Join(fmt.Errorf("%w: the label is %q", ErrNotConfined, after), err))
	}
	return h, nil
}

// enterHat gives the command with a random token that is not zero: zero would mean that there is no way back.
func enterHat(k taskKernel, hats []string) (*Hat, error) {
	a, err := openAttrs(k)
	if err != nil {
		return nil, err
	}
	outer, err := a.get(attrCurrent())
	if err != nil {
		return nil, err
	}
	h := &Hat{k: k, tid: k.Gettid(), outer: outer}
	for h.token == 0 {
		var b [8]byte
		rand.Read(b[:])
		h.token = binary.NativeEndian.Uint64(b[:])
	}
	if err := a.set(attrCurrent(), hatCommand(h.token, hats)); err != nil {
		return nil, explain(err, a.noNewPrivs())
	}
	return h, nil
}

// Restore takes the thread back to the profile it was under and unlocks the goroutine. It must be called by the goroutine that called
// ChangeHat. After an error the goroutine stays locked to its thread and must end, so that the thread ends with it; a wrong token, which
// only a corrupted Hat can have, makes the kernel kill the thread.
func (h *Hat) Restore() error {
	r := enterRequest{op: "restore from hat of", name: h.outer.Name}
	if h.token == 0 || h.k.Gettid() != h.tid {
		return r.fail(ErrWrongThread)
	}
	a, err := openAttrs(h.k)
	if err != nil {
		return r.fail(err)
	}
	if err := a.set(attrCurrent(), hatCommand(h.token, nil)); err != nil {
		return r.fail(explain(err, a.noNewPrivs()))
	}
	after, err := hatLabel(h.k)
	if err != nil || after != h.outer {
		return r.fail(errors.Join(fmt.Errorf("%w: the label is %q", ErrNotConfined, after), err))
	}
	h.token = 0
	runtime.UnlockOSThread()
	return nil
}

// hatCommand is "changehat TOKEN^HAT" with a token of 16 hexadecimal digits, more hats after NUL bytes, and no hat to leave.
func hatCommand(token uint64, hats []string) string {
	return fmt.Sprintf("changehat %016x^%s", token, strings.Join(hats, "\x00"))
}

func hatLabel(k taskKernel) (Label, error) {
	a, err := openAttrs(k)
	if err != nil {
		return Label{}, err
	}
	return a.get(attrCurrent())
}

// inHat reports whether the label is that of one of the hats. A hat of the hat the thread came from is a sibling.
func inHat(outer, after Label, hats []string) bool {
	for _, hat := range hats {
		if strings.HasSuffix(after.Name, "//"+hat) && after.Name != outer.Name || after.Name == outer.Name && strings.HasSuffix(outer.Name, "//"+hat) {
			return true
		}
	}
	return false
}

func checkHats(hats []string) error {
	if len(hats) == 0 || len(hats) > maxHats {
		return fmt.Errorf("%w: %d hats; name 1 to %d", ErrName, len(hats), maxHats)
	}
	if n := len(strings.Join(hats, " ")); n > MaxName {
		return fmt.Errorf("%w: the hats' names have %d bytes, more than %d", ErrName, n, MaxName)
	}
	for _, hat := range hats {
		if err := checkName(hat); err != nil {
			return err
		}
		if strings.Contains(hat, "//") || strings.HasPrefix(hat, ":") {
			return fmt.Errorf("%w: hat %q; a hat is named without its profile", ErrName, hat)
		}
	}
	return nil
}
