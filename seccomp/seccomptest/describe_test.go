package seccomptest

import (
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

func TestDescribe(t *testing.T) {
	text := func(address uint64) (string, bool) { return "/etc/\"x\"\n", address == 0x1000 }
	minus100 := ^uint64(99)
	tests := []struct {
		arch seccomp.Arch
		name string
		args [6]uint64
		want string
	}{
		{seccomp.AMD64, "openat", [6]uint64{minus100, 0x1000, 0x80241, 0o644}, `openat(AT_FDCWD, "/etc/\"x\"\n", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 420)`},
		{seccomp.AMD64, "openat", [6]uint64{0xffffff9c, 0x2000, 0}, `openat(AT_FDCWD, 0x2000, O_RDONLY, 0)`},
		{seccomp.ARM64, "openat", [6]uint64{5, 0x1000, 0x4000}, `openat(5, "/etc/\"x\"\n", O_RDONLY|O_DIRECTORY, 0)`},
		{seccomp.AMD64, "socket", [6]uint64{40, 1}, "socket(AF_VSOCK, SOCK_STREAM, 0)"},
		{seccomp.MIPS, "socket", [6]uint64{2, 0x81, 6}, "socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 6)"},
		{seccomp.AMD64, "socket", [6]uint64{99, 0x80009}, "socket(99, 9|SOCK_CLOEXEC, 0)"},
		{seccomp.AMD64, "clone", [6]uint64{0x10000011}, "clone(SIGCHLD|CLONE_NEWUSER, 0, 0, 0, 0)"},
		{seccomp.AMD64, "unshare", [6]uint64{0x20000000 | 1<<40}, "unshare(CLONE_NEWPID|0x10000000000)"},
		{seccomp.AMD64, "mmap", [6]uint64{0, 4096, 7, 0x22, ^uint64(0), 0}, "mmap(0, 0x1000, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"},
		{seccomp.I386, "kill", [6]uint64{0xffffffff, 9}, "kill(-1, SIGKILL)"},
		{seccomp.AMD64, "prctl", [6]uint64{38, 1}, "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)"},
		{seccomp.AMD64, "ptrace", [6]uint64{16, 12}, "ptrace(PTRACE_ATTACH, 12, 0, 0)"},
		{seccomp.AMD64, "getppid", [6]uint64{1, 2, 3}, "getppid()"},
		{seccomp.AMD64, "lookup_dcookie", [6]uint64{1, 1 << 63}, "lookup_dcookie(1, 0x8000000000000000, 0, 0, 0, 0)"},
	}
	for _, tt := range tests {
		c, err := seccomp.CallByName(tt.arch, tt.name, tt.args[:]...)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(c, text); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if got := describe(seccomp.Call{Arch: seccomp.AMD64, Nr: 1000}, text); got != "1000(0, 0, 0, 0, 0, 0)" {
		t.Errorf("got %s", got)
	}
}

// TestSignaturesAreKnown: every call in the table exists, has at most six arguments, and its families exist.
func TestSignaturesAreKnown(t *testing.T) {
	kinds := map[string]bool{"path": true, "ptr": true, "num": true, "fd": true, "int": true}
	for _, table := range [][]string{enums[:], flags[:]} {
		for _, entry := range table {
			kind, names := splitEntry(entry)
			kinds[kind] = true
			for _, name := range names {
				if _, _, known := lookup(seccomp.AMD64, name); !known {
					t.Errorf("%s: no constant %s", kind, name)
				}
			}
		}
	}
	for _, entry := range signatures {
		name, args := splitEntry(entry)
		if _, ok := seccomp.AMD64.Number(name); !ok || len(args) > 6 {
			t.Errorf("%q", entry)
		}
		for _, kind := range args {
			if !kinds[kind] {
				t.Errorf("%q: no family %s", entry, kind)
			}
		}
	}
}

func splitEntry(entry string) (string, []string) {
	fields, _ := words([]string{"x " + entry}, "x")
	return fields[0], fields[1:]
}
