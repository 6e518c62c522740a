// Package seccomptest tests seccomp profiles in code. Check states what a profile answers to calls, as a table, on any
// operating system and without privileges; CheckCoverage also wants every rule to have been asked about; Live runs a function
// under the profile in a child process on a Linux kernel and tells which calls were refused.
//
// # Tables
//
// A line of a table is an ABI, a call, and the action expected for it:
//
//	amd64 openat(_, _, O_RDONLY)             allow
//	amd64 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)  allow
//	amd64 socket(AF_VSOCK)                   errno EPERM
//	386   read()                             kill_process
//	amd64 1000()                             errno ENOSYS   # a number no kernel has
//
// Text from # on is a comment. The ABI is what seccomp.ParseArch reads; the call is a name or a number of that ABI.
//
// An argument is a number (decimal, 0x, 0o or leading 0, 0b, or negative, which is sign-extended as C does for long), a
// constant of the kernel's headers such as O_CLOEXEC in that ABI's value, or several of them joined by |. The argument _, and
// every argument left out, can have any value: the line then holds only if every value gets the expected action, and the
// failure shows one that does not.
//
// The action is allow, log, notify, kill_process, kill_thread, errno with a name or number, or trap or trace, each with an
// optional number for its data (0 if left out). It must be exactly what the profile answers.
package seccomptest

//go:generate go run ../../internal/cmd/genconstants -out constants_gen.go
