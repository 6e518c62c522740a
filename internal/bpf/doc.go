// Package bpf is the instruction level of seccomp filters: the classic BPF dialect that seccomp(2) accepts, a machine that runs it with the
// kernel's meaning, the kernel's checks, and a disassembler. It knows instructions and nothing of profiles.
package bpf
