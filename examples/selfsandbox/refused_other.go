//go:build !linux

package main

import "io"

// Elsewhere there is nothing to try: seccomp.Apply returns ErrNotSupported, and the server does not start.

const childArg = "-confined-child"

func attempt() []error { return nil }

func refusedHere() error { return nil }

func confinedChild() {}

func runChild() error { return nil }

func printRefused(io.Writer, []error, []error, error) bool { return false }
