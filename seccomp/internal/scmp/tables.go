// Package scmp knows the words of the OCI runtime specification's seccomp section (config-linux.md, "Seccomp"), which
// Docker's and Podman's templates share: actions, comparisons, ABIs and flags, their meaning in package seccomp, and how
// to read them from JSON.
package scmp

import (
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
)

// FlagTsync is in the specification's JSON schema but not among specs-go's constants.
const FlagTsync specs.LinuxSeccompFlag = "SECCOMP_FILTER_FLAG_TSYNC"

// Action returns the kind of action a word stands for. SCMP_ACT_KILL is the thread's end, as in libseccomp.
func Action(a specs.LinuxSeccompAction) (kind seccomp.Action, ok bool) {
	switch a {
	case specs.ActKill, specs.ActKillThread:
		return seccomp.KillThread, true
	case specs.ActKillProcess:
		return seccomp.KillProcess, true
	case specs.ActTrap:
		return seccomp.Trap, true
	case specs.ActErrno:
		return seccomp.Errno(0), true
	case specs.ActTrace:
		return seccomp.Trace, true
	case specs.ActAllow:
		return seccomp.Allow, true
	case specs.ActLog:
		return seccomp.Log, true
	case specs.ActNotify:
		return seccomp.Notify, true
	}
	return 0, false
}

// ActionWord is the reverse of Action.
func ActionWord(a seccomp.Action) specs.LinuxSeccompAction {
	switch a.Kind() {
	case seccomp.KillThread:
		return specs.ActKillThread
	case seccomp.Trap:
		return specs.ActTrap
	case seccomp.Errno(0):
		return specs.ActErrno
	case seccomp.Notify:
		return specs.ActNotify
	case seccomp.Trace:
		return specs.ActTrace
	case seccomp.Log:
		return specs.ActLog
	case seccomp.Allow:
		return specs.ActAllow
	}
	return specs.ActKillProcess
}

// ops are the comparisons by their word.
var ops = [...]struct {
	word specs.LinuxSeccompOperator
	op   seccomp.Op
}{
	{specs.OpEqualTo, seccomp.EQ}, {specs.OpNotEqual, seccomp.NE},
	{specs.OpLessThan, seccomp.LT}, {specs.OpLessEqual, seccomp.LE},
	{specs.OpGreaterThan, seccomp.GT}, {specs.OpGreaterEqual, seccomp.GE},
	{specs.OpMaskedEqual, seccomp.MaskedEQ},
}

// Op returns the comparison a word stands for.
func Op(word specs.LinuxSeccompOperator) (seccomp.Op, bool) {
	for _, o := range ops {
		if o.word == word {
			return o.op, true
		}
	}
	return 0, false
}

// OpWord is the reverse of Op.
func OpWord(op seccomp.Op) specs.LinuxSeccompOperator {
	for _, o := range ops {
		if o.op == op {
			return o.word
		}
	}
	return ""
}

// Arch returns the ABI a token such as SCMP_ARCH_X86_64 stands for. Other spellings, which [seccomp.ParseArch] reads too,
// are no tokens of the specification.
func Arch(word specs.Arch) (seccomp.Arch, bool) {
	a, ok := seccomp.ParseArch(string(word))
	if !ok || a.SCMP() != string(word) {
		return 0, false
	}
	return a, true
}

// Flag returns the flag a word stands for.
func Flag(word specs.LinuxSeccompFlag) (seccomp.Flags, bool) {
	switch word {
	case FlagTsync:
		return seccomp.FlagTSync, true
	case specs.LinuxSeccompFlagLog:
		return seccomp.FlagLog, true
	case specs.LinuxSeccompFlagSpecAllow:
		return seccomp.FlagSpecAllow, true
	case specs.LinuxSeccompFlagWaitKillableRecv:
		return seccomp.FlagWaitKillableRecv, true
	}
	return 0, false
}
