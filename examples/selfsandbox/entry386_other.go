//go:build linux && !amd64

package main

// has386: no second entry that a Go program could use.
const has386 = false

func getpid386() int32 { return 0 }
