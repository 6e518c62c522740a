// Command empty is the start-up benchmark's base line: a Go program that does nothing and says that it is ready.
package main

import "os"

func main() { os.Stdout.Write([]byte("r")) }
