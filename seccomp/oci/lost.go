package oci

import (
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

// libseccomp writes the tests for an ABI's calls one after the other, those with the fewest conditions first, and puts the
// instruction that loads the number of the call before the first of them. Among the calls it also keeps, by a negative number, those
// that the ABI does not have (arch.c, arch_filter_rule_add; on ABIs with a multiplexer only those made through it, syscalls.c,
// abi_rule_add), and skips them as it writes. If such a
// call is the first, the load is skipped with it: the program then compares the calls' numbers with what is in the accumulator, the
// value of the ABI, no rule applies, and every call gets the default (gen_bpf.c, _gen_bpf_syscalls, "s_iter == s_head"; 2.5.4 to
// 2.6.1; seen in filters that runc and crun install).
//
// It spares amd64 or x32 without the other, which load the number to tell them apart, and binary trees, which runc 1.2 and later ask for
// from 33 names on.

// lost takes away the rules of the ABIs that this befalls.
func (im *importer) lost() {
	if im.opts.Runtime == Runc && im.entries > 32 {
		return
	}
	for _, db := range im.dbs {
		group := []*database{db}
		other := slices.IndexFunc(im.dbs, func(o *database) bool { return o.arch == seccomp.X32 })
		switch {
		case db.arch == seccomp.X32:
			continue
		case db.arch == seccomp.AMD64 && other < 0:
			continue
		case db.arch == seccomp.AMD64:
			group = append(group, im.dbs[other])
		}
		if name, ok := firstAbsent(group); ok {
			im.loseRules(group, name)
		}
	}
}

// firstAbsent returns the call that comes first in the program for an ABI, or for amd64 and x32 together, if it is one that the ABI
// does not have. Of calls with equally many tests the first ABI's come before the second's, and absent ones behind the others.
func firstAbsent(group []*database) (name string, absent bool) {
	fewest := -1
	for _, db := range group {
		for i, calls := range []map[string]*call{db.calls, db.absent} {
			n, tests := fewestTests(calls, halves(db.arch))
			if n != "" && (fewest < 0 || tests < fewest) {
				fewest, name, absent = tests, n, i == 1
			}
		}
	}
	return name, absent
}

// fewestTests returns the call with the fewest tests, by name the first of several, and "" if there is none.
func fewestTests(calls map[string]*call, halves bool) (name string, fewest int) {
	for n, c := range calls {
		if t := c.tests(halves); name == "" || t < fewest || t == fewest && n < name {
			name, fewest = n, t
		}
	}
	return name, fewest
}

// tests returns how many tests libseccomp counts for a call.
func (c *call) tests(halves bool) int {
	n := 0
	for _, e := range c.entries() {
		for _, a := range e.args {
			switch {
			case halves:
				n++
			case ordering(a.Op):
				n += 3
			default:
				n += 2
			}
		}
	}
	return n
}

func (im *importer) loseRules(group []*database, name string) {
	which := group[0].arch.String()
	for _, db := range group {
		if db != group[0] {
			which += " and " + db.arch.String()
		}
		db.calls = make(map[string]*call)
	}
	rule := -1
	for _, db := range group {
		if c := db.absent[name]; c != nil && rule < 0 {
			rule = c.entries()[0].rule
		}
	}
	im.noteNames(Warning, rule, "", CodeLostRules, []string{name}, "no rule of the document has any effect on %s: every "+
		"call gets %v, because libseccomp's program does not load the call's number when the first call it is about is one that the ABI "+
		"does not have; a rule without conditions for a call that it has comes before it", which, im.def)
}
