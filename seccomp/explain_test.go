package seccomp

import (
	"errors"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	p := &Profile{
		Default: Errno(1), Newer: &Newer{Action: Errno(38)}, Arches: []Arch{AMD64, I386},
		Rules: []Rule{
			{Names: []string{"socket"}, Action: Allow, Args: []Arg{{Op: LE, Value: 10}}, Origin: "web.json"},
			{Names: []string{"socket"}, Action: Errno(97), Args: []Arg{{Value: 10}}},
			{Names: []string{"socket", "read"}, Action: Log, Args: []Arg{{Index: 2, Value: 7}}},
			{Names: []string{"read"}, Action: Allow},
			{Names: []string{"bind", "read"}, Action: Allow},
			{Names: []string{"write"}, Action: Trap, Arches: []Arch{I386}},
			{Names: []string{"accept4"}, Action: KillProcess, Args: []Arg{{Index: 3, Width: Width32, Value: 5}}},
			{Names: []string{"listen"}, Action: Allow, Direct: true},
			{Names: []string{"personality"}, Action: Allow, Args: []Arg{{Value: 8}}},
		},
	}
	for _, c := range []struct {
		arch Arch
		name string
		args []uint64
		want string
	}{
		{AMD64, "socket", []uint64{2}, `amd64 socket(2, 0, 0, 0, 0, 0): allow
  because rule 0 (web.json) matches: arg0 <= 10
  not rule 1, errno 97: arg0 == 10 is false, arg0 is 2
  not rule 2, log: arg2 == 7 is false, arg2 is 0
`},
		{AMD64, "socket", []uint64{10, 1, 7}, `amd64 socket(10, 1, 7, 0, 0, 0): errno 97
  because rule 1 matches: arg0 == 10
  not rule 0 (web.json), allow: it matches too, but errno 97 is more restrictive
  not rule 2, log: it matches too, but errno 97 is more restrictive
`},
		{AMD64, "socket", []uint64{40}, `amd64 socket(40, 0, 0, 0, 0, 0): errno 1
  because no rule for it matches, and this is the default
  not rule 0 (web.json), allow: arg0 <= 10 is false, arg0 is 40
  not rule 1, errno 97: arg0 == 10 is false, arg0 is 40
  not rule 2, log: arg2 == 7 is false, arg2 is 0
`},
		{AMD64, "read", nil, `amd64 read(0, 0, 0, 0, 0, 0): allow
  because rule 3 is for it, whatever the arguments
  not rule 2, log: arg2 == 7 is false, arg2 is 0
  not rule 4, allow: it matches too, but rule 3 comes first
`},
		{AMD64, "write", nil, `amd64 write(0, 0, 0, 0, 0, 0): errno 1
  because no rule for it matches, and this is the default
  not rule 5, trap: it is only for [386]
`},
		{AMD64, "personality", []uint64{8 | 1<<32}, `amd64 personality(0x100000008, 0, 0, 0, 0, 0): errno 1
  because no rule for it matches, and this is the default
  not rule 8, allow: arg0 == 8 is false, arg0 is 0x100000008; only the upper half makes the difference, which the kernel ignores if it takes the argument as an int (Width32)
`},
		{I386, "personality", []uint64{8 | 1<<32}, `386 personality(0x100000008, 0, 0, 0, 0, 0): allow
  because rule 8 matches: arg0 == 8
  note: arg0 is 0x100000008, of which 386 sees the lower half only
`},
		{AMD64, "dup", nil, "amd64 dup(0, 0, 0, 0, 0, 0): errno 1\n  because no rule names it, and this is the default\n"},
		{AMD64, "mseal", nil, "amd64 mseal(0, 0, 0, 0, 0, 0): errno 38\n  because the call is newer than the profile knows\n"},
		{X32, "read", nil, "x32 read(0, 0, 0, 0, 0, 0): kill_process\n  because the profile is not for x32\n"},
		{I386, "socketcall", []uint64{2}, `386 socketcall(2, 0, 0, 0, 0, 0): allow
  because rule 4 is for bind, which this is a way to make
  note: this is bind made through socketcall: its arguments lie in memory, where no filter can look
`},
		{I386, "socketcall", []uint64{1}, `386 socketcall(1, 0, 0, 0, 0, 0): errno 1
  because no rule for it matches, and this is the default
  not rule 0 (web.json), allow: it is for socket with conditions, which cannot be checked through socketcall, so that it must not open the call
  not rule 1, errno 97: it is for socket with conditions, which cannot be checked through socketcall, so that it must not open the call
  not rule 2, log: it is for socket with conditions, which cannot be checked through socketcall, so that it must not open the call
  note: this is socket made through socketcall: its arguments lie in memory, where no filter can look
`},
		{I386, "socketcall", []uint64{18}, `386 socketcall(18, 0, 0, 0, 0, 0): kill_process
  because rule 6 is for accept4, which this is a way to make
  note: this is accept4 made through socketcall: its arguments lie in memory, where no filter can look
`},
		{I386, "socketcall", []uint64{4}, `386 socketcall(4, 0, 0, 0, 0, 0): errno 1
  because no rule for it matches, and this is the default
  not rule 7, allow: it is for listen made directly, not through socketcall
  note: this is listen made through socketcall: its arguments lie in memory, where no filter can look
`},
		{I386, "bind", nil, `386 bind(0, 0, 0, 0, 0, 0): allow
  because rule 4 is for it, whatever the arguments
  note: bind can also be made as socketcall(2, ...) there, whose action is allow
`},
	} {
		call, err := CallByName(c.arch, c.name, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		e, err := p.Explain(call)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.String(); got != c.want {
			t.Errorf("got:\n%swant:\n%s", got, c.want)
		}
	}
	if e, err := new(Simulator).Explain(Call{Arch: AMD64}); err == nil || e.Action != KillProcess || e.Rule != -1 {
		t.Errorf("no profile: %+v, %v", e, err)
	}
	bad := &Profile{Rules: []Rule{{Names: []string{"nothing"}}}}
	if _, err := bad.Explain(Call{Arch: AMD64}); !errors.Is(err, ErrUnknownSyscall) {
		t.Errorf("invalid profile: %v", err)
	}
}

// TestExplainRandom: the action is the oracle's, the rule named has it, and every rule that names the call is accounted for once.
func TestExplainRandom(t *testing.T) {
	for seed := range uint64(60) {
		g := newGenerator(5000 + seed)
		p, target := g.profile()
		o := newOracle(p, target)
		explicit := *p
		explicit.Arches = o.listed
		sim, err := NewSimulator(&explicit)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.corners(p, target, 1) {
			call, ok := c.call(target)
			if !ok {
				continue
			}
			e, err := sim.Explain(call)
			if err != nil {
				t.Fatal(err)
			}
			if want := o.action(c.audit, c.nr, c.args); e.Action != want {
				t.Fatalf("%v\nthe oracle says %v\n%+v", &e, want, p)
			}
			checkExplanation(t, &e, p, o)
		}
	}
}

func checkExplanation(t *testing.T, e *Explanation, p *Profile, o *oracle) {
	t.Helper()
	if e.Rule >= 0 && p.Rules[e.Rule].Action != e.Action {
		t.Fatalf("%v\nrule %d has another action", e, e.Rule)
	}
	told := map[int]int{e.Rule: 1}
	for _, other := range e.Others {
		told[other.Rule]++
		if other.Why == "" || told[other.Rule] != 1 {
			t.Fatalf("%v\nrule %d is explained %d times", e, other.Rule, told[other.Rule])
		}
		if strings.Contains(other.Why, "more restrictive") != (strings.Contains(other.Why, "matches too") && other.Action.Kind() > e.Action.Kind()) {
			t.Fatalf("%v\nrule %d is not outranked", e, other.Rule)
		}
	}
	abi := e.Call.abi()
	for _, m := range o.view(abi).all {
		if nr, ok := abi.Number(m.name); ok && nr == e.Call.Nr && o.abi(abi.AuditArch(), nr) != 0 && told[m.rule] == 0 {
			t.Fatalf("%v\nrule %d names the call and is not explained\n%+v", e, m.rule, p)
		}
	}
}
