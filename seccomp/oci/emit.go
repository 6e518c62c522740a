package oci

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
)

// A survivor is an entry left in the databases: the ABIs that have it for a name.
type survivor struct {
	survivorKey
	action seccomp.Action
	args   []seccomp.Arg
	order  int // of the name's appearance
	arches []seccomp.Arch
}

// A survivorKey tells entries apart; of one rule they all have the same action.
type survivorKey struct {
	rule  int
	name  string
	conds string // the conditions, printed
}

func printArgs(args []seccomp.Arg) string {
	if len(args) == 0 {
		return ""
	}
	return fmt.Sprint(args)
}

// emit writes what the databases hold as rules of the profile: one for all names of a document's rule that share conditions and
// ABIs. Rules are Direct where a name has a multiplexed form, because that form is spelt out as rules for the multiplexer.
func (im *importer) emit() {
	type group struct {
		rule          int
		conds, arches string
	}
	groups := make(map[group]int)
	for _, s := range im.survivors() {
		arches := im.limit(s)
		key := group{s.rule, s.conds, ""}
		if arches != nil {
			key.arches = fmt.Sprint(arches)
		}
		at, ok := groups[key]
		if !ok {
			at = len(im.out.Rules)
			groups[key] = at
			im.out.Rules = append(im.out.Rules, seccomp.Rule{Action: s.action, Args: s.args, Arches: arches, Origin: pointer(s.rule, "")})
		}
		r := &im.out.Rules[at]
		r.Names = append(r.Names, s.name)
		r.Direct = r.Direct || im.isMuxed(s.name)
	}
}

// survivors returns what the databases hold, in the order of the document.
func (im *importer) survivors() []*survivor {
	order := make(map[string]int, len(im.names))
	for i, name := range im.names {
		order[name] = i
	}
	var all []*survivor
	index := make(map[survivorKey]*survivor)
	add := func(arch seccomp.Arch, name string, e *entry, args []seccomp.Arg) {
		key := survivorKey{e.rule, name, printArgs(args)}
		s := index[key]
		if s == nil {
			at, ok := order[name]
			if !ok {
				at = len(im.names) // a multiplexer that the document does not name
			}
			s = &survivor{survivorKey: key, action: e.action, args: args, order: at}
			index[key] = s
			all = append(all, s)
		}
		s.arches = append(s.arches, arch)
	}
	for _, db := range im.dbs {
		for name, c := range db.calls {
			for _, e := range c.entries() {
				for _, args := range e.alternatives() {
					add(db.arch, name, e, args)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b *survivor) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name),
			cmp.Compare(a.conds, b.conds))
	})
	return all
}

// limit returns the ABIs a survivor's rule has to be limited to: nil if it holds on every ABI that has the call.
func (im *importer) limit(s *survivor) []seccomp.Arch {
	for _, db := range im.dbs {
		if _, has := db.arch.Number(s.name); has && !slices.Contains(s.arches, db.arch) {
			return s.arches
		}
	}
	return nil
}

// isMuxed reports whether a covered ABI has a multiplexed form of the call.
func (im *importer) isMuxed(name string) bool {
	return slices.ContainsFunc(im.dbs, func(db *database) bool {
		_, ok := syscalls.Multiplexed(syscalls.ABI(db.arch), name)
		return ok
	})
}
