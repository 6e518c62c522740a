package apparmor

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/gostockade/stockade/internal/dfa"
)

// EvaluateOptions says under what conditions a policy is evaluated. Nil, and the zero value, mean the policy's own feature
// set and the default limits.
type EvaluateOptions struct {
	// Features is the feature set that decides which classes are mediated; nil means Policy.Features. To ask what a given
	// kernel will do with the policy, pass policy.Features.Intersect(kernel).
	Features *Features
	// MaxStates bounds each automaton; 0 means 1<<19 states. A profile that needs more is an error.
	MaxStates int
}

// Evaluator answers questions to the profiles of a policy. Automata are built once for each profile, when it is first
// asked. It is safe for concurrent use.
type Evaluator struct {
	policy   *Policy
	features *Features
	limits   dfa.Limits
	profiles map[string]*lazyProfile

	attachOnce sync.Once
	attach     *attachments
	attachErr  error
}

type lazyProfile struct {
	profile *Profile
	once    sync.Once
	c       *compiled
	err     error
}

// ErrNoProfile is returned for a profile the policy does not have.
var ErrNoProfile = errors.New("no such profile in the policy")

// NewEvaluator prepares a policy for questions. It fails when two profiles have one name.
func NewEvaluator(p *Policy, opts *EvaluateOptions) (*Evaluator, error) {
	if opts == nil {
		opts = &EvaluateOptions{}
	}
	e := &Evaluator{policy: p, features: opts.Features, limits: dfa.Limits{States: opts.MaxStates}}
	if e.features == nil {
		e.features = p.Features
	}
	if e.features == nil {
		e.features = DefaultFeatures()
	}
	e.profiles = make(map[string]*lazyProfile, len(p.Profiles))
	for _, prof := range p.Profiles {
		name := prof.FullName()
		if e.profiles[name] != nil {
			return nil, fmt.Errorf("apparmor: %v: profile %s is defined twice", prof.Origin, name)
		}
		e.profiles[name] = &lazyProfile{profile: prof}
	}
	return e, nil
}

// Evaluate asks one profile, named in full. The error is ErrNoProfile, or a *PatternError or a limit when the profile's
// automata cannot be built; the Decision then denies.
func (e *Evaluator) Evaluate(profile string, q Request) (Decision, error) {
	return e.evaluate(profile, q, nil)
}

func (e *Evaluator) evaluate(profile string, q Request, trace *[]traceStep) (Decision, error) {
	c, err := e.compiled(profile)
	if err != nil {
		return Decision{Profile: profile}, err
	}
	d := Decision{Profile: profile, Mode: c.profile.Mode, trace: trace}
	if c.labelsOnly(q) {
		d.unmediated()
		d.trace = nil
		return d, nil
	}
	q.evaluate(c, &d)
	d.trace = nil
	if c.file.merged || c.db.merged {
		c.nameReasons(q, &d)
	}
	if d.Transition != nil {
		err = e.resolveTransition(c, q, &d)
	}
	return d, err
}

// labelsOnly reports whether the profile mediates nothing of the request's class: an unconfined profile only labels,
// except that it may restrict user namespaces and io_uring.
func (c *compiled) labelsOnly(q Request) bool {
	if c.profile.Mode != Unconfined {
		return false
	}
	switch q.Class() {
	case ClassUserns, ClassIOUring:
		return false
	}
	return true
}

// Evaluate asks the profile one question under a feature set; nil means DefaultFeatures. It builds the profile's automata
// each time: use an Evaluator to ask more than once, and to learn which profile an execution enters.
func (p *Profile) Evaluate(q Request, f *Features) (Decision, error) {
	e, err := NewEvaluator(&Policy{Profiles: []*Profile{p}, Features: f}, nil)
	if err != nil {
		return Decision{Profile: p.FullName()}, err
	}
	return e.Evaluate(p.FullName(), q)
}

func (e *Evaluator) compiled(profile string) (*compiled, error) {
	l := e.profiles[profile]
	if l == nil {
		return nil, fmt.Errorf("apparmor: %q: %w", profile, ErrNoProfile)
	}
	l.once.Do(func() { l.c, l.err = compile(l.profile, e.features, e.limits) })
	return l.c, l.err
}

