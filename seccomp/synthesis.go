package seccomp

import (
	"errors"
	"slices"

	"github.com/gostockade/stockade/internal/bdd"
	"github.com/gostockade/stockade/internal/syscalls"
)

// A synthesis looks for a profile with a given meaning. It writes rules for every named call from the call's function of the
// arguments, in several ways where the model leaves a choice, and takes the first profile that is proved to have the meaning.
type synthesis struct {
	def, foreign Action
	flags        Flags
	abis         []Arch // to write rules for
	unlisted     bool   // the result lists no ABIs
	parts        []combination
}

// part returns the kernel that serves an ABI.
func (s *synthesis) part(arch Arch) *combination {
	i := slices.IndexFunc(s.parts, func(c combination) bool { return slices.Contains(c.abis, arch) })
	return &s.parts[i]
}

// A muxStyle is a way to write rules for calls that socketcall and ipc can also make.
type muxStyle uint8

const (
	muxImplied muxStyle = iota // rules for the calls govern the multiplexer too, which has rules of its own only if it is one action
	muxBoth                    // the multiplexer has rules of its own besides
	muxDirect                  // rules for the calls are Direct, the multiplexer has its own
)

// profile tries to write the meaning down.
func (s *synthesis) profile(newers []*Newer) (*Profile, error) {
	styles := []muxStyle{muxImplied}
	if slices.ContainsFunc(s.abis, func(a Arch) bool { return a.multiplexes() }) {
		styles = append(styles, muxBoth, muxDirect)
	}
	var failure error
	for _, newer := range newers {
		for _, style := range styles {
			p, err := s.write(newer, style)
			if err == nil {
				err = s.prove(p)
			}
			if err == nil {
				return p, nil
			}
			failure = tellingFailure(failure, err)
		}
	}
	return nil, failure
}

// tellingFailure returns the error that says more about why no profile will do: one about a number that no rule can name.
func tellingFailure(before, now error) error {
	unnamed := func(err error) bool {
		var e *InexpressibleError
		if !errors.As(err, &e) || e.Call == (Call{}) {
			return false
		}
		_, named := e.Call.Name()
		return !named
	}
	if before == nil || unnamed(now) && !unnamed(before) {
		return now
	}
	return before
}

// multiplexes reports whether some calls of the ABI can be made through socketcall or ipc.
func (a Arch) multiplexes() bool {
	for range syscalls.MuxNames(a.abi()) {
		return true
	}
	return false
}

// newers returns the answers to newer calls that may give the meaning: none, or the action of the numbers above all names.
func (s *synthesis) newers(a, b *Profile) []*Newer {
	for _, arch := range s.abis {
		part := s.part(arch)
		action, ok := part.g.Value(atNumber(part.g, part.n, arch, numberAbove(arch)))
		if !ok || Action(action) == s.def {
			continue
		}
		var out []*Newer
		for _, p := range []*Profile{a, b} {
			if p.Newer != nil && !p.Newer.Since.IsZero() {
				out = append(out, &Newer{Action(action), p.Newer.Since})
			}
		}
		out = append(out, &Newer{Action: Action(action)})
		return append(out, &Newer{Action(action), KernelVersion{255, 255}}) // only numbers that have no name yet
	}
	return []*Newer{nil}
}

// numberAbove returns a number of the ABI that is above all names.
func numberAbove(arch Arch) uint32 {
	if arch == X32 {
		return lastX32
	}
	return numberEnd(arch)
}

// prove returns nil if the profile has the meaning, else an *InexpressibleError.
func (s *synthesis) prove(p *Profile) error {
	for i := range s.parts {
		part := &s.parts[i]
		d, err := resolveAny(p, part.target, false)
		if err != nil {
			return &InexpressibleError{Reason: err.Error()}
		}
		got := d.function(part.g)
		if err := part.g.Err(); err != nil {
			return err
		}
		if got != part.n {
			call, audit := differ(part.g, part.n, got, part.target)
			reason := "rules need names, and the default for calls without is another"
			if _, named := call.Name(); named {
				reason = "no way to write rules for it was found"
			}
			return &InexpressibleError{call, value(part.g, part.n, call, audit), reason}
		}
	}
	return nil
}

// write makes a profile whose named calls have the right action.
func (s *synthesis) write(newer *Newer, style muxStyle) (*Profile, error) {
	p := &Profile{Default: s.def, Foreign: s.foreign, Newer: newer, Flags: s.flags}
	if !s.unlisted {
		p.Arches = slices.Clone(s.abis)
	}
	w := ruleWriter{s: s, style: style, index: map[string]int{}, memo: map[memoKey][]body{}}
	for _, arch := range s.abis {
		if err := w.abi(arch, newer); err != nil {
			return nil, err
		}
	}
	p.Rules = w.rules()
	return p, nil
}

// implicit says what an ABI's numbers get without a rule.
type implicit struct {
	arch  Arch
	def   Action
	newer *Newer
	from  uint32 // first number above all that rules name, for a Newer without Since
}

// implicit returns what numbers get without a rule. For a Newer without Since the numbers above the last rule must begin where the
// function begins to be Newer's action for good.
func (s *synthesis) implicit(arch Arch, newer *Newer) implicit {
	im := implicit{arch, s.def, newer, 0}
	if newer == nil || !newer.Since.IsZero() {
		return im
	}
	part := s.part(arch)
	want := part.g.Terminal(uint32(newer.Action))
	eachRun(part.g, part.n, arch, func(lo, hi uint32, n bdd.Node) bool {
		if n != want {
			im.from = hi + 1
		}
		return hi != numberAbove(arch)
	})
	if im.from == 0 { // no number to begin after: every named call needs its rule
		im.from = 1<<32 - 1
	}
	return im
}

func (im *implicit) action(nr uint32, name string) Action {
	switch {
	case im.newer == nil:
		return im.def
	case im.newer.Since.IsZero():
		if nr >= im.from {
			return im.newer.Action
		}
		return im.def
	}
	major, minor, ok := syscalls.Introduced(im.arch.abi(), name)
	if ok && im.newer.Since.Less(KernelVersion{major, minor}) {
		return im.newer.Action
	}
	return im.def
}

// mustName reports whether a number needs a rule even if it changes nothing, to mark where newer numbers begin.
func (im *implicit) mustName(nr uint32) bool {
	return im.newer != nil && im.newer.Since.IsZero() && nr+1 == im.from
}
