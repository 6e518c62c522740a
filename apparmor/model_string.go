package apparmor

import (
	"strconv"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// Rules print through the syntax package: it knows what needs quotes.

// stmtPrefix returns the qualifiers as policy has them.
func (q *Qualifiers) stmtPrefix() syntax.Prefix {
	p := syntax.Prefix{HasPriority: q.Priority != 0, Priority: q.Priority, Audit: q.Audit}
	switch q.Action {
	case Deny:
		p.Access = syntax.AccessDeny
	case PromptUser:
		p.Access = syntax.AccessPrompt
	}
	return p
}

// eq returns a condition, or nothing when the value is empty.
func eq(name, value string) []syntax.Cond {
	if value == "" {
		return nil
	}
	return []syntax.Cond{{Name: name, Op: syntax.CondEq, Values: []string{value}}}
}

func concat(lists ...[]syntax.Cond) []syntax.Cond {
	var out []syntax.Cond
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// peerGroup returns peer=(...), or nil without conditions.
func peerGroup(lists ...[]syntax.Cond) *syntax.Group {
	conds := concat(lists...)
	if conds == nil {
		return nil
	}
	return &syntax.Group{Name: "peer", Conds: conds}
}

// permName is a permission's bit and word.
type permName struct {
	bit  uint32
	name string
}

// permWords lists the words of the set bits, each bit once; none when all are set.
func permWords(perms, all uint32, names ...permName) []string {
	if perms == all {
		return nil
	}
	var out []string
	for _, n := range names {
		if perms&n.bit != 0 {
			out = append(out, n.name)
			perms &^= n.bit
		}
	}
	return out
}

// String returns the rule in canonical text.
func (r *FileRule) String() string {
	st := &syntax.FileRule{Prefix: r.stmtPrefix(), Path: r.Path, Perms: r.Perms.String(), Target: r.LinkTarget}
	st.Prefix.Owner = [...]syntax.Owner{syntax.OwnerNone, syntax.OwnerOnly, syntax.OwnerOther, syntax.OwnerNone}[r.Owner&3]
	if r.Perms == Link && r.LinkTarget != "" {
		return syntax.FormatStmt(&syntax.LinkRule{Prefix: st.Prefix, Subset: r.LinkSubset, Path: r.Path, Target: r.LinkTarget})
	}
	if r.Perms&Exec != 0 {
		st.Perms = (r.Perms &^ Exec).String() + r.Exec.String()
		st.Target = r.Exec.Target
		if r.Exec.Unsafe && (r.Exec.Mode == ExecInherit || r.Exec.Mode == ExecNone) {
			st.Exec = syntax.ExecUnsafe
		}
	}
	return syntax.FormatStmt(st)
}

// String returns the rule in canonical text.
func (r *ChangeProfileRule) String() string {
	st := &syntax.ChangeProfileRule{Prefix: r.stmtPrefix(), Exec: r.Exec, Target: r.Target}
	if r.Unsafe && r.Exec != "" {
		st.Word = syntax.ExecUnsafe
	}
	return syntax.FormatStmt(st)
}

// String returns the rule in canonical text.
func (r *CapabilityRule) String() string {
	st := &syntax.CapabilityRule{Prefix: r.stmtPrefix()}
	for n := 0; n < 64 && r.Caps != AllCapabilities; n++ {
		if r.Caps&(1<<n) != 0 {
			st.Names = append(st.Names, CapabilityName(n))
		}
	}
	return syntax.FormatStmt(st)
}

// String returns the rule in canonical text.
func (r *RlimitRule) String() string {
	st := &syntax.RlimitRule{Resource: r.Resource.String(), Value: strconv.FormatUint(r.Value, 10)}
	switch {
	case r.Value == RlimitInfinity:
		st.Value = "infinity"
	case r.Resource == RlimitNice:
		st.Value = strconv.FormatInt(int64(r.Value)-20, 10)
	}
	return syntax.FormatStmt(st)
}

// class prints a rule of a class with permissions and conditions.
func (q *Qualifiers) class(st *syntax.ClassRule) string {
	st.Prefix = q.stmtPrefix()
	return syntax.FormatStmt(st)
}

// String returns the rule in canonical text.
func (r *NetworkRule) String() string {
	return r.class(&syntax.ClassRule{Class: syntax.Network, Perms: permWords(uint32(r.Perms), uint32(NetAll), netPermTable[:]...),
		Names: r.Words, Conds: r.Local.conds(), Group: peerGroup(r.Peer.conds())})
}

// conds returns the address conditions.
func (a NetworkAddr) conds() []syntax.Cond {
	var out []syntax.Cond
	switch {
	case a.NoIP:
		out = eq("ip", "none")
	case a.IP.IsValid():
		out = eq("ip", a.IP.String())
	}
	if a.HasPort {
		port := strconv.Itoa(int(a.FromPort))
		if a.ToPort != a.FromPort {
			port += "-" + strconv.Itoa(int(a.ToPort))
		}
		out = append(out, eq("port", port)...)
	}
	out = append(out, eq("interface", a.Interface)...)
	label := eq("label", a.Label)
	if a.SetLabel && label != nil {
		label[0].Op = syntax.CondSet
	}
	return append(out, label...)
}

// String returns the rule in canonical text.
func (r *UnixRule) String() string {
	typ := ""
	if r.Type != 0 {
		typ = SocketTypeName(int(r.Type))
	}
	return r.class(&syntax.ClassRule{Class: syntax.Unix, Perms: permWords(uint32(r.Perms), uint32(NetAll), netPermTable[:]...),
		Conds: concat(eq("type", typ), eq("addr", r.Addr)), Group: peerGroup(eq("addr", r.PeerAddr), eq("label", r.PeerLabel))})
}
