package seccomp

import (
	"errors"
	"strings"
	"testing"
)

func TestParseStatus(t *testing.T) {
	tests := []struct {
		text string
		want State
		err  error
	}{
		{"Pid:\t12\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n", State{12, ModeFilter, 3, true}, nil},
		{"Pid:\t12\nSeccomp:\t0\n", State{12, ModeDisabled, FiltersUnknown, false}, nil},
		{"Name:\tSeccomp: 2\nPid:\t12\nSeccomp:\t1\n", State{12, ModeStrict, FiltersUnknown, false}, nil},
		{"Pid:\t12\nSeccomp:\t2\nSeccomp:\t0\n", State{}, errStatus},
		{"Pid:\t12\nSeccomp:\t3\n", State{}, errStatus},
		{"Pid:\t12\nSeccomp:\t-1\n", State{}, errStatus},
		{"Pid:\t12\nSeccomp:\t2 \n", State{12, ModeFilter, FiltersUnknown, false}, nil},
		{"Pid:\t99999999999\nSeccomp:\t2\n", State{}, errStatus},
		{"Seccomp:\t2\n", State{}, errStatus},
		{"Pid:\t12\n", State{}, ErrNotSupported},
		{"Pid:\t12\nSeccomp:\t2", State{}, ErrNotSupported}, // cut off: the number may go on
		{"", State{}, errStatus},
	}
	for _, tt := range tests {
		got, err := parseStatus([]byte(tt.text))
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q: got %+v, %v", tt.text, got, err)
		}
	}
}

func TestStateString(t *testing.T) {
	for want, s := range map[string]State{
		"thread 12: filter, 2 filters, no_new_privs": {12, ModeFilter, 2, true},
		"thread 7: disabled":                         {7, ModeDisabled, FiltersUnknown, false},
		"thread 7: strict, 0 filters":                {7, ModeStrict, 0, false},
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// FuzzParseStatus: whatever the text, the parser ends, and what it accepts is in range and was there.
func FuzzParseStatus(f *testing.F) {
	f.Add([]byte("Name:\tx\nPid:\t12\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n"))
	f.Add([]byte("Seccomp:\t2\nSeccomp:\t0\nPid:\t1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseStatus(text)
		if err != nil {
			return
		}
		if s.TID < 0 || s.Mode > ModeFilter || s.Filters < FiltersUnknown {
			t.Errorf("%q: %+v", text, s)
		}
		if !strings.Contains(string(text), "Seccomp:") {
			t.Errorf("%q: a state out of nothing: %+v", text, s)
		}
	})
}

func TestStatusOfNoProcess(t *testing.T) {
	for _, pid := range []int{-1, 1 << 30} {
		if s, err := Status(pid); err == nil {
			t.Errorf("process %d: %+v", pid, s)
		}
		if s, err := ThreadStatus(pid); err == nil {
			t.Errorf("process %d: %+v", pid, s)
		}
	}
}
