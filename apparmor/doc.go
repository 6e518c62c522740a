// Package apparmor is resolved AppArmor policy: what syntax trees mean once includes, variables, conditionals and aliases
// are applied, as plain typed rules that remember where they were written.
//
// Resolve makes a Policy from a parsed file. From there on nothing is text any more, and nothing needs AppArmor or Linux:
//
//   - Evaluator answers a Request (a file access, an execution, a signal, a mount) with a Decision and the rules that made it;
//     Explain adds the rules that lost. ParseRequest reads requests in the form of rules.
//   - Diff says what became allowed or denied between two profiles, with a shortest request as the proof; Subset whether one is
//     never wider than the other.
//   - Package apparmortest turns both into unit tests, package policydb reads the kernel's binary form.
//
// All of them read one thing: the deterministic automata of a profile, built as the kernel's are, but whose states know the
// rules that matched. They are held against Debian's apparmor_parser, whose binary output must be language-equal.
//
// The rest of the package enters profiles: it changes the label of the calling process, and reads labels back.
package apparmor
