//go:build libseccomp

package interop

import (
	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/libseccomp"
)

// cgoPeers are the peers that need libseccomp.
func cgoPeers() []peer {
	compile := func(level int) func(*seccomp.Profile) (*seccomp.Program, error) {
		return func(p *seccomp.Profile) (*seccomp.Program, error) {
			return libseccomp.Compile(p, &libseccomp.Options{Target: seccomp.AMD64, Optimize: level})
		}
	}
	return []peer{{"libseccomp", compile(1)}, {"libseccomp-opt2", compile(2)}}
}
