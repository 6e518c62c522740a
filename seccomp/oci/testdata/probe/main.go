// Command probe is the program of the containers that tests start. "probe wait" says that it is ready and waits to be killed. "probe try NAME..." makes
// harmless system calls and prints the error number each returns, 0 for success.
package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "try" {
		fmt.Println("ready")
		time.Sleep(time.Hour)
		return
	}
	for _, name := range os.Args[2:] {
		call, ok := calls[name]
		if !ok {
			fmt.Println(name, "unknown")
			os.Exit(1)
		}
		_, _, errno := syscall.RawSyscall(call[0], call[1], call[2], call[3])
		fmt.Println(name, int(errno))
	}
}

// calls fail or change nothing when they are permitted.
var calls = map[string][4]uintptr{
	"getppid":      {syscall.SYS_GETPPID},
	"sync":         {syscall.SYS_SYNC},
	"socket-unix":  {syscall.SYS_SOCKET, syscall.AF_UNIX, syscall.SOCK_STREAM},
	"socket-inet":  {syscall.SYS_SOCKET, syscall.AF_INET, syscall.SOCK_STREAM},
	"socket-high":  {syscall.SYS_SOCKET, syscall.AF_UNIX | 1<<32, syscall.SOCK_STREAM},
	"getpriority":  {syscall.SYS_GETPRIORITY},
	"umask":        {syscall.SYS_UMASK, 0o22},
	"sethostname":  {syscall.SYS_SETHOSTNAME, 0, 0},
	"unshare-none": {syscall.SYS_UNSHARE, 0},
	"beyond-all":   {4000},
}
