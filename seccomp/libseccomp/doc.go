// Package libseccomp compiles seccomp profiles through the C library libseccomp instead of this module's own compiler. It
// exists for two uses: as an independent oracle that the two compilers are compared with, and for programs that must ship the
// C library's output. It needs cgo, libseccomp's headers and the build tag libseccomp; without the tag the package is empty.
//
// libseccomp's rules mean less than a profile's. Compile refuses with ErrInexpressible what it cannot say: different actions
// for one call (libseccomp decides by the shape of its tree, not by a rule), several conditions on one argument, 32-bit comparisons
// but equality, an answer for newer calls, conditions on calls that an ABI multiplexes.
//
// Miscompiled names the profiles that libseccomp is known to compile wrongly; Compile does not refuse them.
package libseccomp
