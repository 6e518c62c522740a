package policydb

import (
	"fmt"
	"strings"
)

// String disassembles the profile: every field that is set, one a line, and the size of each automaton. DFA.String lists
// the states of one.
func (p *Profile) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-16s "+format+"\n", append([]any{name}, args...)...)
	}
	text := func(name, s string) {
		if s != "" {
			line(name, "%q", s)
		}
	}
	num := func(name string, n uint32) {
		if n != 0 {
			line(name, "%#x", n)
		}
	}
	fmt.Fprintf(&b, "profile %q version %#x (kernel ABI %d)\n", p.Name, p.Version, p.KernelABI())
	text("namespace", p.Namespace)
	text("rename", p.Rename)
	text("attach", p.Attach)
	p.XMatch.line(&b, "xmatch")
	num("xmatch length", p.XMatchLen)
	text("disconnected", p.Disconnected)
	text("disconnected ipc", p.DisconnectedIPC)
	num("kill signal", p.KillSignal)
	num("errno", p.Errno)
	num("flags", p.Flags)
	line("mode", "%v", p.Mode)
	if p.Audit {
		line("audit", "all")
	}
	num("path flags", p.PathFlags)
	line("capabilities", "allow %#x audit %#x quiet %#x extended %#x", p.Caps.Allow, p.Caps.Audit, p.Caps.Quiet, p.Caps.Extended)
	p.lists(line)
	p.Policy.line(&b, "policy")
	p.File.line(&b, "file")
	return b.String()
}

func (p *Profile) lists(line func(name, format string, args ...any)) {
	for _, s := range p.Identities {
		line("identity", "%q", s)
	}
	for _, s := range p.Xattrs {
		line("xattr", "%q", s)
	}
	if r := p.Rlimits; r != nil {
		for n, v := range r.Values {
			if r.Mask>>n&1 != 0 {
				line("rlimit", "%d <= %d", n, v)
			}
		}
	}
	for n, f := range p.Families {
		if f != (Family{}) {
			line("family", "%d allow %#x audit %#x quiet %#x", n, f.Allow, f.Audit, f.Quiet)
		}
	}
	for _, s := range p.Secmark {
		line("secmark", "%q audit %d deny %d", s.Label, s.Audit, s.Deny)
	}
	for _, d := range p.Data {
		line("data", "%q, %d bytes", d.Key, len(d.Value))
	}
}

// String returns the mode's name.
func (m Mode) String() string {
	names := [...]string{"enforce", "complain", "kill", "unconfined", "prompt"}
	if uint64(m) < uint64(len(names)) {
		return names[m]
	}
	return fmt.Sprintf("mode(%d)", uint32(m))
}

func (db *DB) line(b *strings.Builder, name string) {
	if db == nil {
		return
	}
	fmt.Fprintf(b, "  %-16s %d states, %d transitions", name, db.DFA.Len(), len(db.DFA.Next))
	if db.Perms != nil {
		fmt.Fprintf(b, ", %d permissions", len(db.Perms))
	}
	b.WriteByte('\n')
	for i, t := range db.Transitions {
		fmt.Fprintf(b, "    transition %d  %q\n", i, t)
	}
}

// String lists the states: accept values, default, and the transitions of their own as runs of bytes.
func (d *DFA) String() string {
	var b strings.Builder
	for s := range d.Base {
		fmt.Fprintf(&b, "%d", s)
		if d.Accept[s] != 0 {
			fmt.Fprintf(&b, " accept %#x", d.Accept[s])
		}
		if d.Accept2 != nil && d.Accept2[s] != 0 {
			fmt.Fprintf(&b, " accept2 %#x", d.Accept2[s])
		}
		if d.Base[s]&BaseDiff != 0 {
			b.WriteString(" diff")
		}
		fmt.Fprintf(&b, " * -> %d", d.Default[s])
		d.runs(&b, uint32(s))
		if t := d.StepOOB(uint32(s)); t != 0 {
			fmt.Fprintf(&b, "; oob -> %d", t)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// runs writes the transitions of s, equal neighbours together.
func (d *DFA) runs(b *strings.Builder, s uint32) {
	base := d.Base[s] & baseIndex
	for c := uint32(0); c < 256; c++ {
		if d.Check[base+c] != s {
			continue
		}
		lo, to := c, d.Next[base+c]
		for c < 255 && d.Check[base+c+1] == s && d.Next[base+c+1] == to {
			c++
		}
		if lo == c {
			fmt.Fprintf(b, "; %q -> %d", []byte{byte(c)}, to)
		} else {
			fmt.Fprintf(b, "; %q-%q -> %d", []byte{byte(lo)}, []byte{byte(c)}, to)
		}
	}
}
