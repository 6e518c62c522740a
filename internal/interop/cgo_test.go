//go:build libseccomp

package interop

import (
	"slices"

	scmp "github.com/seccomp/libseccomp-golang"

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
	faulty := func(p *seccomp.Profile) bool { return len(libseccomp.Miscompiled(p, seccomp.AMD64)) > 0 }
	return []peer{
		{"libseccomp", compile(1), knownToLibseccomp, faulty},
		{"libseccomp-opt2", compile(2), knownToLibseccomp, faulty},
	}
}

// knownToLibseccomp drops the names that the installed libseccomp is too old for.
func knownToLibseccomp(p *seccomp.Profile) *seccomp.Profile {
	q := *p
	q.Rules = nil
	for _, r := range p.Rules {
		r.Names = slices.DeleteFunc(slices.Clone(r.Names), func(name string) bool {
			_, err := scmp.GetSyscallFromName(name)
			return err != nil
		})
		if len(r.Names) > 0 {
			q.Rules = append(q.Rules, r)
		}
	}
	return &q
}
