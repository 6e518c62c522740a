package profile

import (
	"os"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// tracesChild reports whether the child would be traced by the thread that starts it.
func tracesChild(a *syscall.SysProcAttr) bool { return a != nil && a.Ptrace }

// diesWithThread reports whether the child gets a signal when the thread that started it ends.
func diesWithThread(a *syscall.SysProcAttr) bool { return a != nil && a.Pdeathsig != 0 }

// waitForProcess returns when the process has ended, and leaves it to be waited for.
func waitForProcess(p *os.Process) { sys.Kernel{}.WaitEnded(p.Pid) }
