//go:build linux && kerneltest

package seccomp

import (
	"strings"
	"testing"
)

// TestGoRuntimeKernel is TestGoRuntime on other kernels and on arm64, where the program is already built; machines of
// package kerneltest have no network.
func TestGoRuntimeKernel(t *testing.T) {
	for _, tt := range goRuntimeRuns(goBuild{name: "kernel"}) {
		if strings.Contains(tt.works, "tls") || strings.Contains(tt.works, "udp") || strings.Contains(tt.works, "exec") {
			continue
		}
		t.Run(tt.name, func(t *testing.T) { tt.check(t, "/bin/goruntime") })
	}
}
