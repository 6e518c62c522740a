package apparmor

import (
	"fmt"

	"github.com/gostockade/stockade/internal/dfa"
)

// DiffOptions says how two profiles are compared. Nil means the feature sets of the policies, and no logging changes.
type DiffOptions struct {
	// OldFeatures and NewFeatures are the feature sets; nil means DefaultFeatures. Give both the same to compare the rules
	// alone.
	OldFeatures, NewFeatures *Features
	// Logging also reports requests with the same answer that are logged differently.
	Logging bool
	// MaxStates bounds each automaton; 0 means the Evaluator's limit.
	MaxStates int
}

// Diff compares what two profiles allow, in every class, and returns the differences: none means that they answer every
// request the kernel can make alike. For each permission and each set of rules responsible there is one Change, with the
// shortest request that shows it. Changes come in order of class, shortest first.
//
// The comparison is of languages, not of text: reordered, merged or differently written rules are no change. It does not
// look at flags, attachments, hats or resource limits.
func Diff(old, new *Profile, opts *DiffOptions) ([]Change, error) {
	if opts == nil {
		opts = &DiffOptions{}
	}
	d := differ{logging: opts.Logging}
	var err error
	limits := dfa.Limits{States: opts.MaxStates}
	if d.old, err = compile(old, featuresOr(opts.OldFeatures), limits); err != nil {
		return nil, err
	}
	if d.new, err = compile(new, featuresOr(opts.NewFeatures), limits); err != nil {
		return nil, err
	}
	if err := d.run(); err != nil {
		return nil, err
	}
	return d.changes, nil
}

// DiffPolicies compares the profiles of two policies that have the same name, under the policies' own feature sets unless
// the options have others. The names of profiles that only one has are returned beside the changes.
func DiffPolicies(old, new *Policy, opts *DiffOptions) (changes []Change, removed, added []string, err error) {
	o := DiffOptions{}
	if opts != nil {
		o = *opts
	}
	if o.OldFeatures == nil {
		o.OldFeatures = old.Features
	}
	if o.NewFeatures == nil {
		o.NewFeatures = new.Features
	}
	for _, p := range old.Profiles {
		q := new.Profile(p.FullName())
		if q == nil {
			removed = append(removed, p.FullName())
			continue
		}
		c, err := Diff(p, q, &o)
		if err != nil {
			return nil, nil, nil, err
		}
		changes = append(changes, c...)
	}
	for _, p := range new.Profiles {
		if old.Profile(p.FullName()) == nil {
			added = append(added, p.FullName())
		}
	}
	return changes, removed, added, nil
}

// Subset reports whether narrow never allows what wide does not: whether replacing wide by narrow can only take away. An
// execution that both allow must have the same transition. If not, the Change is a shortest request that shows it.
func Subset(narrow, wide *Profile, opts *DiffOptions) (bool, *Change, error) {
	o := DiffOptions{}
	if opts != nil {
		o = *opts
	}
	o.Logging = false
	// Old is what there was, the wide one; what narrow allows beyond it is newly allowed.
	changes, err := Diff(wide, narrow, &o)
	if err != nil {
		return false, nil, err
	}
	for i := range changes {
		if k := changes[i].Kind; k == NewlyAllowed || k == TransitionChanged {
			return false, &changes[i], nil
		}
	}
	return true, nil, nil
}

func featuresOr(f *Features) *Features {
	if f == nil {
		return DefaultFeatures()
	}
	return f
}

// differ compares two compiled profiles.
type differ struct {
	old, new *compiled
	logging  bool
	changes  []Change
}

func (d *differ) run() error {
	for _, u := range fileUniverses() {
		if err := d.compare(&u); err != nil {
			return err
		}
	}
	d.compareCaps()
	if d.old.net == d.new.net && d.old.unix == d.new.unix && d.old.inet == d.new.inet {
		for _, u := range classUniverses(d.old.net, d.old.unix, d.old.inet) {
			if err := d.compare(&u); err != nil {
				return err
			}
		}
	} else if err := d.compareAcrossNetworks(); err != nil {
		return err
	}
	d.compareFamilies()
	return nil
}

// compareAcrossNetworks compares the classes that both feature sets encode alike; sockets, which they do not, are
// compared one by one.
func (d *differ) compareAcrossNetworks() error {
	for _, u := range classUniverses(0, 0, false) {
		if err := d.compare(&u); err != nil {
			return err
		}
	}
	for family := range familyNames {
		if familyNames[family] == "" {
			continue
		}
		for _, typ := range [...]int{1, 2, 3, 4, 5, 6, 10} {
			d.compareRequest(Network{Family: family, Type: typ})
		}
	}
	return nil
}

// compare walks one universe.
func (d *differ) compare(u *universe) error {
	in, err := u.automaton()
	if err != nil {
		return err
	}
	a, b := d.old.db, d.new.db
	if u.files {
		a, b = d.old.file, d.new.file
	} else if done := d.compareMediation(u, in); done {
		return nil
	}
	seen := map[string]uint32{}
	if err := dfa.WalkIn(in, a.d, dfa.Start, b.d, dfa.Start, func(p dfa.Pair) bool {
		d.pair(u, a, b, p, seen)
		return true
	}); err != nil {
		return fmt.Errorf("apparmor: comparing %s rules of %s: %w", u.name, d.new.profile.FullName(), err)
	}
	return nil
}

// compareMediation handles a class that not both sides mediate: the difference is what the mediating side denies.
func (d *differ) compareMediation(u *universe, in *dfa.DFA) bool {
	first, ok := dfa.Shortest(in, dfa.Start, func(l int32) bool { return l != 0 })
	if !ok {
		return true
	}
	before := d.old.db.d.Step(dfa.Start, first[0]) != dfa.Dead
	after := d.new.db.d.Step(dfa.Start, first[0]) != dfa.Dead
	if before && after {
		return false
	}
	if before != after {
		side, kind := d.old.db, NewlyAllowed
		if after {
			side, kind = d.new.db, NewlyDenied
		}
		d.unmediatedChange(u, in, side, kind, before, after)
	}
	return true
}

// unmediatedChange reports a shortest input that the mediating side denies.
func (d *differ) unmediatedChange(u *universe, in *dfa.DFA, side *automaton, kind ChangeKind, before, after bool) {
	// A denied input may be one on which the automaton is dead, which a walk of it alone does not visit: walk the inputs.
	_ = dfa.WalkIn(in, in, dfa.Start, side.d, dfa.Start, func(p dfa.Pair) bool {
		missing := u.perms &^ side.verdict(p.B).allow
		if missing == 0 {
			return true
		}
		d.changes = append(d.changes, Change{Kind: kind, Profile: d.new.profile.FullName(),
			Request: u.request(string(p.Path()), missing, false), OldMediated: before, NewMediated: after})
		return false
	})
}
