package seccomp

import "testing"

// A rule with conditions for a multiplexer itself must not open what a rule for one of its calls refuses, even where that rule is no more
// restrictive than the default.
func TestOwnRulesOfMultiplexer(t *testing.T) {
	arg0 := func(op Op, v uint64) Arg { return Arg{Op: op, Value: v, Width: Width32} }
	tests := []struct {
		name string
		def  Action
		own  Rule
		call Rule
		nr   string
		args [MaxArgs]uint64
		want Action
	}{
		{"a condition that cannot be kept", Errno(1),
			Rule{Names: []string{"socketcall"}, Action: Allow, Args: []Arg{arg0(EQ, 1)}},
			Rule{Names: []string{"socket"}, Action: Errno(13), Args: []Arg{arg0(EQ, 40)}},
			"socketcall", [MaxArgs]uint64{1}, Errno(13)},
		{"another call", Errno(1),
			Rule{Names: []string{"socketcall"}, Action: Allow, Args: []Arg{arg0(LE, 2)}},
			Rule{Names: []string{"socket"}, Action: Errno(13), Args: []Arg{arg0(EQ, 40)}},
			"socketcall", [MaxArgs]uint64{2}, Allow},
		{"a version of ipc", Errno(1),
			Rule{Names: []string{"ipc"}, Action: Allow, Args: []Arg{arg0(GE, 1)}},
			Rule{Names: []string{"semget"}, Action: Errno(13)},
			"ipc", [MaxArgs]uint64{0x10002}, Errno(13)},
		{"where the own rule does not match the default stays", KillProcess,
			Rule{Names: []string{"socketcall"}, Action: Allow, Args: []Arg{arg0(EQ, 1), {Index: 1, Value: 5}}},
			Rule{Names: []string{"socket"}, Action: Errno(13), Args: []Arg{arg0(EQ, 40)}},
			"socketcall", [MaxArgs]uint64{1, 6}, KillProcess},
		{"where it matches the refusal counts", KillProcess,
			Rule{Names: []string{"socketcall"}, Action: Allow, Args: []Arg{arg0(EQ, 1), {Index: 1, Value: 5}}},
			Rule{Names: []string{"socket"}, Action: Errno(13), Args: []Arg{arg0(EQ, 40)}},
			"socketcall", [MaxArgs]uint64{1, 5}, Errno(13)},
		{"direct", Errno(1),
			Rule{Names: []string{"socketcall"}, Action: Allow, Args: []Arg{arg0(EQ, 1)}},
			Rule{Names: []string{"socket"}, Action: Errno(13), Args: []Arg{arg0(EQ, 40)}, Direct: true},
			"socketcall", [MaxArgs]uint64{1}, Allow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &Profile{Default: tt.def, Arches: []Arch{I386}, Rules: []Rule{tt.own, tt.call}}
			c, err := CallByName(I386, tt.nr, tt.args[:]...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Simulate(c)
			if err != nil || got != tt.want {
				t.Errorf("%v: %v, %v, want %v", c, got, err, tt.want)
			}
			if want := newOracle(p, AMD64).action(I386.AuditArch(), c.Nr, c.Args); got != want {
				t.Errorf("%v: %v, the oracle says %v", c, got, want)
			}
		})
	}
}
