//go:build linux

package entry

import (
	"os"
	"syscall"
	"testing"
)

func TestEntries(t *testing.T) {
	const getpid386 = 20
	for name, call := range map[string]func() (int64, uintptr){
		"SYSCALL": func() (int64, uintptr) { return Syscall(syscall.SYS_GETPID, new([6]uint64)) },
		"INT80":   func() (int64, uintptr) { return Int80(getpid386, new([6]uint64)) },
	} {
		pid, ip := call()
		if pid != int64(os.Getpid()) || ip == 0 {
			t.Errorf("%s: pid %d, ip %#x", name, pid, ip)
		}
		if _, again := call(); again != ip {
			t.Errorf("%s: ip %#x, then %#x", name, ip, again)
		}
	}
}

// TestArguments sees each argument arrive through a call that uses all six: mmap of one page, then of a bad length.
func TestArguments(t *testing.T) {
	const protRead, mapPrivateAnon = 1, 0x22
	addr, _ := Syscall(syscall.SYS_MMAP, &[6]uint64{0, 4096, protRead, mapPrivateAnon, ^uint64(0), 0})
	if addr <= 0 {
		t.Fatalf("mmap: %d", addr)
	}
	if r, _ := Syscall(syscall.SYS_MUNMAP, &[6]uint64{uint64(addr), 4096}); r != 0 {
		t.Errorf("munmap: %d", r)
	}
	const mmap2 = 192
	low, _ := Int80(mmap2, &[6]uint64{0, 4096, protRead, mapPrivateAnon, 0xffffffff, 0})
	if low == 0 || uint64(low)&0xfff != 0 {
		t.Fatalf("mmap2: %#x", low)
	}
	if r, _ := Int80(91, &[6]uint64{uint64(uint32(low)), 4096}); r != 0 {
		t.Errorf("munmap of the 32-bit entry: %d", r)
	}
}
