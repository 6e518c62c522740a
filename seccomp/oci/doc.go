// Package oci reads and writes the seccomp section of the OCI runtime specification (linux.seccomp in a container's
// config.json, [specs.LinuxSeccomp]) and converts it to and from [seccomp.Profile].
//
// [Parse] is strict where encoding/json is not; its errors carry a JSON pointer and a line. [Import] says what a runtime will
// enforce, which is not what the JSON seems to say: libseccomp and runc rewrite it in a dozen documented and undocumented ways,
// each reported as a [Diagnostic]. [Export] goes the other way and is exact, or an error, or on request narrower with a report.
//
// # What a runtime makes of a document
//
// Sources: runc libcontainer/seccomp/seccomp_linux.go and patchbpf/enosys_linux.go, libseccomp src/db.c and src/syscalls.c
// (2.5.4 to 2.6.1), crun src/libcrun/seccomp.c.
//
//   - A rule whose action is the default, number included, is dropped.
//   - A name that libseccomp does not know is skipped.
//   - Two conditions on one argument turn every condition of that rule into a rule of its own: OR, not AND.
//   - A rule without conditions beats every conditional rule for the call, earlier or later. Of two rules without conditions
//     the first wins.
//   - Which of two overlapping conditional rules with different actions wins depends on the shape of libseccomp's tree: higher
//     arguments and larger values first. Import reproduces it where no ordering comparison is involved; where one is, it reports that
//     and takes the more restrictive rule.
//   - A rule whose conditions begin with those of another one with a different action is dropped; the other way round the runtime
//     refuses the document.
//   - If the calls with the fewest conditions are ones that an ABI does not have, no rule at all has any effect on that ABI: an
//     error in libseccomp, up to 2.6.1 at least, by which a document can deny nothing on amd64 that seems to deny much.
//   - MASKED_EQ ignores bits of the value outside the mask. A condition with an empty mask is no condition.
//   - On 32-bit ABIs, and on x32, a condition looks at the low 32 bits of the argument, the value and the mask.
//   - A rule for a call that socketcall(2) or ipc(2) can also make holds there too, with the condition on argument 0 replaced by
//     the number of the call and the others left to compare what they were not written for.
//   - The machine's own ABI is always covered. Calls of ABIs that are not listed kill the thread.
//   - runc, not crun, answers ENOSYS to calls with numbers above the highest one the profile names, before any rule.
//   - SCMP_ACT_KILL ends a thread. Error numbers default to EPERM, for TRACE too.
package oci
