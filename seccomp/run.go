package seccomp

import (
	"fmt"

	"github.com/gostockade/stockade/internal/bpf"
)

// Run executes the program on a call, as the target's kernel would, and returns the action the kernel takes. On an error, which
// a program from Compile or NewProgram gives only for an invalid Call.Arch, the action is KillProcess.
func (p *Program) Run(c Call) (Action, error) {
	a, _, err := p.RunCount(c)
	return a, err
}

// RunCount is Run that also returns how many instructions were executed.
func (p *Program) RunCount(c Call) (a Action, executed int, err error) {
	if err := p.check(); err != nil {
		return KillProcess, 0, fmt.Errorf("seccomp: run: %w", err)
	}
	if !c.Arch.Valid() {
		return KillProcess, 0, fmt.Errorf("seccomp: run: %w", invalid("ABI %d", uint8(c.Arch)))
	}
	in := bpf.NewInput(c.Nr, c.Arch.AuditArch(), c.IP, c.Args, p.target.BigEndian())
	ret, executed, err := bpf.Run(p.code, &in)
	if err != nil {
		return KillProcess, executed, fmt.Errorf("seccomp: run: %w", err)
	}
	return ActionFromRet(ret), executed, nil
}
