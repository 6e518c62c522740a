package apparmor

import (
	"encoding/binary"

	"github.com/gostockade/stockade/internal/dfa"
)

// class starts a match in the automaton of the classes; ok is false, and the decision made, when the class is not
// mediated.
func (c *compiled) class(class byte, d *Decision) (s dfa.State, ok bool) {
	if class == 0 {
		d.unmediated()
		return 0, false
	}
	if s = c.db.d.Step(dfa.Start, class); s == dfa.Dead {
		d.unmediated()
		return 0, false
	}
	return s, true
}

func (c *compiled) step16(s dfa.State, n int) dfa.State {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], uint16(n))
	return c.db.d.Step(c.db.d.Step(s, b[0]), b[1])
}

func (q Network) evaluate(c *compiled, d *Decision) {
	access := q.Access
	if access == 0 {
		access = NetCreate
	}
	if c.families != nil {
		c.coarseNetwork(q, d)
		return
	}
	s, ok := c.class(c.net, d)
	if !ok {
		return
	}
	s = c.step16(c.step16(s, q.Family), q.Type)
	if c.inet && (q.Family == familyInet || q.Family == familyInet6) {
		q.inet(c, d, s, access)
		return
	}
	d.answer(c.db, s, uint32(access), netWords)
}

// coarseNetwork answers from the table of kernels before 4.17.
func (c *compiled) coarseNetwork(q Network, d *Decision) {
	f := c.families
	if q.Family < 0 || q.Family >= len(f.allow) || q.Type < 0 || q.Type > 31 {
		d.Audited, d.Missing = true, "create"
		return
	}
	bit := uint32(1) << q.Type
	d.Allowed = f.allow[q.Family]&bit != 0
	d.Explicit = f.deny[q.Family]&bit != 0
	d.Quiet = f.quiet[q.Family]&bit != 0
	d.Audited = !d.Quiet && (!d.Allowed || f.audit[q.Family]&bit != 0)
	if !d.Allowed {
		d.Missing = "create"
	}
	kind := Allow
	if d.Explicit {
		kind = Deny
	}
	for _, r := range c.profile.Rules {
		n, ok := r.(*NetworkRule)
		if !ok || n.Action != kind {
			continue
		}
		n.eachFamily(func(family int, types, _ uint32) {
			if family == q.Family && types&bit != 0 {
				d.add(r)
			}
		})
	}
}

// evaluate of a unix socket asks each permission at its place; see addUnix.
func (q Unix) evaluate(c *compiled, d *Decision) {
	access := q.Access
	if access == 0 {
		access = NetCreate
	}
	s, ok := c.class(c.unix, d)
	if !ok {
		if c.families != nil || c.net != 0 {
			*d = Decision{Mode: d.Mode, Profile: d.Profile, trace: d.trace, probe: d.probe}
			Network{Family: familyUnix, Type: q.Type, Access: q.Access}.evaluate(c, d)
		}
		return
	}
	a := c.db
	proto := c.step16(c.step16(c.step16(s, familyUnix), q.Type), 0)
	local := a.walk(a.walk(proto, unixAddress(q.Addr)), "", q.Label, "")
	peer := a.walk(a.d.Step(local, netCmdPeer), unixAddress(q.PeerAddr), q.PeerLabel)
	d.Allowed = true
	for _, part := range [...]struct {
		perms NetPerms
		state dfa.State
	}{
		{NetCreate, proto},
		{netLocal &^ (NetCreate | netCommand | NetAccept), local},
		{NetListen, a.walk(a.d.Step(local, netCmdListen), "\x00\x00")},
		{netOptions, a.walk(a.d.Step(local, netCmdOption), "\x00\x00")},
		{NetPeer, peer},
	} {
		if p := access & part.perms; p != 0 && (d.Allowed || d.probe) {
			d.answer(a, part.state, uint32(p), netWords)
		}
	}
}

// unixAddress returns an address as the kernel matches it: abstract names with their leading NUL, an unnamed socket as
// the byte 1 where a condition could name it, which is what "none" means.
func unixAddress(addr string) string {
	if addr == "" {
		return "\x01"
	}
	if addr[0] == '@' {
		return "\x00" + addr[1:]
	}
	return addr
}

// ignoredMountFlags are dropped before the kernel looks (its AA_MS_IGNORE_MASK: KERNMOUNT, NOSEC, ACTIVE, BORN).
const ignoredMountFlags = 1<<22 | 1<<28 | 1<<30 | 1<<29

// evaluate of a mount follows the kernel's apparmor_sb_mount and match_mnt (security/apparmor/mount.c): the flags select
// what is matched.
func (q Mount) evaluate(c *compiled, d *Decision) {
	s, ok := c.class(dbMount, d)
	if !ok {
		return
	}
	flags := q.Flags &^ ignoredMountFlags
	source, fstype := q.Source, q.FSType
	switch {
	case flags&MsRemount != 0:
		source, fstype = "", ""
	case flags&MsBind != 0:
		flags, fstype = flags&bindFlags, ""
	case flags&(MsMake&^MsRec) != 0:
		flags, source, fstype = flags&(MsMake|MsSilent), "", ""
	case flags&MsMove != 0:
		flags, fstype = MsMove, ""
	}
	s = c.db.walk(s, q.MountPoint, source, fstype, "")
	for n := range 32 {
		if flags>>n&1 != 0 {
			s = c.db.d.Step(s, byte(n+1))
		}
	}
	d.answer(c.db, s, permMount, mountWords)
}

func (q Umount) evaluate(c *compiled, d *Decision) {
	if s, ok := c.class(dbMount, d); ok {
		d.answer(c.db, c.db.walk(s, q.MountPoint), permUmount, mountWords)
	}
}

func (q PivotRoot) evaluate(c *compiled, d *Decision) {
	if s, ok := c.class(dbMount, d); ok {
		d.answer(c.db, c.db.walk(s, q.NewRoot, q.OldRoot), permPivotRoot, mountWords)
	}
}
