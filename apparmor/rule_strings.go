package apparmor

// eachString calls fn for every string of a rule in which variables are replaced. Exec targets are not among them: they name a
// profile for the kernel, and apparmor_parser leaves them as they are.
func eachString(rule Rule, fn func(*string)) {
	switch r := rule.(type) {
	case *FileRule:
		fn(&r.Path)
		fn(&r.LinkTarget)
	case *ChangeProfileRule:
		fn(&r.Exec)
		fn(&r.Target)
	case *NetworkRule:
		fn(&r.Local.Label)
		fn(&r.Peer.Label)
	case *UnixRule:
		fn(&r.Addr)
		fn(&r.PeerAddr)
		fn(&r.PeerLabel)
	case *MountRule:
		fn(&r.Source)
		fn(&r.MountPoint)
		for i := range r.FSTypes {
			fn(&r.FSTypes[i])
		}
	case *UmountRule:
		fn(&r.MountPoint)
	case *PivotRootRule:
		fn(&r.OldRoot)
		fn(&r.NewRoot)
		fn(&r.Transition)
	case *DbusRule:
		fn(&r.Bus)
		fn(&r.Name)
		fn(&r.PeerName)
		fn(&r.PeerLabel)
		fn(&r.Path)
		fn(&r.Interface)
		fn(&r.Member)
	case *SignalRule:
		fn(&r.Peer)
	case *PtraceRule:
		fn(&r.Peer)
	case *MqueueRule:
		fn(&r.Name)
		fn(&r.Label)
	case *IOUringRule:
		fn(&r.Label)
	}
}

// eachPattern calls fn for every pattern of a rule, once its variables are replaced. Null says that * matches NUL too.
func eachPattern(rule Rule, fn func(pattern string, null bool)) {
	switch r := rule.(type) {
	case *UnixRule:
		for _, a := range [...]string{r.Addr, r.PeerAddr} {
			if len(a) > 0 && a[0] == '@' {
				fn(a[1:], true)
			}
		}
		fn(r.PeerLabel, false)
	case *PivotRootRule:
		fn(r.OldRoot, false)
		fn(r.NewRoot, false)
	case *MqueueRule:
		if r.Type != MqueueSysV {
			fn(r.Name, false)
		}
		fn(r.Label, false)
	case *NetworkRule:
		fn(r.Local.Interface, false)
		fn(r.Local.Label, false)
		fn(r.Peer.Label, false)
	default:
		eachString(rule, func(s *string) { fn(*s, false) })
	}
}

// clone copies a prototype; what is shared with it never changes.
func clone(rule Rule) Rule {
	switch r := rule.(type) {
	case *FileRule:
		return dup(r)
	case *ChangeProfileRule:
		return dup(r)
	case *CapabilityRule:
		return dup(r)
	case *NetworkRule:
		return dup(r)
	case *UnixRule:
		return dup(r)
	case *UmountRule:
		return dup(r)
	case *PivotRootRule:
		return dup(r)
	case *DbusRule:
		return dup(r)
	case *SignalRule:
		return dup(r)
	case *PtraceRule:
		return dup(r)
	case *MqueueRule:
		return dup(r)
	case *IOUringRule:
		return dup(r)
	case *UsernsRule:
		return dup(r)
	case *RlimitRule:
		return dup(r)
	case *allRule:
		return dup(r)
	case *MountRule:
		c := dup(r)
		c.FSTypes = append([]string(nil), r.FSTypes...)
		return c
	}
	return rule
}

func dup[T any](p *T) *T {
	c := *p
	return &c
}
