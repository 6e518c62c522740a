//go:build libseccomp && linux && cgo

package libseccomp

import (
	"errors"
	"fmt"
	"io"
	"os"

	scmp "github.com/seccomp/libseccomp-golang"

	"github.com/gostockade/stockade/seccomp"
)

// ErrInexpressible is a profile with a meaning that libseccomp's rules cannot have.
var ErrInexpressible = errors.New("libseccomp cannot express this")

// Options for Compile. The zero value compiles for the running binary's ABI without optimisation.
type Options struct {
	Target   seccomp.Arch // as seccomp.CompileOptions.Target
	Optimize int          // 0 or 1: a linear search by priority; 2: a binary tree (SCMP_FLTATR_CTL_OPTIMIZE)
}

// Compile compiles the profile with libseccomp. Nil options are the zero Options. Errors wrap ErrInexpressible or come from
// libseccomp; one cause is a system call that the installed libseccomp is too old to know.
func Compile(p *seccomp.Profile, opts *Options) (*seccomp.Program, error) {
	if opts == nil {
		opts = &Options{}
	}
	target := opts.Target
	if target == 0 {
		target = seccomp.NativeArch()
	}
	program, err := compile(p, target, opts.Optimize)
	if err != nil {
		return nil, fmt.Errorf("libseccomp: %w", err)
	}
	return program, nil
}

func compile(p *seccomp.Profile, target seccomp.Arch, optimize int) (*seccomp.Program, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.Newer != nil {
		return nil, fmt.Errorf("%w: an action for newer calls", ErrInexpressible)
	}
	var whole *scmp.ScmpFilter
	for _, arch := range arches(p, target) {
		f, err := archFilter(p, arch)
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole = f
			defer whole.Release()
		} else if err := whole.Merge(f); err != nil { // frees f
			return nil, fmt.Errorf("joining the filter of %v: %w", arch, err)
		}
	}
	if whole == nil {
		return nil, seccomp.ErrNoArch
	}
	if optimize > 0 {
		if err := whole.SetOptimize(optimize); err != nil {
			return nil, err
		}
	}
	return export(whole, target)
}

// arches returns the ABIs of the profile that target's kernel serves.
func arches(p *seccomp.Profile, target seccomp.Arch) (list []seccomp.Arch) {
	if p.Arches == nil {
		return []seccomp.Arch{target}
	}
	for _, a := range target.Siblings() {
		for _, b := range p.Arches {
			if a == b {
				list = append(list, a)
			}
		}
	}
	return list
}

// archFilter returns a filter for one ABI alone.
func archFilter(p *seccomp.Profile, arch seccomp.Arch) (*scmp.ScmpFilter, error) {
	def, err := action(p.Default)
	if err != nil {
		return nil, err
	}
	foreign, err := action(p.Foreign)
	if err != nil {
		return nil, err
	}
	f, err := scmp.NewFilter(def)
	if err != nil {
		return nil, err
	}
	if err := prepare(f, arch, foreign); err != nil {
		f.Release()
		return nil, err
	}
	calls, err := callsOf(p, arch)
	if err != nil {
		f.Release()
		return nil, err
	}
	for _, c := range calls {
		if err := addCall(f, p, c); err != nil {
			f.Release()
			return nil, fmt.Errorf("%v %s: %w", arch, c.name, err)
		}
	}
	return f, nil
}

// prepare leaves arch as the filter's only ABI.
func prepare(f *scmp.ScmpFilter, arch seccomp.Arch, foreign scmp.ScmpAction) error {
	token, err := archToken(arch)
	if err != nil {
		return err
	}
	native, err := scmp.GetNativeArch()
	if err != nil {
		return err
	}
	if token != native { // the native one goes first: ABIs of both byte orders cannot be in one filter
		if err := f.RemoveArch(native); err != nil {
			return err
		}
		if err := f.AddArch(token); err != nil {
			return err
		}
	}
	return f.SetBadArchAction(foreign)
}

// addCall adds the rules of one system call, which all have one action.
func addCall(f *scmp.ScmpFilter, p *seccomp.Profile, c *call) error {
	if c.action == p.Default {
		return nil // libseccomp refuses such rules; they say nothing
	}
	nr, err := scmp.GetSyscallFromName(c.name)
	if err != nil {
		return err
	}
	act, err := action(c.action)
	if err != nil {
		return err
	}
	if c.always {
		return f.AddRule(nr, act)
	}
	for _, args := range c.alternatives {
		conds, err := conditions(args)
		if err != nil {
			return err
		}
		if err := f.AddRuleConditional(nr, act, conds); err != nil {
			return err
		}
	}
	return nil
}

// export reads the compiled program back through a pipe's worth of temporary file.
func export(f *scmp.ScmpFilter, target seccomp.Arch) (*seccomp.Program, error) {
	file, err := os.CreateTemp("", "libseccomp-*.bpf")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil {
		return nil, err
	}
	if err := f.ExportBPF(file); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return seccomp.ParseProgram(raw, target)
}
