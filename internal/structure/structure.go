// Package structure holds the tests of the project's own shape: which package may import which, where system calls and
// unsafe may stand, how long a file and a function may be, what lies at the top level. It declares nothing.
package structure
