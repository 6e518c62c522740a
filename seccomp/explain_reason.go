package seccomp

import (
	"fmt"

	"github.com/gostockade/stockade/internal/syscalls"
)

// reason says why a rule that names the call does not match it, "" if it does.
func (x *explainer) reason(h callHit) string {
	rule := &x.p.Rules[h.rule]
	if !h.on(x.p, x.abi) {
		if rule.Arches == nil {
			return fmt.Sprintf("its set has the call only for %v", h.member.arches)
		}
		return fmt.Sprintf("it is only for %v", rule.Arches)
	}
	if h.through != "" {
		return x.muxReason(h, rule)
	}
	for _, a := range h.args(x.p) {
		if why := x.failure(a); why != "" {
			return why
		}
	}
	return ""
}

// failure says why a condition does not hold, "" if it does.
func (x *explainer) failure(a Arg) string {
	args, low := x.c.Args, x.c.Args
	low[a.Index] &= 1<<32 - 1
	if x.abi.Bits() == 32 {
		args = low
	}
	if a.Match(&args) {
		return ""
	}
	why := fmt.Sprintf("%v is false, arg%d is %s", a, a.Index, number(args[a.Index]))
	if a.Match(&low) {
		why += "; only the upper half makes the difference, which the kernel ignores if it takes the argument as an int (Width32)"
	}
	return why
}

// muxReason says why a rule for a call does not govern the multiplexed way to make it, "" if it does.
func (x *explainer) muxReason(h callHit, rule *Rule) string {
	mux, _ := syscalls.Multiplexed(x.abi.abi(), h.through)
	args, possible := normalise(h.args(x.p), x.abi.Bits())
	without := x.p.Default
	switch {
	case rule.Direct:
		return fmt.Sprintf("it is for %s made directly, not through %s", h.through, mux.Call)
	case !possible:
		return "its conditions can never hold"
	case len(args) > 0 && x.decided.rule != h.rule && rule.Action.Kind() >= x.decided.action.Kind():
		return fmt.Sprintf("it is for %s with conditions, which cannot be checked through %s, so that it must not open the call", h.through, mux.Call)
	case x.c.Args[0]&0xffff_ffff != uint64(mux.Sub) && rule.Action.Kind() >= without.Kind():
		return fmt.Sprintf("it opens %s only for version 0 of the call, arg0 is %s", mux.Call, number(x.c.Args[0]))
	}
	return ""
}

// multiplexes returns the name of the call that this call of a multiplexer makes, "" if it is none.
func (x *explainer) multiplexes() string {
	name, ok := x.abi.CallName(x.c.Nr)
	if !ok {
		return ""
	}
	sub := uint32(x.c.Args[0])
	if name == "ipc" {
		sub &= 0xffff // the rest is a version (ipc/syscall.c)
	}
	made, _ := syscalls.MuxName(x.abi.abi(), name, sub)
	return made
}

// notes says what else there is to know about the call.
func (x *explainer) notes(s *Simulator) (notes []string) {
	if x.decided.rule == ruleForeign {
		return nil
	}
	name, _ := x.abi.CallName(x.c.Nr)
	if made := x.multiplexes(); made != "" {
		notes = append(notes, fmt.Sprintf("this is %s made through %s: its arguments lie in memory, where no filter can look", made, name))
	}
	if mux, ok := syscalls.Multiplexed(x.abi.abi(), name); ok {
		if nr, ok := x.abi.Number(mux.Call); ok {
			other := Call{Arch: x.c.Arch, Nr: nr, Args: [MaxArgs]uint64{uint64(mux.Sub)}}
			if o, err := s.decide(other); err == nil {
				notes = append(notes, fmt.Sprintf("%s can also be made as %s(%d, ...) there, whose action is %v", name, mux.Call, mux.Sub, o.action))
			}
		}
	}
	if x.abi == AMD64 && (name == "uretprobe" || name == "uprobe") && x.decided.action != Allow {
		notes = append(notes, fmt.Sprintf("kernels that have commit cf6cb56ef244 or its like (Linux 6.14) let %s past every filter", name))
	}
	for i, a := range x.c.Args {
		if a>>32 != 0 && x.abi.Bits() == 32 {
			notes = append(notes, fmt.Sprintf("arg%d is %#x, of which %v sees the lower half only", i, a, x.abi))
		}
	}
	return notes
}
