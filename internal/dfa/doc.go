// Package dfa turns sets of patterns into finite automata over bytes.
//
// It is the one place where AppArmor's globs get a meaning: the evaluator, the comparison of profiles and the
// encoder of kernel policy all read the automata built here.
//
// The stages, each in a file of its own:
//
//	Glob    an AppArmor glob (AARE) becomes an expression in the notation the policy compilers share
//	Parse   the expression becomes a tree
//	Builder trees become one nondeterministic automaton; rules with a common prefix share its nodes
//	Build   subset construction: a deterministic automaton whose states know the rules that matched
//	Minimize, Relabel, Walk, Shortest: what is done with it afterwards
//
// A state is labelled with the set of rules that matched. What a set means (deny wins, an exact path beats a wildcard,
// priorities) is the caller's: Relabel asks once for each set, never for each state.
//
// Nothing here is unbounded: every construction has a limit on nodes, states, memory and work, and ends in a *LimitError.
// Automata are immutable once built and safe for concurrent use; a Builder is not.
package dfa
