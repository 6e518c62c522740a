package apparmor

// capVerdict is what capability rules add up to; bit n is capability n.
type capVerdict struct {
	allow, deny, prompt, audit, quiet uint64
}

// combineCaps adds up the capability rules as combine does the entries of a match.
func combineCaps(rules []Rule) capVerdict {
	var caps []*CapabilityRule
	for _, r := range rules {
		if c, ok := r.(*CapabilityRule); ok {
			caps = append(caps, c)
		}
	}
	var v capVerdict
	for _, c := range caps {
		bits := c.Caps
		for _, o := range caps {
			if o.Priority > c.Priority {
				bits &^= o.Caps
			}
		}
		logged := uint64(0)
		if c.logs() {
			logged = bits
		}
		switch c.Action {
		case Deny:
			v.deny |= bits
			v.quiet |= logged
		case Allow:
			v.allow |= bits
			v.audit |= logged
		case PromptUser:
			v.prompt |= bits
			v.audit |= logged
		}
	}
	v.allow &^= v.deny
	v.prompt &^= v.deny | v.allow
	v.quiet &= v.deny
	v.audit &= v.allow | v.prompt
	return v
}

// families is the coarse form of network rules: for each address family, the socket types.
type families struct {
	allow, deny, audit, quiet []uint32 // by family; bit n is socket type n
}

func combineFamilies(rules []Rule) *families {
	n := len(familyNames)
	f := &families{make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)}
	for _, r := range rules {
		net, ok := r.(*NetworkRule)
		if !ok {
			continue
		}
		net.eachFamily(func(family int, types, _ uint32) {
			if net.Action == Deny {
				f.deny[family] |= types
				if net.logs() {
					f.quiet[family] |= types
				}
				return
			}
			f.allow[family] |= types
			if net.logs() {
				f.audit[family] |= types
			}
		})
	}
	for i := range f.allow {
		f.allow[i] &^= f.deny[i]
		f.quiet[i] &= f.deny[i]
	}
	return f
}

// eachFamily calls f for every address family the rule covers, with the socket types and protocols.
func (r *NetworkRule) eachFamily(f func(family int, types, protocols uint32)) {
	if r.Sockets == nil {
		for i := range familyNames {
			if familyNames[i] != "" {
				f(i, AnyType, AnyProtocol)
			}
		}
		return
	}
	for _, s := range r.Sockets {
		if int(s.Family) < len(familyNames) {
			f(int(s.Family), s.Types, s.Protocols)
		}
	}
}
