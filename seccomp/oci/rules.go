package oci

import (
	"fmt"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/internal/syscalls"
	"github.com/gostockade/stockade/seccomp"
)

// rules feeds the document's rules to the databases, in order, as runc does (InitSeccomp).
func (im *importer) rules() {
	im.seen = make(map[string]bool)
	for i := range im.spec.Syscalls {
		im.rule(i, &im.spec.Syscalls[i])
	}
	for _, m := range im.muxed {
		im.reportMuxed(m)
	}
}

// tooLarge refuses documents that could not become a profile, before any work that grows faster than they do.
func (im *importer) tooLarge() error {
	names := 0
	for i := range im.spec.Syscalls {
		names += len(im.spec.Syscalls[i].Names)
	}
	if rules := len(im.spec.Syscalls); rules > seccomp.MaxRules || names > seccomp.MaxNames {
		return fmt.Errorf("%w: %d rules with %d names, at most %d with %d", seccomp.ErrTooLarge, rules, names, seccomp.MaxRules, seccomp.MaxNames)
	}
	return nil
}

func (im *importer) rule(i int, c *specs.LinuxSyscall) {
	if len(c.Names) == 0 {
		return // no effect in any runtime
	}
	im.entries += len(c.Names)
	action, ok := im.action(c.Action, c.ErrnoRet, i, "/action", "/errnoRet")
	alternatives, argsOK := im.conditions(i, c.Args)
	if !ok || !argsOK {
		return
	}
	if action == seccomp.Notify && im.opts.Runtime != Crun && slices.Contains(c.Names, "write") {
		im.refuse(i, "/names", "runc cannot hand over the descriptor when write is notified")
	}
	if action == seccomp.KillThread && im.def != seccomp.KillThread {
		im.note(Warning, i, "/action", CodeKillThread, "%s ends only the calling thread: a Go program hangs; use SCMP_ACT_KILL_PROCESS", c.Action)
	}
	known := im.known(i, c.Names)
	if action == im.def {
		im.equalsDefault(i, c)
		return
	}
	im.checkWidth(i, alternatives)
	f := findings{}
	for _, name := range known {
		for _, args := range alternatives {
			for _, db := range im.dbs {
				hits, muxed := im.addName(db, name, entry{rule: i, action: action, args: args})
				f.add(name, hits, muxed && len(args) > 0)
			}
		}
	}
	im.report(i, f)
}

// known returns the names that the runtime's libseccomp knows, and reports the others.
func (im *importer) known(rule int, names []string) []string {
	var known, unknown []string
	for j, name := range names {
		switch {
		case name == "":
			im.refuse(rule, pointerIndex("/names", j), "the empty string is no system call")
		case !syscalls.Known(name) || im.tooNew(name):
			unknown = append(unknown, name)
		default:
			known = append(known, name)
			if !im.seen[name] {
				im.seen[name] = true
				im.names = append(im.names, name)
			}
		}
	}
	if len(unknown) > 0 {
		im.noteNames(Warning, rule, "/names", CodeUnknownName, unknown, "skipped, libseccomp knows no such call")
	}
	return known
}

// number returns the number of a call in an ABI as the runtime's libseccomp knows it: calls that reached the ABI after the release
// the library knows are not there.
func (im *importer) number(arch seccomp.Arch, name string) (uint32, bool) {
	nr, ok := arch.Number(name)
	if !ok || im.opts.Known.IsZero() {
		return nr, ok
	}
	major, minor, dated := syscalls.Introduced(syscalls.ABI(arch), name)
	if !dated { // then it is as old as anywhere
		return nr, !im.tooNew(name)
	}
	return nr, !im.opts.Known.Less(seccomp.KernelVersion{Major: major, Minor: minor})
}

// tooNew reports whether the call came to Linux, on whatever ABI, after the release the library knows.
func (im *importer) tooNew(name string) bool {
	if im.opts.Known.IsZero() {
		return false
	}
	found := false
	for abi := syscalls.AMD64; abi.Valid(); abi++ {
		major, minor, ok := syscalls.Introduced(abi, name)
		if ok && !im.opts.Known.Less(seccomp.KernelVersion{Major: major, Minor: minor}) {
			return false
		}
		found = found || ok
	}
	return found
}

