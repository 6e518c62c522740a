package apparmor

// Bits of a file entry's permissions: FilePerms for the owner, the same 8 bits up for others, then the bits that have no
// owner.
const (
	otherShift     = 8
	ownerMask      = 0x7f
	otherMask      = ownerMask << otherShift
	permChangeProf = 1 << 16      // change_profile(2) to the matched label
	permOnexec     = 1 << 17      // change_onexec(2): the executable, or executable and label
	permLinkSubset = uint32(Lock) // on a pair of paths: the link's permissions must be a subset of the target's
	fileExecBits   = uint32(Exec) | uint32(Exec)<<otherShift
	onexecKeepsEnv = 1 << 18 // change_onexec without AT_SECURE
)

// combine adds up the entries that match one string. For each permission bit the highest priority among the entries that
// have the bit decides, and at that priority deny wins over allow, and allow over prompt. An exec transition comes from the
// deciding entries that are exact, or if none is, from all of them; if they disagree the rules clash.
func combine(entries []*entry) verdict {
	var v verdict
	uniform := true
	for _, e := range entries {
		if e.priority != entries[0].priority {
			uniform = false
		}
	}
	if uniform {
		for _, e := range entries {
			v.merge(e, e.perms)
		}
	} else {
		mergeByPriority(&v, entries)
	}
	v.allow &^= v.deny
	v.prompt &^= v.deny | v.allow
	v.quiet &= v.deny
	v.execTransitions(entries)
	return v
}

// merge adds the bits of an entry that it decides on.
func (v *verdict) merge(e *entry, bits uint32) {
	switch e.action {
	case Deny:
		v.deny |= bits
		v.quiet |= e.audit & bits
	case Allow:
		v.allow |= bits
		v.audit |= e.audit & bits
	case PromptUser:
		v.prompt |= bits
		v.audit |= e.audit & bits
	}
}

func mergeByPriority(v *verdict, entries []*entry) {
	for _, e := range entries {
		v.merge(e, e.perms&^outranked(e, entries))
	}
}

// outranked returns the bits that entries of higher priority decide.
func outranked(e *entry, entries []*entry) uint32 {
	var bits uint32
	for _, o := range entries {
		if o.priority > e.priority {
			bits |= o.perms
		}
	}
	return bits
}

// execTransitions finds the transition of each half.
func (v *verdict) execTransitions(entries []*entry) {
	for half, bit := range [2]uint32{uint32(Exec), uint32(Exec) << otherShift} {
		if (v.allow|v.prompt)&bit == 0 {
			continue
		}
		exact := false
		for _, e := range entries {
			if e.exec == 0 || e.perms&bit == 0 || e.action == Deny || outranked(e, entries)&bit != 0 {
				continue
			}
			switch {
			case v.exec[half] == 0 || e.exact && !exact:
				v.exec[half] = e.exec
				exact = e.exact
			case e.exact == exact && v.exec[half] != e.exec:
				v.clash = true
			}
		}
	}
}

// half returns the bits of one half, owner or other, as file permissions.
func half(bits uint32, owner bool) FilePerms {
	if owner {
		return FilePerms(bits & ownerMask)
	}
	return FilePerms(bits >> otherShift & ownerMask)
}
