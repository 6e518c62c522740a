package dfa

import (
	"bytes"
	"fmt"
	"strings"
)

// State is a state of a DFA.
type State int32

// The two states every automaton has.
const (
	Dead  State = 0 // nothing matches any more; every byte leads back here
	Start State = 1 // nothing has been read
)

// DFA is a deterministic automaton over bytes. Every state has a label; label 0 is the empty set of rules.
//
// Transitions are stored by class of bytes that no state tells apart, and for each state as a default target and the
// classes that go elsewhere.
type DFA struct {
	class [256]uint8 // byte -> class
	rep   []byte     // class -> a byte of it, the most readable one

	def []State  // state -> target of the classes not listed
	off []uint32 // state -> start of its exceptions; one more than there are states
	cls []uint8  // exceptions: class
	to  []State  // exceptions: target

	label []int32   // state -> label
	rules [][]int32 // label -> rules that matched, ascending; nil after Relabel
}

// Len returns the number of states, the dead one included.
func (d *DFA) Len() int { return len(d.def) }

// Labels returns the number of distinct labels; they are numbered from 0.
func (d *DFA) Labels() int {
	n := int32(len(d.rules))
	for _, l := range d.label {
		n = max(n, l+1)
	}
	return int(n)
}

// Step returns the state reached from s by reading c.
func (d *DFA) Step(s State, c byte) State {
	return d.next(s, d.class[c])
}

func (d *DFA) next(s State, k uint8) State {
	lo, hi := d.off[s], d.off[s+1]
	if lo != hi {
		if i := bytes.IndexByte(d.cls[lo:hi], k); i >= 0 {
			return d.to[lo+uint32(i)]
		}
	}
	return d.def[s]
}

// Run reads all of in, starting in s.
func (d *DFA) Run(s State, in string) State {
	for i := 0; i < len(in) && s != Dead; i++ {
		s = d.next(s, d.class[in[i]])
	}
	return s
}

// Label returns the label of s.
func (d *DFA) Label(s State) int32 { return d.label[s] }

// Rules returns the rules a label stands for, in ascending order. The slice must not be changed.
func (d *DFA) Rules(label int32) []int32 { return d.rules[label] }

// Match returns the rules that match the whole of in, in ascending order.
func (d *DFA) Match(in string) []int32 {
	return d.rules[d.label[d.Run(Start, in)]]
}

// Size returns the memory the transitions take, in bytes.
func (d *DFA) Size() int {
	return 4*len(d.def) + 4*len(d.off) + len(d.cls) + 4*len(d.to) + 4*len(d.label)
}

// String lists the states, for tests and bug reports: label, default target, exceptions.
func (d *DFA) String() string {
	var b strings.Builder
	for s := range d.def {
		fmt.Fprintf(&b, "%d", s)
		if l := d.label[s]; l != 0 {
			fmt.Fprintf(&b, " [%d]", l)
			if d.rules != nil {
				fmt.Fprintf(&b, "%v", d.rules[l])
			}
		}
		fmt.Fprintf(&b, " * -> %d", d.def[s])
		for i := d.off[s]; i < d.off[s+1]; i++ {
			fmt.Fprintf(&b, "; %q -> %d", d.rep[d.cls[i]], d.to[i])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
