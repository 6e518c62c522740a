package syscalls

import (
	"slices"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	for _, a := range ABIs() {
		n, last := 0, uint32(0)
		for nr, name := range All(a) {
			if n > 0 && nr <= last {
				t.Errorf("%v: %d after %d", a, nr, last)
			}
			n, last = n+1, nr
			if got, ok := Number(a, name); !ok || got != nr {
				t.Errorf("Number(%v, %q) = %d, %v, want %d", a, name, got, ok, nr)
			}
			if got, ok := Name(a, nr); !ok || got != name {
				t.Errorf("Name(%v, %d) = %q, %v, want %q", a, nr, got, ok, name)
			}
		}
		count := 0
		for name := range Names() {
			if nr, ok := Number(a, name); ok {
				count++
				if got, _ := Name(a, nr); got != name {
					t.Errorf("Name(%v, Number(%q)) = %q", a, name, got)
				}
			}
		}
		if n != count || n < 300 {
			t.Errorf("%v: All yields %d calls, Number knows %d", a, n, count)
		}
	}
}

// Numbers that have no name, at every edge of the tables.
func TestNameUnknown(t *testing.T) {
	for _, tt := range []struct {
		a  ABI
		nr uint32
	}{
		{0, 0}, {numABI, 0}, {255, 1}, {AMD64, Max(AMD64) + 1}, {AMD64, 512}, {AMD64, 547}, {AMD64, 1 << 31}, {AMD64, ^uint32(0)},
		{AMD64, X32Bit}, {X32, 0}, {X32, X32Bit - 1}, {X32, ^uint32(0)}, {MIPS, 0}, {MIPS, 3999}, {MIPS64, 4001}, {MIPS64N32, 5999},
		{ARM, 0xf0000}, {ARM, 0xf0007}, {ARM, 0xf0fff}, {ARM, 0xf1001}, {ARM, 0xf001}, {ARM64, 0xf0001}, {I386, 0xf0001}, {I386, 222},
	} {
		if name, ok := Name(tt.a, tt.nr); ok || name != "" {
			t.Errorf("Name(%v, %#x) = %q, %v", tt.a, tt.nr, name, ok)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		a    ABI
		name string
		want uint32
		ok   bool
	}{
		{AMD64, "read", 0, true},
		{AMD64, "rseq_slice_yield", 471, true},
		{I386, "socketcall", 102, true},
		{X32, "read", X32Bit, true},
		{X32, "rt_sigaction", X32Bit + 512, true},
		{ARM, "set_tls", 0xf0005, true},
		{ARM, "read", 3, true},
		{MIPS, "read", 4003, true},
		{MIPSEL64, "read", 5000, true},
		{MIPSEL64N32, "read", 6000, true},
		{ARM64, "open", 0, false},
		{ARM64, "openat", 56, true},
		{RISCV64, "riscv_hwprobe", 258, true},
		{S390X, "s390_sthyi", 380, true},
		{PPC64LE, "switch_endian", 363, true},
		{PARISC, "socket", 17, true},
		{SHEB, "accept", 344, true},
		{M68K, "atomic_barrier", 336, true},
		{AMD64, "", 0, false},
		{AMD64, "Read", 0, false},
		{AMD64, strings.Repeat("a", 1<<20), 0, false},
		{0, "read", 0, false},
		{numABI, "read", 0, false},
	} {
		if got, ok := Number(tt.a, tt.name); got != tt.want || ok != tt.ok {
			t.Errorf("Number(%v, %.30q) = %d, %v, want %d, %v", tt.a, tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestNamesSorted(t *testing.T) {
	names := slices.Collect(Names())
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("Names is not sorted and unique")
	}
	for i, name := range names {
		id, ok := Lookup(name)
		if !ok || int(id) != i || id.String() != name || !Known(name) {
			t.Errorf("Lookup(%q) = %d, %v, want %d", name, id, ok, i)
		}
		for _, near := range []string{name + "x", name[1:], name[:len(name)-1]} {
			if _, ok := Lookup(near); ok != slices.Contains(names, near) {
				t.Errorf("Lookup(%q) = %v", near, ok)
			}
		}
	}
	if s := ID(numNames).String(); s != "" {
		t.Errorf("ID out of range is %q", s)
	}
	if _, ok := ID(60000).Number(AMD64); ok {
		t.Error("ID out of range has a number")
	}
}

func TestIteratorsStop(t *testing.T) {
	n := 0
	for range All(ARM) {
		n++
		break
	}
	for range Names() {
		n++
		break
	}
	for range All(0) {
		n++
	}
	if n != 2 {
		t.Errorf("%d steps, want 2", n)
	}
	last := uint32(0)
	for nr := range All(ARM) {
		last = nr
	}
	if last != 0xf0006 || Max(ARM) != 471 || Max(X32) != X32Bit+547 || Max(MIPS64) != 5471 || Max(0) != 0 {
		t.Errorf("last of ARM %#x, Max %d %#x %d %d", last, Max(ARM), Max(X32), Max(MIPS64), Max(0))
	}
}

func TestMultiplexed(t *testing.T) {
	withMux := []ABI{I386, S390X, S390, PPC64LE, PPC64, PPC, MIPS, MIPSEL, M68K, SH, SHEB}
	for _, a := range ABIs() {
		for _, tt := range []struct {
			name string
			want Mux
		}{
			{"socket", Mux{"socketcall", 1}},
			{"accept4", Mux{"socketcall", 18}},
			{"sendmmsg", Mux{"socketcall", 20}},
			{"semop", Mux{"ipc", 1}},
			{"msgsnd", Mux{"ipc", 11}},
			{"shmctl", Mux{"ipc", 24}},
		} {
			has := slices.Contains(withMux, a)
			got, ok := Multiplexed(a, tt.name)
			if ok != has || ok && got != tt.want {
				t.Errorf("Multiplexed(%v, %q) = %v, %v", a, tt.name, got, ok)
			}
			name, ok := MuxName(a, tt.want.Call, tt.want.Sub)
			if ok != has || ok && name != tt.name {
				t.Errorf("MuxName(%v, %v) = %q, %v", a, tt.want, name, ok)
			}
		}
		for _, name := range []string{"read", "socketcall", "ipc", ""} {
			if m, ok := Multiplexed(a, name); ok {
				t.Errorf("Multiplexed(%v, %q) = %v", a, name, m)
			}
		}
	}
	for _, m := range []Mux{{"socketcall", 0}, {"socketcall", 21}, {"socketcall", 1 << 16}, {"ipc", 5}, {"ipc", 25}, {"read", 1}} {
		if name, ok := MuxName(I386, m.Call, m.Sub); ok {
			t.Errorf("MuxName(386, %v) = %q", m, name)
		}
	}
	if name, _ := MuxName(I386, "ipc", 1<<16|11); name != "msgsnd" {
		t.Errorf("ipc with a version is %q", name)
	}
}

func TestIntroduced(t *testing.T) {
	for _, tt := range []struct {
		a            ABI
		name         string
		major, minor uint8
		ok           bool
	}{
		{AMD64, "pidfd_send_signal", 5, 1, true},
		{AMD64, "openat2", 5, 6, true},
		{S390X, "close_range", 5, 9, true},
		{MIPS64N32, "statmount", 6, 8, true},
		{AMD64, "mseal", 6, 10, true},
		{ARM64, "listns", 6, 19, true},
		{I386, "socket", 4, 3, true},
		{AMD64, "socket", 2, 6, true},
		{I386, "semget", 5, 1, true},
		{I386, "clock_gettime64", 5, 1, true},
		{X32, "read", 3, 4, true},
		{X32, "map_shadow_stack", 6, 10, true}, // amd64's is 6.6
		{ARM64, "read", 3, 7, true},
		{RISCV64, "statx", 4, 15, true},
		{RISCV64, "riscv_hwprobe", 6, 4, true},
		{LOONG64, "newfstatat", 6, 11, true},
		{LOONG64, "openat", 5, 19, true},
		{AMD64, "membarrier", 4, 3, true},
		{ARM64, "open", 0, 0, false},
		{ARM, "read", 0, 0, false},
		{AMD64, "tuxcall", 0, 0, false},
		{AMD64, "nosuch", 0, 0, false},
		{0, "read", 0, 0, false},
	} {
		major, minor, ok := Introduced(tt.a, tt.name)
		if major != tt.major || minor != tt.minor || ok != tt.ok {
			t.Errorf("Introduced(%v, %q) = %d.%d, %v, want %d.%d, %v", tt.a, tt.name, major, minor, ok, tt.major, tt.minor, tt.ok)
		}
	}
}

// From 403 on numbers are given out in order and at once on all ABIs, so versions rise with them but for the calls that
// kernel developers gave a number long before they were merged.
func TestIntroducedRises(t *testing.T) {
	early := []string{"close_range", "quotactl_fd", "memfd_secret"}
	for _, a := range ABIs() {
		last := uint16(0)
		for nr, name := range All(a) {
			if nr-abis[a].base < 403 || a == LOONG64 || nr >= armPrivate && a == ARM || slices.Contains(early, name) {
				continue
			}
			if a == X32 && name == "map_shadow_stack" { // amd64's entry, opened to x32 four releases later
				continue
			}
			major, minor, ok := Introduced(a, name)
			if !ok {
				continue
			}
			v := uint16(major)<<8 | uint16(minor)
			if v < last {
				t.Errorf("%v: %s (%d) is from %d.%d, an earlier number from %d.%d", a, name, nr, major, minor, last>>8, last&255)
			}
			last = v
		}
	}
}

func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		a    ABI
		name string
		want uint16
	}{
		{AMD64, "EPERM", 1}, {MIPS, "EPERM", 1}, {PARISC, "EPERM", 1}, {AMD64, "ENOSYS", 38}, {MIPS64, "ENOSYS", 89}, {PARISC64, "ENOSYS", 251},
		{PPC64LE, "ENOSYS", 38}, {PPC64LE, "EDEADLOCK", 58}, {AMD64, "EDEADLOCK", 35}, {MIPSEL, "EDQUOT", 1133}, {S390X, "EHWPOISON", 133},
		{AMD64, "ENOTSUP", 95}, {PARISC, "EREFUSED", 239}, {SHEB, "EWOULDBLOCK", 11}, {AMD64, "E2BIG", 7}, {AMD64, "EXFULL", 54},
	} {
		if got, ok := Errno(tt.a, tt.name); !ok || got != tt.want {
			t.Errorf("Errno(%v, %q) = %d, %v, want %d", tt.a, tt.name, got, ok, tt.want)
		}
	}
	for _, name := range []string{"", "EREFUSED", "eperm", "EPER", "EPERMS", "ZZZ", "A"} {
		if got, ok := Errno(AMD64, name); ok {
			t.Errorf("Errno(amd64, %q) = %d", name, got)
		}
	}
	if _, ok := Errno(0, "EPERM"); ok {
		t.Error("no ABI has an error")
	}
	for _, tt := range []struct {
		a    ABI
		n    uint16
		want string
	}{
		{AMD64, 1, "EPERM"}, {AMD64, 11, "EAGAIN"}, {AMD64, 35, "EDEADLK"}, {PPC, 58, "EDEADLOCK"}, {MIPS, 56, "EDEADLOCK"}, {AMD64, 95, "EOPNOTSUPP"},
		{PARISC, 239, "ECONNREFUSED"}, {MIPS, 1133, "EDQUOT"}, {AMD64, 0, ""}, {AMD64, 4095, ""}, {AMD64, 41, ""}, {0, 1, ""},
	} {
		if got, ok := ErrnoName(tt.a, tt.n); got != tt.want || ok != (tt.want != "") {
			t.Errorf("ErrnoName(%v, %d) = %q, %v, want %q", tt.a, tt.n, got, ok, tt.want)
		}
	}
}

func TestErrnoRoundTrip(t *testing.T) {
	for _, a := range ABIs() {
		named := 0
		for n := range uint16(4096) {
			if name, ok := ErrnoName(a, n); ok {
				named++
				if got, ok := Errno(a, name); !ok || got != n {
					t.Errorf("Errno(%v, ErrnoName(%d) = %q) = %d", a, n, name, got)
				}
			}
		}
		if named < 130 {
			t.Errorf("%v names %d errors", a, named)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	names := slices.Collect(Names())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := Lookup(names[i%len(names)]); !ok {
			b.Fatal("lost a name")
		}
	}
}

func BenchmarkLookupUnknown(b *testing.B) {
	for b.Loop() {
		if Known("not_a_system_call") {
			b.Fatal("found")
		}
	}
}

func BenchmarkName(b *testing.B) {
	for i := uint32(0); b.Loop(); i++ {
		Name(AMD64, i%300)
	}
}
