package main

// has386 says that a program of this architecture can enter the kernel as one of another: 64-bit x86 programs can make 32-bit
// calls, and a filter that looks at numbers alone takes one for the other.
const has386 = true

// getpid386 makes the getpid call of 32-bit x86.
func getpid386() int32
