package apparmor

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// profileBuilder is a profile while its body is read.
type profileBuilder struct {
	*Profile
	st     *syntax.Profile
	from   *Origin
	parent *profileBuilder
	local  string          // name as written, without namespace
	ns     string          // namespace as written
	labels map[string]bool // names of children and hats: namespace, NUL, name
	hats   bool            // it has children or hats
	all    []*allRule

	changesProfile bool // it has a change_profile rule
	transitions    map[string]bool
	known          *expansions // strings expanded before, under the same variables
	own            *symbols    // the variables, with those of the profile itself
}

// profile resolves a profile: its header, then its body.
func (r *resolver) profile(it *item, st *syntax.Profile, parent *profileBuilder, from *Origin) {
	b := r.open(st, parent, from)
	if b == nil {
		b = &profileBuilder{Profile: &Profile{}, st: st, from: from, transitions: map[string]bool{}, own: r.vars}
	} else {
		r.policy.Profiles = append(r.policy.Profiles, b.Profile)
		r.heads = append(r.heads, b)
	}
	saved := r.once
	r.once = map[string]bool{}
	r.rulesOf(it.body, b, from)
	r.once = saved
}

// open makes the profile from its header; nil when the header is bad.
func (r *resolver) open(st *syntax.Profile, parent *profileBuilder, from *Origin) *profileBuilder {
	nerr := len(r.errs)
	if len(r.heads) >= MaxProfiles {
		r.stop(st.Pos, from, fmt.Sprintf("more than %d profiles", MaxProfiles))
	}
	b := &profileBuilder{Profile: &Profile{}, st: st, from: from, parent: parent, transitions: map[string]bool{}}
	b.Origin = Origin{Pos: st.Pos, From: from}
	b.Hat = st.Kind == syntax.HatProfile || st.Kind == syntax.CaretHat
	r.label(b)
	r.header(b)
	r.flags(b)
	if len(r.errs) > nerr {
		return nil
	}
	r.register(b)
	r.name(b)
	if len(r.errs) > nerr {
		return nil
	}
	return b
}

// label takes the written name apart.
func (r *resolver) label(b *profileBuilder) {
	st := b.st
	ns, name, ok := splitLabel(st.Name)
	switch {
	case strings.HasPrefix(st.Name, "&"):
		r.fail(st.Pos, b.from, "profile name begins with &", "& stacks profiles; it is for targets")
	case !ok:
		r.fail(st.Pos, b.from, "namespace in a profile name is not terminated", ":namespace:name")
	case strings.HasPrefix(st.Name, ":") && ns == "":
		r.fail(st.Pos, b.from, "empty namespace in a profile name", ":namespace:name")
	case name == "":
		r.fail(st.Pos, b.from, "empty profile name", "")
	case st.Kind == syntax.PathProfile && name[0] != '/' && ns == "":
		r.fail(st.Pos, b.from, "profile name without a keyword must begin with / or :", `write "profile" before the name`)
	case st.Kind == syntax.PathProfile && b.parent != nil:
		r.fail(st.Pos, b.from, "profile inside a profile without a keyword", `write "profile" or "hat" before the name`)
	}
	b.local, b.ns = name, ns
}

// header checks xattrs and identities.
func (r *resolver) header(b *profileBuilder) {
	st := b.st
	if g := st.Group; g != nil {
		if g.Name != "xattrs" {
			r.fail(g.Pos, b.from, fmt.Sprintf("%s=() in a profile header", g.Name), "the only group is xattrs=()")
		}
		if b.Hat && b.parent != nil && len(g.Conds) > 0 {
			r.fail(g.Pos, b.from, "xattrs on a hat", "hats are entered by change_hat, not by exec")
		}
		for _, c := range g.Conds {
			x := Xattr{Name: c.Name}
			if c.Op == syntax.CondEq && len(c.Values) > 0 {
				x.Pattern = c.Values[0]
			}
			r.pattern(b, st.Pos, x.Pattern, true)
			b.Xattrs = append(b.Xattrs, x)
		}
	}
	for _, id := range st.Identities {
		if !strings.HasPrefix(id, "/") && strings.Contains(id, " ") {
			r.fail(st.Pos, b.from, fmt.Sprintf("identity %q has a space", id), "")
		}
	}
	b.Identities = st.Identities
}

// register checks that the name is new where it is defined.
func (r *resolver) register(b *profileBuilder) {
	key := b.ns + "\x00" + b.local
	if b.parent != nil {
		if b.parent.labels == nil {
			b.parent.labels = map[string]bool{}
		}
		if b.parent.labels[key] {
			r.fail(b.st.Pos, b.from, fmt.Sprintf("profile or hat %q is defined twice in this profile", b.local), "")
		}
		b.parent.labels[key] = true
		b.parent.hats = true
		return
	}
	if r.names == nil {
		r.names = map[string]*profileBuilder{}
	}
	if other := r.names[key]; other != nil {
		r.fail(b.st.Pos, b.from, fmt.Sprintf("profile %q is defined twice", b.local), "the first is at "+other.Origin.Pos.String())
		return
	}
	r.names[key] = b
}

