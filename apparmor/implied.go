package apparmor

import (
	"sort"
	"strings"
)

// implied adds the rules that apparmor_parser adds to every policy: what "all," stands for, access to the files through which
// a task changes its profile or hat, and the coarse and fine twins of socket rules. They come behind the written rules.
func (r *resolver) implied(b *profileBuilder) {
	for _, a := range b.all {
		b.Rules = append(b.Rules, expandAll(a)...)
	}
	for _, rule := range b.Rules {
		switch x := rule.(type) {
		case *NetworkRule:
			b.Rules = append(b.Rules, unixTwins(x)...)
		case *UnixRule:
			if x.Action != Deny && !x.Implied {
				b.Rules = append(b.Rules, networkTwin(x))
			}
		}
	}
	if b.changesProfile {
		b.Rules = append(b.Rules, procAccess("/proc/*/attr/{apparmor/,}{current,exec}", b.Origin)...)
	}
	if b.Hat || b.hats {
		b.Rules = append(b.Rules, procAccess("/proc/[0-9]*/attr/{apparmor/,}current", b.Origin)...)
	}
}

// procAccess lets a task write the file that changes its confinement, and look whether it is there. The rules are for the
// owner half, and write is without append, as apparmor_parser has them (profile.cc).
func procAccess(attr string, at Origin) []Rule {
	q := Qualifiers{Action: Allow, Implied: true, Origin: at}
	return []Rule{
		&FileRule{Qualifiers: q, Path: "/proc/*/attr/apparmor/", Perms: Read, Owner: OwnerOnly},
		&FileRule{Qualifiers: q, Path: "/sys/module/apparmor/parameters/enabled", Perms: Read, Owner: OwnerOnly},
		&FileRule{Qualifiers: q, Path: attr, Perms: Write, Owner: OwnerOnly},
	}
}

// expandAll returns what "all," stands for (all_rule.cc): every class, files without exec, and ix at a lower priority so
// that any other transition wins.
func expandAll(a *allRule) []Rule {
	q := a.Qualifiers
	q.Implied = true
	files := &FileRule{Qualifiers: q, Path: "/{**,}", Perms: Read | Write | Append | Link | Lock | Mmap, LinkSubset: true}
	exec := &FileRule{Qualifiers: q, Path: "/{**,}", Perms: Exec}
	exec.Priority--
	if q.Action == Deny {
		files.Owner = OwnerOnly // the other half is left out
	} else {
		exec.Exec.Mode = ExecInherit
	}
	caps := q
	if caps.Action == PromptUser {
		caps.Action = Allow
	}
	return []Rule{
		&UnixRule{Qualifiers: q, Perms: NetAll},
		&DbusRule{Qualifiers: q, Perms: DbusAll},
		&IOUringRule{Qualifiers: q, Perms: IOUringAll},
		&MqueueRule{Qualifiers: q, Perms: MqueueAll},
		&PtraceRule{Qualifiers: q, Perms: PtraceAll},
		&SignalRule{Qualifiers: q, Perms: SignalAll},
		&UsernsRule{Qualifiers: q, Perms: UsernsCreate},
		&MountRule{Qualifiers: q, Flags: []uint32{MsAll}, Optional: []uint32{MsAll}},
		&MountRule{Qualifiers: q, Remount: true, Flags: []uint32{MsRemount}, Optional: []uint32{remountOptional}},
		&UmountRule{Qualifiers: q},
		&PivotRootRule{Qualifiers: q},
		&NetworkRule{Qualifiers: q, Perms: NetAll},
		files,
		exec,
		&CapabilityRule{Qualifiers: caps, Caps: AllCapabilities},
	}
}

// unixTwins returns the unix rules that a written network rule on unix sockets implies. They do not have its priority, and log
// a denial when the rule does not ask for it, and the other way round: so apparmor_parser has it.
func unixTwins(x *NetworkRule) []Rule {
	if x.Implied {
		return nil
	}
	q := Qualifiers{Action: x.Action, Audit: x.Audit != (x.Action == Deny), Implied: true, Origin: x.Origin}
	if x.Sockets == nil {
		return []Rule{&UnixRule{Qualifiers: q, Perms: NetAll}}
	}
	var out []Rule
	for _, s := range x.Sockets {
		if s.Family != afUnix {
			continue
		}
		for n := uint8(1); n < 32; n++ {
			if s.Types>>n&1 != 0 {
				out = append(out, &UnixRule{Qualifiers: q, Perms: NetAll, Type: n})
			}
		}
	}
	return out
}

// networkTwin returns the network rule with which kernels that know no unix rules enforce one.
func networkTwin(x *UnixRule) Rule {
	s := NetworkSockets{Family: afUnix, Types: AnyType, Protocols: AnyProtocol}
	if x.Type != 0 {
		s.Types = 1 << x.Type
	}
	q := x.Qualifiers
	q.Implied, q.Priority = true, 0
	return &NetworkRule{Qualifiers: q, Perms: x.Perms, Sockets: []NetworkSockets{s}, Words: []string{"unix"}}
}

// alias is "alias from -> to,": every path that begins with from is also meant with to in its place.
type alias struct{ from, to string }

// sortedAliases returns the aliases in order, each once.
func (r *resolver) sortedAliases() []alias {
	sort.Slice(r.aliases, func(i, j int) bool {
		a, b := r.aliases[i], r.aliases[j]
		return a.from < b.from || a.from == b.from && a.to < b.to
	})
	var out []alias
	for i, a := range r.aliases {
		if i == 0 || a != r.aliases[i-1] {
			out = append(out, a)
		}
	}
	return out
}

// apply returns the path with from replaced, and whether it begins with it.
func (a alias) apply(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, a.from)
	if !ok {
		return path, false
	}
	if path = a.to + rest; path == "" {
		path = emptyPattern
	}
	return path, true
}

// aliasRules adds a copy of each file rule for each alias that applies to its path or link target.
func (r *resolver) aliasRules(b *profileBuilder) {
	written := b.Rules
	for _, a := range r.sortedAliases() {
		for _, rule := range written {
			f, ok := rule.(*FileRule)
			if !ok {
				continue
			}
			path, okPath := a.apply(f.Path)
			target, okTarget := a.apply(f.LinkTarget)
			if !okPath && !(okTarget && f.LinkTarget != "") {
				continue
			}
			c := *f
			c.Path, c.Implied = path, true
			if f.LinkTarget != "" {
				c.LinkTarget = target
			}
			b.Rules = append(b.Rules, &c)
		}
	}
}

// aliasAttachment adds attachments for the aliases that apply to the profile's attachment or name.
func (r *resolver) aliasAttachment(b *profileBuilder) {
	name := b.Attachment
	if name == "" {
		name = b.local
	}
	for _, a := range r.sortedAliases() {
		if alt, ok := a.apply(name); ok {
			alt = squeezeSlashes(alt)
			r.pattern(b, b.st.Pos, alt, false)
			b.AttachmentAliases = append(b.AttachmentAliases, alt)
		}
	}
}
