package apparmor

// Policy is resolved policy: every include read, every variable, conditional and alias applied, every profile, child
// and hat in one flat list. It is plain data; building a Policy from struct literals is as good as resolving one.
type Policy struct {
	// Profiles holds every profile, a parent before its children and hats, otherwise in source order. Names are unique
	// within a namespace.
	Profiles []*Profile
	// Features is the feature set the policy was written for: the first abi rule, or ResolveOptions.ABI, or the
	// default feature set (DefaultFeatures) when neither names one. Nil, in a Policy made by hand, means DefaultFeatures.
	Features *Features
	// ABI is the abi rule as written ("<abi/4.0>"), or "" when the policy has none.
	ABI string
	// Warnings lists what apparmor_parser accepts but the author should know: deprecated forms, a missing abi rule,
	// rules that have no effect. It is never needed to interpret Profiles.
	Warnings []Warning
}

// Warning is a remark about policy that is nevertheless valid.
type Warning struct {
	Origin  Origin
	Message string // one sentence, no final full stop
}

// String returns "position: message".
func (w Warning) String() string { return w.Origin.String() + ": " + w.Message }

// Profile returns the profile with the given full name, or nil. Children and hats are named "parent//child"; a profile
// in a namespace is named ":ns:name".
func (p *Policy) Profile(name string) *Profile {
	for _, prof := range p.Profiles {
		if prof.FullName() == name {
			return prof
		}
	}
	return nil
}

// Profile is one confinement: a top-level profile, a child profile or a hat.
type Profile struct {
	// Name is the flattened name without namespace: "app", "/usr/bin/man", "app//child", "app//hat". It is text, not a
	// pattern, although the kernel will use a name that holds a glob as the attachment (then Attachment holds it too).
	Name string
	// Namespace is "" for the namespace the policy is loaded into; ":ns:name {" sets it. Children have their parent's.
	Namespace string
	// Parent is the profile this one is a child or hat of; nil at top level.
	Parent *Profile
	// Hat is set for "hat x" and "^x": reachable through change_hat(2), not through exec.
	Hat bool

	// Attachment is the pattern (AARE) of the executables the profile attaches to at exec from an unconfined task, or of
	// a child or hat that carries one. It is the written attachment; or the last part of a name that is a path
	// ("/bin/x { }", "profile /bin/x { }"); or a name holding a glob. "" attaches to nothing.
	Attachment string
	// AttachmentAliases are further attachment patterns, produced by alias rules.
	AttachmentAliases []string
	// Xattrs are the extended attributes an executable must carry for the attachment to hold, in source order.
	Xattrs []Xattr
	// Identities are the "+identities=(...)" values (6.0), in source order.
	Identities []string

	// Mode is what happens on a denial; the zero value is Enforce.
	Mode Mode
	// Flags are the remaining profile flags.
	Flags Flags
	// Rules are in source order, includes expanded in place. Rules implied by others (Qualifiers.Implied) come last.
	Rules []Rule

	// Origin is the profile's name in its header.
	Origin Origin
}

// FullName returns the name as used in labels: Name, or ":ns:Name" inside a namespace.
func (p *Profile) FullName() string {
	if p.Namespace != "" {
		return ":" + p.Namespace + ":" + p.Name
	}
	return p.Name
}

// LocalName returns the part of Name after the last "//": the name of a child or hat inside its parent.
func (p *Profile) LocalName() string {
	for i := len(p.Name) - 2; i >= 0; i-- {
		if p.Name[i] == '/' && p.Name[i+1] == '/' && i+2 < len(p.Name) {
			return p.Name[i+2:]
		}
	}
	return p.Name
}

// Xattr is one condition of "xattrs=(name=value ...)".
type Xattr struct {
	Name string // "user.foo", "security.apparmor"
	// Pattern (AARE) is matched against the attribute's whole value, where * and ? also match NUL and, for **, anything.
	// "" means the attribute must exist, with any value.
	Pattern string
}