// Prepare builds the automata of all profiles now, on all processors, and returns the first error in source order. Without it
// they are built when first asked.
func (e *Evaluator) Prepare() error {
	work := make(chan string)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for name := range work {
				_, _ = e.compiled(name) // the error is kept with the profile
			}
		}()
	}
	for _, p := range e.policy.Profiles {
		work <- p.FullName()
	}
	close(work)
	wg.Wait()
	for _, p := range e.policy.Profiles {
		if _, err := e.compiled(p.FullName()); err != nil {
			return err
		}
	}
	return e.buildAttachments()
}

// EvaluatePeers asks both sides of a signal, a trace or a unix socket connection: the profile named with the request, whose
// Peer or PeerLabel names the other, and that other profile for the reverse. Allowed is true when both allow; the other
// side's answer is in Decision.Peer. A peer that is "unconfined", or not in the policy, is not asked.
func (e *Evaluator) EvaluatePeers(profile string, q Request) (Decision, error) {
	d, err := e.Evaluate(profile, q)
	if err != nil {
		return d, err
	}
	label, reverse := reversed(profile, q)
	if reverse == nil {
		return d, fmt.Errorf("apparmor: %v has no other side to ask", q)
	}
	if label == profile && q.Class() == ClassPtrace {
		d.unmediated() // the kernel lets a task trace its own label (security/apparmor/ipc.c)
		return d, nil
	}
	if label == "unconfined" || e.profiles[label] == nil {
		return d, nil
	}
	other, err := e.Evaluate(label, reverse)
	if err != nil {
		return Decision{Profile: profile}, err
	}
	d.Peer = &other
	d.Allowed = d.Allowed && other.Allowed
	d.Unmediated = d.Unmediated && other.Unmediated
	return d, nil
}

// reversed returns the label of the other side and the question it is asked.
func reversed(profile string, q Request) (string, Request) {
	switch q := q.(type) {
	case Signal:
		return q.Peer, Signal{Signal: q.Signal, Access: swap(q.Access, SignalSend, SignalReceive), Peer: profile}
	case Ptrace:
		back := swap(q.Access, PtraceTrace, PtraceTracedby) & (PtraceTrace | PtraceTracedby)
		back |= swap(q.Access, PtraceRead, PtraceReadby) & (PtraceRead | PtraceReadby)
		return q.Peer, Ptrace{Access: back, Peer: profile}
	case Unix:
		back := swap(q.Access, NetSend, NetReceive)&(NetSend|NetReceive) | swap(q.Access, NetConnect, NetAccept)&(NetConnect|NetAccept)
		return q.PeerLabel, Unix{Type: q.Type, Access: back, Addr: q.PeerAddr, Label: q.PeerLabel, PeerAddr: q.Addr, PeerLabel: profile}
	}
	return "", nil
}

// swap exchanges two bits.
func swap[T ~uint32](v, a, b T) T {
	out := v &^ (a | b)
	if v&a != 0 {
		out |= b
	}
	if v&b != 0 {
		out |= a
	}
	return out
}

// resolveTransition finds the label an execution enters.
func (e *Evaluator) resolveTransition(c *compiled, q Request, d *Decision) error {
	file, ok := q.(File)
	if !ok {
		return nil
	}
	t := d.Transition
	switch t.Mode {
	case ExecInherit:
		t.Enters = c.profile.FullName()
	case ExecUnconfined:
		t.Enters = "unconfined"
	case ExecProfile, ExecChild:
		return e.enterProfile(c.profile, file.Path, t)
	}
	return nil
}

// enterProfile finds the profile of a p or c transition: the named one, or the one that attaches to the path.
func (e *Evaluator) enterProfile(from *Profile, path string, t *Transition) error {
	if t.Target != "" {
		t.Enters = stacked(from, t.Target)
		return nil
	}
	if err := e.buildAttachments(); err != nil {
		return err
	}
	parent := from
	if t.Mode == ExecProfile {
		parent = nil
	}
	if p := e.attach.find(from.Namespace, parent, path); p != nil {
		t.Enters = p.FullName()
		return nil
	}
	switch t.Fallback {
	case FallbackInherit:
		t.Enters = from.FullName()
	case FallbackUnconfined:
		t.Enters = "unconfined"
	}
	return nil
}

// stacked completes a target that stacks on the current profile.
func stacked(from *Profile, target string) string {
	if strings.HasPrefix(target, "&") {
		return from.FullName() + "//" + target
	}
	return target
}
