package policydb

// MaxProfiles bounds the number of profiles in one stream. The largest policy published has about 2,000.
const MaxProfiles = 1 << 16

// Decode reads a policy stream: one record after another, as apparmor_parser -o or its cache writes them. The error is an
// *Error. An empty stream has no profiles.
func Decode(data []byte) ([]*Profile, error) {
	c := &cursor{data: data}
	var out []*Profile
	for c.pos < len(data) {
		if len(out) == MaxProfiles {
			c.fail(c.pos, "more than %d profiles", MaxProfiles)
			return nil, c.err
		}
		c.profile = ""
		p := c.record()
		if c.err != nil {
			return nil, c.err
		}
		out = append(out, p)
	}
	return out, nil
}

// Kernel ABI versions that have been loadable (policy_unpack.c: v5 to v9; mask 0x3ff).
const (
	minKernelABI  = 5
	maxKernelABI  = 9
	kernelABIMask = 0x3ff
)

// KernelABI returns the kernel ABI the record was written for.
func (p *Profile) KernelABI() int { return int(p.Version & kernelABIMask) }

func (c *cursor) record() *Profile {
	p := &Profile{}
	at := c.pos
	p.Version = c.u32("version")
	if abi := p.KernelABI(); c.err == nil && (abi < minKernelABI || abi > maxKernelABI) {
		c.fail(at, "kernel ABI %d is not in %d to %d", abi, minKernelABI, maxKernelABI)
	}
	p.Namespace = c.optString("namespace")
	if c.want(tagStruct, "profile") {
		c.profileBody(p)
	}
	return p
}

// profileBody reads the fields in the one order the kernel reads them.
func (c *cursor) profileBody(p *Profile) {
	at := c.pos
	p.Name = c.str("")
	c.profile = p.Name
	if c.err == nil && p.Name == "" {
		c.fail(at, "profile without a name")
	}
	p.Rename = c.optString("rename")
	p.Attach = c.optString("attach")
	if p.XMatch = c.db(false); p.XMatch != nil {
		p.XMatchLen = c.u32("")
	}
	p.Disconnected = c.optString("disconnected")
	p.DisconnectedIPC = c.optString("disconnected_ipc")
	p.KillSignal = c.optU32("kill")
	p.Errno = c.optU32("error")
	c.flags(p)
	c.caps(&p.Caps)
	if n := c.array("identity"); n >= 0 {
		p.Identities = c.strings(n)
	}
	c.xattrs(p)
	c.rlimits(p)
	c.families(p)
	c.secmark(p)
	if c.next(tagStruct, "policydb") {
		p.Policy = c.db(true)
		if p.Policy == nil && c.err == nil {
			c.fail(c.pos, "policydb without an automaton")
		}
		c.want(tagStructEnd, "")
	}
	p.File = c.db(true)
	c.pairs(p)
	c.want(tagStructEnd, "")
}

func (c *cursor) flags(p *Profile) {
	if !c.want(tagStruct, "flags") {
		return
	}
	p.Flags = c.u32("")
	at := c.pos
	p.Mode = Mode(c.u32(""))
	if p.Mode > User {
		c.fail(at, "profile mode %d is not known", p.Mode)
	}
	p.Audit = c.u32("") != 0
	c.want(tagStructEnd, "")
	p.PathFlags = c.optU32("path_flags")
}

// caps reads the low halves, then the structures with the high ones.
func (c *cursor) caps(p *Caps) {
	p.Allow, p.Audit = uint64(c.u32("")), uint64(c.u32(""))
	p.Quiet, p.Extended = uint64(c.u32("")), uint64(c.u32(""))
	if c.next(tagStruct, "caps64") {
		p.Allow |= uint64(c.u32("")) << 32
		p.Audit |= uint64(c.u32("")) << 32
		p.Quiet |= uint64(c.u32("")) << 32
		p.Extended |= uint64(c.u32("")) << 32
		c.want(tagStructEnd, "")
	}
	if c.next(tagStruct, "capsx") {
		p.Extended = uint64(c.u32("")) | uint64(c.u32(""))<<32
		c.want(tagStructEnd, "")
	}
}

func (c *cursor) strings(n int) []string {
	var out []string
	for i := 0; i < n && c.err == nil; i++ {
		out = append(out, c.str(""))
	}
	c.want(tagArrayEnd, "")
	return out
}

func (c *cursor) xattrs(p *Profile) {
	if !c.next(tagStruct, "xattrs") {
		return
	}
	n := c.array("")
	if n < 0 {
		c.fail(c.pos, "xattrs without an array")
		return
	}
	p.Xattrs = c.strings(n)
	c.want(tagStructEnd, "")
}

// rlimitCount is the number of resources (asm-generic/resource.h).
const rlimitCount = 16

func (c *cursor) rlimits(p *Profile) {
	if !c.next(tagStruct, "rlimits") {
		return
	}
	r := &Rlimits{Mask: c.u32("")}
	at := c.pos
	n := c.array("")
	if n < 0 || n > rlimitCount {
		c.fail(at, "rlimits need an array of at most %d values", rlimitCount)
		return
	}
	for i := 0; i < n; i++ {
		r.Values = append(r.Values, c.u64(""))
	}
	c.want(tagArrayEnd, "")
	c.want(tagStructEnd, "")
	p.Rlimits = r
}

func (c *cursor) families(p *Profile) {
	n := c.array("net_allowed_af")
	for i := 0; i < n && c.err == nil; i++ {
		p.Families = append(p.Families, Family{c.u16(""), c.u16(""), c.u16("")})
	}
	if n >= 0 {
		c.want(tagArrayEnd, "")
	}
}

func (c *cursor) secmark(p *Profile) {
	if !c.next(tagStruct, "secmark") {
		return
	}
	n := c.array("")
	for i := 0; i < n && c.err == nil; i++ {
		p.Secmark = append(p.Secmark, Secmark{c.u8(""), c.u8(""), c.str("")})
	}
	c.want(tagArrayEnd, "")
	c.want(tagStructEnd, "")
}

// pairs reads the optional key and value pairs.
func (c *cursor) pairs(p *Profile) {
	if !c.next(tagStruct, "data") {
		return
	}
	for c.err == nil && !c.next(tagStructEnd, "") {
		d := Datum{Key: c.str("")}
		b, _, ok := c.blob("")
		if !ok {
			c.fail(c.pos, "data without a value")
			return
		}
		d.Value = append([]byte(nil), b...)
		p.Data = append(p.Data, d)
	}
}
