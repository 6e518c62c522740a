package seccomp

import (
	"errors"
	"fmt"
	"sync"
)

// Simulate returns what the profile does with a call on the kernel that serves the call's ABI. A profile whose Arches are nil
// means that kernel's primary ABI. On an error, which is the profile's as from Validate or an invalid Call.Arch, the action is
// KillProcess.
//
// It resolves the profile each time; for many calls use a Simulator.
func (p *Profile) Simulate(c Call) (Action, error) {
	return (&Simulator{profile: p}).Simulate(c)
}

// Simulator answers for a profile that does not change meanwhile. It may be used by several goroutines at once. The zero value
// has no profile and answers KillProcess with an error.
type Simulator struct {
	profile  *Profile
	mu       sync.Mutex
	diagrams map[Arch]*diagram // by primary ABI
}

// NewSimulator returns a Simulator for the profile, or what is wrong with the profile.
func NewSimulator(p *Profile) (*Simulator, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Simulator{profile: p}, nil
}

// Simulate returns what the profile does with a call; see Profile.Simulate.
func (s *Simulator) Simulate(c Call) (Action, error) {
	o, err := s.decide(c)
	if err != nil {
		return KillProcess, fmt.Errorf("seccomp: simulate: %w", err)
	}
	return o.action, nil
}

// decide returns the outcome of a call, rule included.
func (s *Simulator) decide(c Call) (outcome, error) {
	d, err := s.diagram(c.Arch)
	if err != nil {
		return outcome{}, err
	}
	return d.decide(c), nil
}

// diagram returns the profile's canonical form for the kernel that serves an ABI.
func (s *Simulator) diagram(arch Arch) (*diagram, error) {
	if s.profile == nil {
		return nil, invalid("no profile; a Simulator comes from NewSimulator")
	}
	if !arch.Valid() {
		return nil, invalid("ABI %d", uint8(arch))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target := arch.Primary()
	d, ok := s.diagrams[target]
	if !ok {
		var err error
		if d, err = resolveAny(s.profile, target, true); err != nil {
			return nil, err
		}
		if s.diagrams == nil {
			s.diagrams = map[Arch]*diagram{}
		}
		s.diagrams[target] = d
	}
	return d, nil
}

// resolveAny is resolve for a kernel that may serve none of the profile's ABIs: then every call is foreign.
func resolveAny(p *Profile, target Arch, keepRules bool) (*diagram, error) {
	d, err := resolve(p, target, keepRules)
	if errors.Is(err, ErrNoArch) {
		return &diagram{target: target.Primary(), foreign: p.Foreign}, nil
	}
	return d, err
}
