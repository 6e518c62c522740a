// Package kerneltest runs a Go test package on a real Linux kernel in a QEMU virtual machine.
//
// What a confinement library claims is decided by the kernel, and by more than one: AppArmor is absent from many build
// machines, lsm_set_self_attr(2) exists since Linux 6.8 only, and a second architecture finds what the first one hides. So
// the same compiled test binary runs on each of [Kernels]: Debian's own kernels, fetched with apt by package name, booted under
// software emulation with an initramfs that holds busybox, the binary, and the files the test names.
//
// A run goes through four stages, one file each: fetch the kernel (apt.go, fetch.go), pack the initramfs (pack.go, cpio.go),
// boot it (qemu.go), and judge what it printed (verdict.go). [Run] joins them. Inside the machine init.sh is process 1.
//
// The machine has no network, no disk and no way out but its serial console: a test that destroys its kernel destroys nothing else.
package kerneltest
