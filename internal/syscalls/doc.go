// Package syscalls knows the system calls of every Linux ABI that seccomp filters meet: numbers and names both ways,
// AUDIT_ARCH values, multiplexed calls, error numbers and the kernel version that introduced a call.
//
// All of it is static data: nothing runs at program start, no map is built, and every lookup is an array index after
// one hash of the name. The tables are generated from pinned facts; see internal/cmd/gensyscalls.
package syscalls

//go:generate go run ../cmd/gensyscalls -in ../cmd/gensyscalls/testdata -out .
