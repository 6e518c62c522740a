package policydb

import (
	"encoding/binary"
	"fmt"
)

// DFA is an automaton as the kernel stores it: comb-compressed, with default transitions, optionally differentially
// encoded (match.c). State 0 matches nothing, state 1 is the start.
type DFA struct {
	Flags   uint16     // FlagDiffEncode, FlagOOB
	Accept  []uint32   // state -> permissions, or a row of the permission table
	Accept2 []uint32   // state -> what to log, or flags; nil when the table is missing
	Base    []uint32   // state -> index in Next and Check, with BaseDiff and BaseOOB
	Default []uint32   // state -> where bytes without a transition of their own lead
	Next    []uint32   // transition -> target
	Check   []uint32   // transition -> the state it belongs to
	Equiv   *[256]byte // byte -> equivalence class; nil when bytes are used as they are
}

// Flags of an automaton's header (match.h, YYTH_FLAG_).
const (
	FlagDiffEncode = 1
	FlagOOB        = 2
)

// Bits of Base above the 24-bit index (match.h, MATCH_FLAG_).
const (
	BaseDiff  = 0x80000000 // take the default, then look again for the same byte
	BaseOOB   = 0x40000000 // the state has a transition that no byte takes
	baseIndex = 0x00ffffff
	baseKnown = BaseDiff | BaseOOB | baseIndex
)

const (
	dfaMagic = 0x1b5e783d
	dfaStart = 1
)

// Table ids (match.h, YYTD_ID_).
const (
	tableAccept = iota + 1
	tableBase
	tableCheck
	tableDefault
	tableEquiv
	tableMeta
	tableAccept2
	tableNext
)

// Len returns the number of states.
func (d *DFA) Len() int { return len(d.Base) }

// Step returns the state reached from s by reading c.
func (d *DFA) Step(s uint32, c byte) uint32 {
	if d.Equiv != nil {
		c = d.Equiv[c]
	}
	for {
		b := d.Base[s]
		if i := b&baseIndex + uint32(c); d.Check[i] == s {
			return d.Next[i]
		}
		s = d.Default[s]
		if b&BaseDiff == 0 {
			return s
		}
	}
}

// StepOOB follows the transition that no byte takes, which separates a path from extended attributes; 0 if the state has
// none. Its symbol is -1: the slot before the state's first.
func (d *DFA) StepOOB(s uint32) uint32 {
	b := d.Base[s]
	if b&BaseOOB == 0 {
		return 0
	}
	if i := b&baseIndex - 1; d.Check[i] == s {
		return d.Next[i]
	}
	return d.Default[s]
}

// Run reads all of in, starting in s; the start state is 1.
func (d *DFA) Run(s uint32, in string) uint32 {
	for i := 0; i < len(in); i++ {
		s = d.Step(s, in[i])
	}
	return s
}

// unpackDFA reads the tables; at is their offset in the stream, for errors.
func unpackDFA(b []byte, at int, profile string) (*DFA, error) {
	fail := func(off int, format string, args ...any) error {
		return &Error{Offset: at + off, Profile: profile, Msg: "automaton: " + fmt.Sprintf(format, args...)}
	}
	if len(b) < 16 {
		return nil, fail(0, "%d bytes are too few for a header", len(b))
	}
	be := binary.BigEndian
	if m := be.Uint32(b); m != dfaMagic {
		return nil, fail(0, "magic %#x, want %#x", m, uint32(dfaMagic))
	}
	hsize := int(be.Uint32(b[4:]))
	if hsize < 16 || hsize > len(b) || hsize%8 != 0 {
		return nil, fail(4, "header of %d bytes", hsize)
	}
	d := &DFA{Flags: be.Uint16(b[12:])}
	if d.Flags&^(FlagDiffEncode|FlagOOB) != 0 {
		return nil, fail(12, "flags %#x are not known", d.Flags)
	}
	for pos := hsize; pos < len(b); {
		n, err := d.table(b[pos:])
		if err != nil {
			return nil, fail(pos, "%v", err)
		}
		pos += n
	}
	if err := d.verify(); err != nil {
		return nil, fail(0, "%v", err)
	}
	return d, nil
}

// table reads one table and returns its size with padding.
func (d *DFA) table(b []byte) (int, error) {
	be := binary.BigEndian
	if len(b) < 12 {
		return 0, fmt.Errorf("%d bytes are too few for a table", len(b))
	}
	id, size, hi, n := be.Uint16(b), int(be.Uint16(b[2:])), be.Uint32(b[4:]), be.Uint32(b[8:])
	if hi != 0 || size != 1 && size != 2 && size != 4 {
		return 0, fmt.Errorf("table %d with elements of %d bytes", id, size)
	}
	total := (12 + uint64(n)*uint64(size) + 7) &^ 7
	if total > uint64(len(b)) {
		return 0, fmt.Errorf("table %d of %d elements in %d bytes", id, n, len(b))
	}
	return int(total), d.store(id, size, int(n), b[12:])
}

func (d *DFA) store(id uint16, size, n int, b []byte) error {
	var to *[]uint32
	wide := false // may only hold 32-bit elements
	switch id {
	case tableAccept:
		to, wide = &d.Accept, true
	case tableAccept2:
		to, wide = &d.Accept2, true
	case tableBase:
		to, wide = &d.Base, true
	case tableDefault:
		to = &d.Default
	case tableNext:
		to = &d.Next
	case tableCheck:
		to = &d.Check
	case tableEquiv:
		if d.Equiv != nil || size != 1 || n != 256 {
			return fmt.Errorf("equivalence table of %d elements of %d bytes", n, size)
		}
		d.Equiv = (*[256]byte)(append([]byte(nil), b[:256]...))
		return nil
	default:
		return fmt.Errorf("table %d is not known", id)
	}
	if *to != nil {
		return fmt.Errorf("table %d twice", id)
	}
	if size == 1 || wide && size != 4 {
		return fmt.Errorf("table %d with elements of %d bytes", id, size)
	}
	*to = make([]uint32, n)
	for i := range *to {
		if size == 2 {
			(*to)[i] = uint32(binary.BigEndian.Uint16(b[2*i:]))
		} else {
			(*to)[i] = binary.BigEndian.Uint32(b[4*i:])
		}
	}
	return nil
}
