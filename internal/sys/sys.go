// Package sys holds every system call stockade makes itself. It knows nothing of profiles: it takes and returns numbers,
// bytes and errnos, so that what decides with them can be tested on any system. Each method of Kernel is one step of the
// kernel's interface; the packages above state the steps they need as an interface of their own, which is where tests put
// failures.
//
// On systems other than Linux every method fails with ErrUnsupported.
package sys

import "errors"

// ErrUnsupported is what every call returns on a system that is not Linux.
var ErrUnsupported = errors.New("not a Linux system")

// Kernel is the running kernel. The zero value is ready for use and holds no state.
type Kernel struct{}
