// Package entry enters the kernel by instructions of its own, for tests of filters: a filter tells calls made here from the Go
// runtime's by the instruction pointer, and the 32-bit entry, which a Go program for amd64 never uses, can be tried.
//
// It exists on amd64 alone, the only architecture where one Go program reaches three ABIs.
package entry
