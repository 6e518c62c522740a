// Package policydb is the kernel's binary form of AppArmor policy: what apparmor_parser writes to
// /sys/kernel/security/apparmor/.load and keeps in its cache.
//
// Decode reads a stream of profiles and checks it as the kernel does (security/apparmor/policy_unpack.c and match.c), so
// that a stream it accepts is well formed: every table is complete, every transition stays inside its automaton, every
// chain of differentially encoded states ends. Nothing is trusted; memory is bounded by a small multiple of the input.
//
// A decoded Profile is plain data. DFA.Step walks its automata; String disassembles it.
package policydb
