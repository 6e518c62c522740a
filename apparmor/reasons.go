package apparmor

import (
	"sync"

	"github.com/gostockade/stockade/internal/dfa"
)

// aloneCache holds each rule of a profile compiled alone, for automata too large to know which rules matched.
type aloneCache struct {
	once  sync.Once
	rules []*compiled // one for each rule of the profile; nil where a rule has no automaton
}

// nameReasons finds the rules behind an answer of merged automata, by asking every rule alone and weighing those that
// match against each other. It costs about a microsecond for each rule of the class.
func (c *compiled) nameReasons(q Request, d *Decision) {
	if !d.Allowed && !d.Explicit && !d.Prompt {
		return
	}
	switch q.(type) {
	case Capability:
		return // not answered by an automaton
	}
	d.Because = nil
	var steps [][]*entry // the entries of all rules that match at each place asked
	var wants []uint32
	for _, one := range c.rulesAlone() {
		if one == nil {
			continue
		}
		var trace []traceStep
		q.evaluate(one, &Decision{trace: &trace, probe: true})
		for i, t := range trace {
			if i == len(steps) {
				steps, wants = append(steps, nil), append(wants, t.want)
			}
			for _, m := range t.a.matched(t.s) {
				if e := &t.a.entries[m]; e.rule != nil {
					steps[i] = append(steps[i], e)
				}
			}
		}
	}
	for i, entries := range steps {
		d.nameStep(entries, wants[i])
	}
}

// nameStep adds the rules that decided at one place.
func (d *Decision) nameStep(entries []*entry, want uint32) {
	kind := Allow
	if d.Explicit {
		kind = Deny
	} else if d.Prompt {
		kind = PromptUser
	}
	for _, e := range entries {
		if e.action == kind && e.perms&want&^outranked(e, entries) != 0 {
			d.add(e.rule)
		}
	}
}

// rulesAlone compiles every rule of the profile by itself, once.
func (c *compiled) rulesAlone() []*compiled {
	c.alone.once.Do(func() {
		for _, r := range c.profile.Rules {
			p := &Profile{Name: c.profile.Name, Namespace: c.profile.Namespace, Mode: c.profile.Mode, Rules: []Rule{r}}
			one, err := compile(p, c.features, dfa.Limits{})
			if err != nil {
				one = nil // together with the others it had an automaton; alone it needs less
			}
			c.alone.rules = append(c.alone.rules, one)
		}
	})
	return c.alone.rules
}
