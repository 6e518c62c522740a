package syntax

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// rule writes a rule without its final comma.
func (c *canon) rule(st Stmt) {
	switch r := st.(type) {
	case *FileRule:
		c.fileRule(r)
	case *LinkRule:
		c.prefix(r.Prefix)
		c.word("link")
		if r.Subset {
			c.word("subset")
		}
		c.str(modePolicy, r.Path)
		c.arrow(r.Target)
	case *CapabilityRule:
		c.prefix(r.Prefix)
		c.word("capability")
		for _, n := range r.Names {
			c.str(modePolicy, n)
		}
	case *ClassRule:
		c.classRule(r)
	case *MountRule:
		c.mountRule(r)
	case *RlimitRule:
		c.word("set rlimit")
		for _, s := range [...]string{r.Resource, "<=", r.Value, r.Unit} {
			if s != "" && s != "<=" && !rlimitWord(s) {
				s = quote(s)
			}
			c.word(s)
		}
	case *ChangeProfileRule:
		c.prefix(r.Prefix)
		c.word("change_profile")
		c.execWord(r.Word)
		if r.Exec != "" {
			c.str(modeChangeProfile, r.Exec)
		}
		c.arrow(r.Target)
	case *AllRule:
		c.prefix(r.Prefix)
		c.word("all")
	}
}

// rlimitWord reports whether s is one token of an rlimit rule.
func rlimitWord(s string) bool {
	sc := scanner{src: s + ",", mode: modeRlimit, stack: []mode{modePolicy}}
	t := sc.next()
	return t.end == len(s) && t.start == 0 && (t.kind == tokID || t.kind == tokValue)
}

func (c *canon) execWord(w ExecWord) {
	c.word([...]string{"", "safe", "unsafe", ""}[w&3])
}

func (c *canon) fileRule(r *FileRule) {
	c.prefix(r.Prefix)
	if r.Keyword || r.Path == "" && r.Perms == "" {
		c.word("file")
	}
	if r.Path == "" && r.Perms == "" {
		return
	}
	c.execWord(r.Exec)
	perms := canonicalPerms(r.Perms)
	if sc := (scanner{src: perms + " "}); perms == "" || sc.matchModes(0) != len(perms) {
		perms = quote(perms)
	}
	// With a target the order can matter to what the target is for.
	if r.PermsFirst && (r.Subset || r.Target != "") {
		c.word(perms)
		if r.Subset {
			c.word("subset")
		}
		c.str(modePolicy, r.Path)
	} else {
		c.str(modePolicy, r.Path)
		c.word(perms)
	}
	c.arrow(r.Target)
}

// modeOf returns the scanner's mode within the rules of a class.
func modeOf(class Class) mode {
	switch class {
	case Network:
		return modeNetwork
	case Unix:
		return modeUnix
	case Dbus:
		return modeDbus
	case Signal:
		return modeSignal
	case Ptrace:
		return modePtrace
	case Mqueue:
		return modeMqueue
	case Userns:
		return modeUserns
	}
	return modePolicy
}

func (c *canon) classRule(r *ClassRule) {
	c.prefix(r.Prefix)
	c.word(r.Class.String())
	if len(r.Perms) == 1 && barePerm(r.Class, r.Perms[0]) {
		c.word(r.Perms[0])
	} else if len(r.Perms) > 0 {
		c.word("")
		c.b.WriteByte(' ')
		c.list(r.Perms)
	}
	if r.Class == Network {
		for _, n := range r.Names {
			c.str(modeNetwork, n)
		}
	}
	c.conds(r.Conds, modeValue)
	c.group(r.Group)
	if r.Class != Network {
		for _, n := range r.Names {
			c.str(modeOf(r.Class), n)
		}
	}
}

// barePerm reports whether a permission can stand without parentheses.
func barePerm(class Class, perm string) bool {
	if class == IOUring {
		return perm == "sqpoll" || perm == "override_creds"
	}
	sc := scanner{src: perm + " \n", mode: modeOf(class), stack: []mode{modePolicy}}
	t := sc.next()
	return t.kind == tokPerm && t.start == 0 && t.end == len(perm)
}

func (c *canon) conds(conds []Cond, value mode) {
	for _, x := range conds {
		c.cond(x, value)
	}
}

func (c *canon) cond(x Cond, value mode) {
	name := x.Name
	if sc := (scanner{src: name + " "}); name == "" || sc.matchNoAssign(0) != len(name) ||
		value == modeValue && sc.matchName(0) != len(name) {
		name = quote(name)
	}
	c.word(name)
	switch {
	case x.Op == CondNone:
	case x.Op == CondIn:
		c.word("in")
		c.b.WriteByte(' ')
		c.list(x.Values)
	case len(x.Values) == 1:
		c.b.WriteString(x.Op.String())
		c.b.WriteString(text(value, x.Values[0]))
	default:
		c.b.WriteString(x.Op.String())
		c.list(x.Values)
	}
}

func (c *canon) group(g *Group) {
	if g == nil {
		return
	}
	name := g.Name
	if name != "peer" && name != "xattrs" {
		name = quote(name)
	}
	c.word(name + "=")
	c.open()
	c.conds(g.Conds, modeListVal)
	c.close()
}

func (c *canon) mountRule(r *MountRule) {
	c.prefix(r.Prefix)
	c.word(r.Op.String())
	c.conds(r.Conds, modeValue)
	m := modeMount
	if r.Op == PivotRoot {
		m = modePolicy
	}
	if r.Source != "" {
		c.pattern(m, r.Source)
	}
	if r.Op == PivotRoot {
		c.arrow(r.Target)
	} else if r.Target != "" || len(r.TargetConds) > 0 {
		c.word("->")
		c.conds(r.TargetConds, modeValue)
		c.pattern(modeMount, r.Target)
	}
}

// pattern writes a path of a mount rule, and the one that is empty as people write it.
func (c *canon) pattern(m mode, s string) {
	if s == emptyPattern {
		s = ""
	}
	c.str(m, s)
}
