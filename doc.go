// Package stockade is documentation only: a map of the packages of a library that puts seccomp and AppArmor
// confinement inside Go programs. Nothing is declared here.
//
// # Packages
//
//   - seccomp: the typed profile (Profile, Rule, Arg, Action, Arch), the pure-Go BPF compiler, Simulate, Explain and
//     Verify, the algebra of profiles, and the calls that load a filter into the kernel.
//   - seccomp/oci, seccomp/docker: the JSON formats people already have, imported as the container runtimes enforce them.
//   - seccomp/seccomptest: unit tests for profiles.
//   - seccomp/libseccomp: an optional backend on libseccomp, behind the build tag of that name.
//   - apparmor/syntax: AppArmor's policy language as a lossless tree.
//   - apparmor: resolved policy, Evaluate and Explain, differences, and entering a profile.
//   - apparmor/policydb: the kernel's binary policy.
//   - apparmor/apparmortest: unit tests for AppArmor policy.
//   - profile: both halves as one profile; Apply confines the calling process, Command confines a child.
//
// # The one idea
//
// Everything before the kernel is a pure function of its arguments: the same input gives the same bytes on every
// operating system and processor. Only the calls that apply a profile need Linux; elsewhere they return an error and
// never claim to have confined anything.
package stockade
