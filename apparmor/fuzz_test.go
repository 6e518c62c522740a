package apparmor

import (
	"testing"

	"github.com/gostockade/stockade/apparmor/syntax"
	"github.com/gostockade/stockade/internal/dfa"
)

// FuzzEvaluate takes any policy text as far as it goes: whatever resolves must compile or hit a limit, answer requests,
// and not differ from itself.
func FuzzEvaluate(f *testing.F) {
	f.Add("profile x { /etc/** r, deny /etc/shadow rw, /bin/* Px -> y, capability, network inet, }", "/etc/shadow r")
	f.Add("profile x { mount options in (ro, bind) /a -> /b/, umount, pivot_root, remount /, }", "mount options=(ro) /a -> /b/")
	f.Add("profile x { unix (connect) type=stream addr=@a* peer=(addr=none label=y), dbus bus=system, signal set=(rtmin+3), ptrace, }", "signal send set=term peer=y")
	f.Add("profile x { change_profile /x -> a//b, link subset /a/** -> /b, owner /h/** rwk, mqueue 12, userns, io_uring, all, }", "link /a/b -> /b")
	f.Add("profile x { network inet tcp ip=::1 port=1-70 peer=(ip=none), priority=5 deny /a r, }", "network connect inet stream ip=127.0.0.1 port=5")
	f.Fuzz(func(t *testing.T, text, request string) {
		if len(text) > 2000 {
			t.Skip("long policy is covered by short")
		}
		file, err := syntax.Parse("x", []byte(text))
		if err != nil {
			return
		}
		p, err := Resolve(file, nil)
		if err != nil {
			return
		}
		p.Features = testFeatures(t)
		q, reqErr := ParseRequest(request)
		for _, prof := range p.Profiles {
			limits := dfa.Limits{States: 3000, Work: 1 << 22}
			if _, err := compile(prof, p.Features, limits); err != nil {
				continue
			}
			if reqErr == nil {
				e := evaluator(t, &Policy{Profiles: []*Profile{prof}, Features: p.Features})
				x, err := e.Explain(prof.FullName(), q)
				if err != nil {
					t.Fatalf("%v", err)
				}
				_ = x.String()
				if x.Decision.Allowed && x.Decision.Missing != "" {
					t.Errorf("%v: allowed %v, missing %q", q, x.Decision.Allowed, x.Decision.Missing)
				}
			}
			changes, err := Diff(prof, prof, &DiffOptions{OldFeatures: p.Features, NewFeatures: p.Features, Logging: true, MaxStates: 3000})
			if err == nil && changes != nil {
				t.Errorf("the profile differs from itself: %v", changes)
			}
		}
	})
}
