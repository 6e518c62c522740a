// Package seccomp describes which system calls a program may make, proves what such a description means, compiles it for
// the kernel's filter machine, and installs it.
//
// A [Profile] is plain data: a default action, rules, the ABIs it speaks about. Everything that reads a profile before
// it reaches the kernel is a pure function and works on every operating system: Compile, Simulate, Explain, Verify, the
// algebra (Equal, Subset, Union, Intersect, Diff). Only Load and Apply need Linux; elsewhere they return ErrNotSupported.
//
// # Meaning of a profile
//
// A call is (ABI, number, six 64-bit arguments). A call of an ABI that the profile does not list gets Foreign. Otherwise
// every rule that names the call and whose argument conditions all hold matches it, and the most restrictive action
// among the matching rules wins, whatever their order; of equal actions the first rule's data counts. A call that no rule
// matches gets Newer's action if it is newer than the profile knows, else Default.
//
// From most to least restrictive the actions are KillProcess, KillThread, Trap, Errno, Notify, Trace, Log, Allow. This is
// the kernel's own order for stacked filters (Linux kernel/seccomp.c, seccomp_run_filters).
//
// The zero value of every type is the strict one: the zero Profile kills the process at its first system call.
//
// # What a filter does not decide
//
// A filter sees numbers and registers, not the memory that they point to. It is not asked about calls that the vDSO answers. And on
// x86-64 some kernels let two calls pass whatever the filters say: uretprobe (number 335) from Linux 6.14 on, and in stable releases
// that have commit cf6cb56ef244, and uprobe (336) from 6.18 on, which introduced it. Both are for code that the kernel itself places in a
// traced program, and do nothing for anything else.
package seccomp
