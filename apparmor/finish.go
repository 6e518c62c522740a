package apparmor

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/dfa"
)

// finishProfile does what needs the whole profile: implied rules, aliases, and the checks of all patterns and of exec
// transitions against each other.
func (r *resolver) finishProfile(b *profileBuilder) {
	r.implied(b)
	r.aliasRules(b)
	if r.mergeConflicts(b) {
		return
	}
	nerr := len(r.errs)
	for _, rule := range b.Rules {
		r.finishRule(b, rule)
		if r.stopped {
			return
		}
	}
	if len(r.errs) == nerr {
		r.execConflicts(b)
	}
}

// finishRule checks the patterns of a rule and removes repeated slashes from paths.
func (r *resolver) finishRule(b *profileBuilder, rule Rule) {
	switch x := rule.(type) {
	case *FileRule:
		x.Path = squeezeSlashes(x.Path)
		x.LinkTarget = squeezeSlashes(x.LinkTarget)
		if plainPattern(x.Path) && x.LinkTarget == "" {
			return
		}
	case *MountRule:
		x.Source, x.MountPoint = squeezeSlashes(x.Source), squeezeSlashes(x.MountPoint)
	case *UmountRule:
		x.MountPoint = squeezeSlashes(x.MountPoint)
	case *PivotRootRule:
		x.OldRoot, x.NewRoot = squeezeSlashes(x.OldRoot), squeezeSlashes(x.NewRoot)
	case *UnixRule:
		r.unixAddr(x, &x.Addr)
		r.unixAddr(x, &x.PeerAddr)
	case *DbusRule:
		x.Path = squeezeSlashes(x.Path)
	case *CapabilityRule, *RlimitRule, *UsernsRule:
		return
	}
	q := rule.Quals()
	eachPattern(rule, func(p string, null bool) {
		if err := checkPattern(p, null); err != nil {
			r.fail(q.Origin.Pos, q.Origin.From, patternMessage(p, err), "")
		}
	})
}

// unixAddr brings an address whose variables are replaced into its final form. Apparmor_parser takes the first character
// of an abstract address for the @ whatever it is, which spoils a variable with several values.
func (r *resolver) unixAddr(x *UnixRule, addr *string) {
	a := squeezeSlashes(*addr)
	*addr = a
	if a == "" || a == "none" || a == "auto" || a[0] == '@' {
		return
	}
	if a[0] == '{' {
		r.fail(x.Origin.Pos, x.Origin.From, fmt.Sprintf("unix address %q has alternatives where its @ should be", a), "write @ before a variable whose values have none")
		return
	}
	r.warn(x.Origin.Pos, x.Origin.From, fmt.Sprintf("unix address %q does not begin with @; its first character is taken for it", a))
	*addr = "@" + a[1:]
}

// pattern checks a pattern of a profile's header.
func (r *resolver) pattern(b *profileBuilder, pos syntax.Pos, p string, null bool) {
	if err := checkPattern(p, null); err != nil {
		r.fail(pos, b.from, patternMessage(p, err), "")
	}
}

func patternMessage(p string, err error) string {
	if len(p) > 200 {
		p = p[:200] + "..."
	}
	return fmt.Sprintf("bad pattern %q: %v", p, err)
}

// plainPattern reports whether a pattern has nothing that could be malformed.
func plainPattern(p string) bool { return !strings.ContainsAny(p, `[]{}\`) }

// checkPattern checks a pattern as the automata's compiler would.
func checkPattern(p string, null bool) error {
	if plainPattern(p) {
		return nil
	}
	if !strings.ContainsAny(p, `[]\`) {
		return checkBraces(p)
	}
	kind := dfa.GlobPath
	if null {
		kind = dfa.GlobNull
	}
	re, err := dfa.Glob(p, kind)
	if err != nil {
		return err
	}
	_, err = dfa.Parse(re)
	return err
}

// checkBraces checks a pattern whose only grouping is {a,b}.
func checkBraces(p string) error {
	var commas [dfa.MaxAlternationDepth]bool
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '{':
			if depth++; depth >= dfa.MaxAlternationDepth {
				return fmt.Errorf("{} nested too deeply at offset %d", i)
			}
			commas[depth] = false
		case ',':
			commas[depth] = true
		case '}':
			switch {
			case depth == 0:
				return fmt.Errorf("} without { at offset %d", i)
			case !commas[depth]:
				return fmt.Errorf("{} with a single alternative at offset %d", i)
			}
			depth--
		}
	}
	if depth > 0 {
		return fmt.Errorf("{ without }")
	}
	return nil
}
