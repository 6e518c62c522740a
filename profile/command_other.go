//go:build !linux

package profile

import (
	"os"
	"syscall"
)

func tracesChild(*syscall.SysProcAttr) bool    { return false }
func diesWithThread(*syscall.SysProcAttr) bool { return false }
func waitForProcess(*os.Process)               {}