// equalsDefault reports a dropped rule: it matters if another rule for one of the calls is there to be overridden.
func (im *importer) equalsDefault(i int, c *specs.LinuxSyscall) {
	if im.actions == nil {
		im.actions = make(map[string][]specs.LinuxSeccompAction)
		for _, o := range im.spec.Syscalls {
			for _, name := range o.Names {
				if !slices.Contains(im.actions[name], o.Action) {
					im.actions[name] = append(im.actions[name], o.Action)
				}
			}
		}
	}
	var overridden []string
	for _, name := range c.Names {
		if slices.ContainsFunc(im.actions[name], func(a specs.LinuxSeccompAction) bool { return a != c.Action }) {
			overridden = append(overridden, name)
		}
	}
	if len(overridden) > 0 {
		im.noteNames(Warning, i, "", CodeEqualsDefault, overridden, "dropped because its action is the default; other rules decide")
		return
	}
	im.note(Info, i, "", CodeEqualsDefault, "dropped because its action is the default")
}

// checkWidth reports conditions that lose bits on an ABI.
func (im *importer) checkWidth(i int, alternatives [][]seccomp.Arg) {
	for _, db := range im.dbs {
		if halves(db.arch) && slices.ContainsFunc(alternatives, cut) {
			im.note(Warning, i, "/args", CodeTruncated, "values and masks beyond 32 bits are cut on %v", db.arch)
			return
		}
	}
}

// findings gathers what the databases report about one rule of the document, by kind.
type findings struct {
	muxed []string
	hits  []finding
}

type finding struct {
	conflict
	names []string
}

func (f *findings) add(name string, hits []conflict, muxed bool) {
	if muxed && !slices.Contains(f.muxed, name) {
		f.muxed = append(f.muxed, name)
	}
	for _, h := range hits {
		at := slices.IndexFunc(f.hits, func(o finding) bool {
			return o.code == h.code && o.lost.rule == h.lost.rule && o.winner.rule == h.winner.rule
		})
		if at < 0 {
			f.hits = append(f.hits, finding{conflict: h})
			at = len(f.hits) - 1
		}
		if names := &f.hits[at].names; !slices.Contains(*names, name) {
			*names = append(*names, name)
		}
	}
}

// A muxed is a rule with conditions for calls that can also be made through a multiplexer.
type muxed struct {
	rule  int
	names []string
}

// reportMuxed reports conditions that a multiplexer does not keep, where no rule for the multiplexer itself decides.
func (im *importer) reportMuxed(m muxed) {
	open := slices.DeleteFunc(m.names, func(name string) bool {
		return !slices.ContainsFunc(im.dbs, func(db *database) bool {
			mux, ok := syscalls.Multiplexed(syscalls.ABI(db.arch), name)
			return ok && db.calls[mux.Call] != nil && db.calls[mux.Call].always == nil
		})
	})
	if len(open) > 0 {
		im.noteNames(Warning, m.rule, "/args", CodeMultiplexed, open, "through socketcall and ipc the condition on argument 0 is lost and "+
			"the others compare unrelated values")
	}
}

func (im *importer) report(i int, f findings) {
	if len(f.muxed) > 0 {
		im.muxed = append(im.muxed, muxed{i, f.muxed})
	}
	for _, h := range f.hits {
		lost, winner := h.lost.rule, pointer(h.winner.rule, "")
		switch h.code {
		case CodeUnconditionalWins:
			im.noteNames(Warning, lost, "", h.code, h.names, "has no effect, because %s has no conditions; the order does not matter", winner)
		case CodeFirstWins:
			im.noteNames(Warning, lost, "", h.code, h.names, "has no effect, because %s decides already", winner)
		case CodeOverlap:
			im.noteNames(Warning, lost, "", h.code, h.names, "has no effect, because its conditions begin with those of %s", winner)
		case codeRefused:
			im.refuse(lost, "", "for %s it has the conditions of %s, or the first of them, and another action (libseccomp returns EEXIST)", listed(h.names), winner)
		}
	}
}