// name expands the name and attachment and sets the variables that come from them.
func (r *resolver) name(b *profileBuilder) {
	local, ok := r.header1(b, r.vars, b.local)
	if !ok {
		return
	}
	b.Name, b.Namespace = local, b.ns
	if b.parent != nil {
		b.Parent = b.parent.Profile
		b.Name = b.parent.Name + "//" + local
		if b.Namespace == "" {
			b.Namespace = b.parent.Namespace
		}
	}
	set := false
	switch {
	case b.st.Attachment != "":
		if b.Attachment, ok = r.header1(b, r.vars, b.st.Attachment); !ok {
			return
		}
		set = true
	case local[0] == '/':
		b.Attachment, set = squeezeSlashes(localPart(local)), true
	}
	b.own = r.ownVariables(b, set)
	switch {
	case set:
		b.Attachment = squeezeSlashes(b.Attachment)
	case strings.ContainsAny(local, `*?[]{}\`):
		b.Attachment = squeezeSlashes(localPart(local))
	}
	r.pattern(b, b.st.Pos, b.Attachment, false)
	r.disconnected(b, &b.Flags.DisconnectedPath)
	r.disconnected(b, &b.Flags.DisconnectedIPC)
	r.aliasAttachment(b)
}

// localPart is the name after the last "//".
func localPart(name string) string {
	if i := strings.LastIndex(name, "//"); i >= 0 {
		return name[i+2:]
	}
	return name
}

// header1 expands one string of the header.
func (r *resolver) header1(b *profileBuilder, vars *symbols, s string) (string, bool) {
	out, err := vars.expand(s)
	if err != nil {
		r.fail(b.st.Pos, b.from, err.Error(), "")
		return "", false
	}
	if out == "" {
		r.fail(b.st.Pos, b.from, "profile name is empty once its variables are replaced", "")
		return "", false
	}
	return out, true
}

// ownNames are the variables that come from the profile itself.
var ownNames = [...]string{"profile_name", "attach_path", "exec_path"}

// ownVariables adds @{profile_name}, and with an attachment @{attach_path} and @{exec_path}, to the policy's variables.
func (r *resolver) ownVariables(b *profileBuilder, attached bool) *symbols {
	if r.envKey == "" {
		r.envKey = r.vars.key()
		r.ownRefs = r.vars.refersToOwn()
	}
	own := &symbols{m: map[string]*symbol{}, outer: r.vars}
	if r.ownRefs { // what they expand to differs between profiles
		for k, v := range r.vars.m {
			own.m[k] = &symbol{boolean: v.boolean, value: v.value, values: v.values}
		}
	}
	own.m["profile_name"] = &symbol{values: []string{escapeName(b.Name)}}
	if attached {
		own.m["attach_path"] = &symbol{values: []string{b.Attachment}}
		own.m["exec_path"] = &symbol{values: []string{b.Attachment}}
	}
	if !r.ownRefs {
		b.known = r.opts.Cache.expansions(r.envKey)
	}
	return own
}

// refersToOwn reports whether a value of a variable depends on the profile.
func (v *symbols) refersToOwn() bool {
	for _, s := range v.m {
		for _, x := range s.values {
			if mentionsOwn(x) {
				return true
			}
		}
	}
	return false
}

func mentionsOwn(s string) bool {
	for _, name := range ownNames {
		if strings.Contains(s, "@{"+name+"}") {
			return true
		}
	}
	return false
}

// expandIn expands a string in a profile.
func (b *profileBuilder) expandIn(s string) (string, error) {
	if b.known == nil || mentionsOwn(s) {
		return b.own.expand(s)
	}
	if out, ok := b.known.get(s); ok {
		return out, nil
	}
	out, err := b.own.expand(s)
	if err == nil {
		b.known.put(s, out)
	}
	return out, err
}

// key identifies the values of all variables.
func (v *symbols) key() string {
	names := make([]string, 0, len(v.m))
	for name := range v.m {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		s := v.m[name]
		fmt.Fprintf(&b, "%s %v %v %q\n", name, s.boolean, s.value, s.values)
	}
	return b.String()
}

// escapeName takes the meaning of the characters in a name that a pattern would give them.
func escapeName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; c {
		case '\\':
			b.WriteByte(c)
			if i++; i == len(name) {
				return b.String()
			}
		case '{', '}', '[', ']', '*', '?':
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
