package policydb

import "fmt"

// verify makes the checks the kernel makes before it uses an automaton (match.c, verify_table_headers and verify_dfa).
// After it, Step stays inside the tables and ends for every state and byte.
func (d *DFA) verify() error {
	n := len(d.Base)
	switch {
	case n < 2:
		return fmt.Errorf("%d states; a dead state and a start state are needed", n)
	case len(d.Accept) != n:
		return fmt.Errorf("%d accept values for %d states", len(d.Accept), n)
	case d.Accept2 != nil && len(d.Accept2) != n:
		return fmt.Errorf("%d second accept values for %d states", len(d.Accept2), n)
	case len(d.Default) != n:
		return fmt.Errorf("%d defaults for %d states", len(d.Default), n)
	case len(d.Next) != len(d.Check):
		return fmt.Errorf("%d targets for %d transitions", len(d.Next), len(d.Check))
	}
	for s := range d.Base {
		if err := d.verifyState(s); err != nil {
			return err
		}
	}
	for i := range d.Next {
		if uint64(d.Next[i]) >= uint64(n) || uint64(d.Check[i]) >= uint64(n) {
			return fmt.Errorf("transition %d leads from state %d to %d of %d", i, d.Check[i], d.Next[i], n)
		}
	}
	return d.verifyChains()
}

func (d *DFA) verifyState(s int) error {
	b := d.Base[s]
	switch {
	case b&^uint32(baseKnown) != 0:
		return fmt.Errorf("state %d has unknown flags %#x", s, b)
	case b&BaseOOB != 0 && d.Flags&FlagOOB == 0:
		return fmt.Errorf("state %d has an out-of-band transition, but the header does not announce them", s)
	case b&BaseOOB != 0 && b&baseIndex == 0:
		return fmt.Errorf("state %d has an out-of-band transition before the first", s)
	case b&BaseDiff != 0 && d.Flags&FlagDiffEncode == 0:
		return fmt.Errorf("state %d is differentially encoded, but the header does not announce it", s)
	case int(b&baseIndex)+255 >= len(d.Next):
		return fmt.Errorf("state %d has its transitions at %d of %d", s, b&baseIndex, len(d.Next))
	case uint64(d.Default[s]) >= uint64(len(d.Base)):
		return fmt.Errorf("state %d has default %d of %d", s, d.Default[s], len(d.Base))
	}
	return nil
}

// verifyChains rejects loops of differentially encoded states, in which Step would not end.
func (d *DFA) verifyChains() error {
	const visiting, done = 1, 2
	mark := make([]uint8, len(d.Base))
	for s := range d.Base {
		t := s
		for mark[t] == 0 && d.Base[t]&BaseDiff != 0 {
			mark[t] = visiting
			t = int(d.Default[t])
		}
		if mark[t] == visiting {
			return fmt.Errorf("state %d is in a loop of differentially encoded states", t)
		}
		for t = s; mark[t] == visiting; t = int(d.Default[t]) {
			mark[t] = done
		}
	}
	return nil
}
