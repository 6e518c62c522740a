package policydb

// permsRow is the number of words in a row of the permission table.
const permsRow = 14

// db reads an automaton with its permission table before it and its transition table after it; nil if there is none.
// withTable is false for the attachment automaton, which has no transitions.
func (c *cursor) db(withTable bool) *DB {
	start := c.pos
	db := &DB{}
	hasPerms := c.perms(db)
	b, at, ok := c.blob("aadfa")
	if !ok {
		if hasPerms {
			c.fail(start, "permission table without an automaton")
		}
		return nil
	}
	// The tables are aligned to 8 bytes in the writer's buffer; they are a multiple of 8 long, so what is over is padding.
	pad := len(b) % 8
	dfa, err := unpackDFA(b[pad:], at+pad, c.profile)
	if err != nil {
		c.err = err
		return nil
	}
	db.DFA = dfa
	if withTable {
		c.starts(db)
		c.transitions(db)
	}
	c.checkAccept(db, start)
	return db
}

// starts reads the optional start states. Only the default is known to have been written.
func (c *cursor) starts(db *DB) {
	for _, name := range [...]string{"start", "dfa_start"} {
		if c.next(tagU32, name) {
			at := c.pos
			if s := c.rawU32(); uint64(s) >= uint64(db.DFA.Len()) {
				c.fail(at, "start state %d of %d", s, db.DFA.Len())
			}
		}
	}
}

func (c *cursor) perms(db *DB) bool {
	if !c.next(tagStruct, "perms") {
		return false
	}
	at := c.pos
	if v := c.u32("version"); c.err == nil && v != 1 {
		c.fail(at, "permission table version %d is not known", v)
	}
	n := c.array("")
	if n < 0 {
		c.fail(c.pos, "permission table without an array")
		return true
	}
	for i := 0; i < n && c.err == nil; i++ {
		db.Perms = append(db.Perms, c.permRow())
	}
	c.want(tagArrayEnd, "")
	c.want(tagStructEnd, "")
	db.PermsVersion = c.optU32("permsv")
	return true
}

func (c *cursor) permRow() Perm {
	var w [permsRow]uint32
	for i := range w {
		w[i] = c.u32("")
	}
	return Perm{Reserved32: w[0], Allow: w[1], Deny: w[2], Subtree: w[3], Cond: w[4], Kill: w[5], Complain: w[6], Prompt: w[7],
		Audit: w[8], Quiet: w[9], Hide: w[10], XIndex: w[11], Tag: w[12], Label: w[13]}
}

// transitions reads the table of labels. A namespaced one is stored as ":ns" NUL "name".
func (c *cursor) transitions(db *DB) {
	if !c.next(tagStruct, "xtable") {
		return
	}
	n := c.array("")
	if n < 0 {
		c.fail(c.pos, "transition table without an array")
		return
	}
	for i := 0; i < n && c.err == nil; i++ {
		at := c.pos
		s := []byte(c.str(""))
		for j, b := range s {
			if b == 0 {
				if s[0] != ':' {
					c.fail(at, "transition %q has a NUL but no namespace", s)
				}
				s[j] = ':'
			}
		}
		if c.err == nil && (len(s) == 0 || s[0] == ' ') {
			c.fail(at, "transition %q is not a label", s)
		}
		db.Transitions = append(db.Transitions, string(s))
	}
	c.want(tagArrayEnd, "")
	c.want(tagStructEnd, "")
}

// checkAccept verifies that accept values stay inside the permission table.
func (c *cursor) checkAccept(db *DB, at int) {
	if db.Perms == nil || c.err != nil {
		return
	}
	for s, a := range db.DFA.Accept {
		if uint64(a) >= uint64(len(db.Perms)) {
			c.fail(at, "state %d uses row %d of a permission table of %d", s, a, len(db.Perms))
			return
		}
	}
}
