// Package profile joins both halves of a program's confinement, a seccomp filter and an AppArmor profile, under one name.
//
// Apply confines the running process, all threads of it, in the only order that works: AppArmor first, because a filter may forbid the
// change of label and no_new_privs does; then no_new_privs; then the filter. What it says it has done it has read back.
//
// Command starts another program confined, while the caller stays as it was.
package profile
