package apparmor

import (
	"fmt"

	"github.com/gostockade/stockade/internal/dfa"
)

// attachments finds the profile that attaches to an executable: the automaton of all attachment patterns, each entry a
// profile.
type attachments struct {
	d        *dfa.DFA
	patterns []attachment
}

type attachment struct {
	profile *Profile
	literal bool
	length  int // what the pattern counts for: the length of the shortest match
}

func (e *Evaluator) buildAttachments() error {
	e.attachOnce.Do(func() { e.attach, e.attachErr = newAttachments(e.policy, e.limits) })
	return e.attachErr
}

func newAttachments(p *Policy, limits dfa.Limits) (*attachments, error) {
	a := &attachments{}
	b := dfa.NewBuilder(limits)
	for _, prof := range p.Profiles {
		if prof.Hat {
			continue
		}
		patterns := prof.AttachmentAliases
		if prof.Attachment != "" {
			patterns = append([]string{prof.Attachment}, patterns...)
		}
		for _, pattern := range patterns {
			if err := a.add(b, prof, pattern); err != nil {
				return nil, fmt.Errorf("apparmor: %v: attachment of profile %s: %w", prof.Origin, prof.FullName(), err)
			}
		}
	}
	var err error
	if a.d, err = b.Build(); err != nil {
		return nil, fmt.Errorf("apparmor: attachments: %w", err)
	}
	return a, nil
}

func (a *attachments) add(b *dfa.Builder, prof *Profile, pattern string) error {
	text, err := dfa.Glob(squeezeSlashes(pattern), dfa.GlobPath)
	if err != nil {
		return err
	}
	x, err := dfa.Parse(text)
	if err != nil {
		return err
	}
	a.patterns = append(a.patterns, attachment{prof, x.Exact(), x.MinLen()})
	return b.Add(x, int32(len(a.patterns)-1))
}

// find returns the profile of the namespace that attaches to path: among the children of parent, or among top-level
// profiles when parent is nil. A literal attachment wins, then the longest; nil when none matches, or when two match
// equally well, which the kernel takes for none (domain.c, find_attach).
func (a *attachments) find(namespace string, parent *Profile, path string) *Profile {
	var best *attachment
	tie := false
	for _, i := range a.d.Match(path) {
		x := &a.patterns[i]
		if x.profile.Namespace != namespace || x.profile.Parent != parent || best != nil && x.profile == best.profile {
			continue
		}
		switch {
		case best == nil || x.better(best):
			best, tie = x, false
		case !best.better(x):
			tie = true
		}
	}
	if best == nil || tie {
		return nil
	}
	return best.profile
}

func (x *attachment) better(y *attachment) bool {
	if x.literal != y.literal {
		return x.literal
	}
	return x.length > y.length
}
