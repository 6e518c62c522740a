package seccomp

import (
	"math/rand/v2"
	"slices"
)

// byteSource is a random source that reads its numbers from bytes, so that a fuzzer decides what is random, and then goes on by itself.
type byteSource struct {
	b    []byte
	rest rand.PCG
}

func (s *byteSource) Uint64() (v uint64) {
	if len(s.b) == 0 {
		return s.rest.Uint64()
	}
	for i := 0; i < 8 && len(s.b) > 0; i++ {
		v |= uint64(s.b[0]) << (56 - 8*i)
		s.b = s.b[1:]
	}
	return v
}

// generator makes random profiles of few system calls and many conditions, and calls at the corners of the conditions.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 99))} }

func oneOf[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

var randomNames = []string{
	"read", "write", "socket", "bind", "accept4", "socketcall", "ipc", "shmget", "semop", "personality", "clone", "clone3", "openat",
	"close_range", "futex", "mmap", "mmap2", "statx", "exit_group", "io_uring_setup", "openat2", "kexec_load", "execve", "pidfd_open",
	"fcntl", "@tcp-server", "@file-read", "@ipc",
}

func (g generator) action() Action {
	return oneOf(g, Allow, Allow, Errno(1), Errno(38), Errno(4095), KillProcess, KillThread, Trap, TrapWith(3), Notify, TraceWith(7), Log)
}

func (g generator) value() uint64 {
	lo := oneOf[uint64](g, 0, 1, 2, 3, 5, 16, 38, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe)
	return lo | oneOf[uint64](g, 0, 0, 0, 1, 2, 0x80000000, 0xffffffff)<<32
}

func (g generator) arg() Arg {
	a := Arg{Index: uint(oneOf(g, 0, 0, 0, 1, 1, 2, 5)), Op: Op(g.IntN(int(numOps))), Value: g.value()}
	if g.IntN(3) == 0 {
		a.Width = Width32
		a.Value &= 1<<32 - 1
	}
	if a.Op == MaskedEQ {
		mask := g.value()
		a.Mask = mask | g.value()
		if a.Width == Width32 {
			a.Mask &= 1<<32 - 1
		}
		a.Value &= a.Mask
	}
	return a
}

// machine returns a target and the ABIs to list: nil or some of the target's.
func (g generator) machine() (Arch, []Arch) {
	target := oneOf(g, AMD64, AMD64, AMD64, ARM64, S390X, PPC64, MIPS64, MIPS64LE, ARM, I386, X32)
	if g.IntN(4) == 0 {
		return target, nil
	}
	all := slices.DeleteFunc(target.Siblings(), func(Arch) bool { return g.IntN(3) == 0 })
	if len(all) == 0 {
		all = []Arch{target}
	}
	return target.Primary(), all
}

// profile returns a valid profile and a target for it.
func (g generator) profile() (*Profile, Arch) {
	p := &Profile{Default: g.action(), Foreign: oneOf(g, KillProcess, KillProcess, Errno(38), Allow)}
	target, arches := g.machine()
	p.Arches = arches
	if g.IntN(4) == 0 {
		p.Newer = &Newer{Action: g.action()}
		if g.IntN(2) == 0 {
			p.Newer.Since = KernelVersion{5, uint8(g.IntN(20))}
		}
	}
	for range g.IntN(8) {
		p.Rules = append(p.Rules, g.rule(p.Arches))
	}
	return p, target
}

func (g generator) rule(arches []Arch) Rule {
	r := Rule{Action: g.action(), Direct: g.IntN(5) == 0}
	for range 1 + g.IntN(3) {
		r.Names = append(r.Names, oneOf(g, randomNames...))
	}
	for range oneOf(g, 0, 0, 0, 1, 1, 2, 3) {
		r.Args = append(r.Args, g.arg())
	}
	if len(arches) > 1 && g.IntN(4) == 0 {
		r.Arches = []Arch{oneOf(g, arches...)}
	}
	return r
}

// corner is a call given by its arch value.
type corner struct {
	audit, nr uint32
	args      [6]uint64
}

// call returns the call with the ABI of its arch value on the target's kernel; false for a value of none.
func (c corner) call(target Arch) (Call, bool) {
	for _, a := range target.Siblings() {
		if a.AuditArch() == c.audit {
			return Call{Arch: a, Nr: c.nr, Args: c.args}, true
		}
	}
	return Call{}, false
}

// corners returns calls at and around every bound that the profile mentions, n of them at random arguments for each number.
func (g generator) corners(p *Profile, target Arch, n int) (out []corner) {
	audits := []uint32{0, AMD64.AuditArch(), ARM64.AuditArch()}
	numbers := []uint32{0, 1, 0x3fffffff, 0x40000000, 0x40000001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 5000, 4000, 600}
	for _, a := range target.Siblings() {
		audits = append(audits, a.AuditArch())
		for _, name := range randomNames {
			if nr, ok := a.Number(name); ok {
				numbers = append(numbers, nr-1, nr, nr, nr+1)
			}
		}
	}
	values := []uint64{0, 1, 2, 3, 23, 1<<32 - 1, 1 << 32, ^uint64(0), 0x30001}
	for _, r := range p.Rules {
		conds := r.Args
		for _, name := range r.Names {
			members, _ := Set(name).Members()
			for _, m := range members {
				conds = append(slices.Clip(conds), m.Args...)
			}
		}
		for _, a := range conds {
			v := a.Value
			values = append(values, v, v-1, v+1, v^1<<32, v|0xffffffff<<32, v&0xffffffff, uint64(int64(int32(v))), v|^a.Mask, ^v)
		}
	}
	for _, nr := range numbers {
		for range n {
			c := corner{audit: oneOf(g, audits...), nr: nr}
			for i := range c.args {
				c.args[i] = oneOf(g, values...)
			}
			out = append(out, c)
		}
	}
	return out
}
