package profile

import "github.com/gostockade/stockade/seccomp"

// HTTPServer returns a profile for a Go program that serves TCP connections and reads files, such as net/http with templates and
// certificates on disk: it may create TCP sockets over IPv4 and IPv6, open files for reading, and keep running. It may not write files,
// start programs, make outgoing connections by UDP, use raw or packet sockets, or change what it is. Apply it when the configuration
// has been read; listening before is better still.
//
// Like the other presets it has no AppArmor half (add one with the name of a profile that is loaded) and includes seccomp.Cgo, because go build
// links a C library into programs that use package net where it finds a C compiler.
func HTTPServer() *Profile {
	return &Profile{Name: "http-server", Seccomp: seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo, seccomp.TCPServer, seccomp.FileRead)}
}

// Worker returns a profile for a Go program that works on files and has no network at all: reads, writes, creates and removes files, keeps
// running, receives signals. It may create no socket of any family; connections that are open stay.
func Worker() *Profile {
	return &Profile{Name: "worker", Seccomp: seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo, seccomp.FileRead, seccomp.FileWrite, seccomp.Time)}
}

// Parser returns a profile for a Go program, or the part of one in a process of its own, that handles untrusted input given on descriptors that are open
// already: it computes, reads and writes what is open, and ends. It opens no file, creates no socket, starts nothing.
func Parser() *Profile {
	return &Profile{Name: "parser", Seccomp: seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo)}
}
