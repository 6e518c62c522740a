package seccomp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/syscalls"
)

// Every name in every set is a call of some ABI, every condition is one that Validate accepts, and no set holds another.
func TestSetsAreValid(t *testing.T) {
	seen := map[Set]bool{}
	for _, s := range Sets() {
		members, ok := s.Members()
		if !ok || len(members) == 0 || !s.IsGroup() || seen[s] {
			t.Errorf("%s: exists %v, %d members, seen %v", s, ok, len(members), seen[s])
		}
		seen[s] = true
		for _, m := range members {
			if len(m.Names) == 0 {
				t.Errorf("%s has a member without names", s)
			}
			for i, name := range m.Names {
				if !syscalls.Known(name) {
					t.Errorf("%s: no ABI has a call %q", s, name)
				}
				if slices.Contains(m.Names[:i], name) {
					t.Errorf("%s: %s is there twice", s, name)
				}
			}
			for _, a := range m.Args {
				if err := a.check(); err != nil {
					t.Errorf("%s: %v: %v", s, m.Names, err)
				}
			}
			for _, a := range m.Arches {
				if !a.Valid() {
					t.Errorf("%s: %v: ABI %d", s, m.Names, a)
				}
			}
		}
	}
}

// declaredSets returns the value of every constant of type Set in the package's source.
func declaredSets(t *testing.T) map[Set]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "sets_names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	sets := map[Set]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			sets[Set(s)] = true
		}
		return true
	})
	return sets
}

func TestEverySetHasAConstant(t *testing.T) {
	declared := declaredSets(t)
	for _, s := range Sets() {
		if !declared[s] {
			t.Errorf("%s has no constant", s)
		}
		delete(declared, s)
	}
	for s := range declared {
		t.Errorf("%s is declared but has no members", s)
	}
	for _, s := range []Set{"@", "@nosuch", "@GO-RUNTIME", "@zzz", "@aaa"} {
		if _, ok := s.Members(); ok {
			t.Errorf("%q exists", s)
		}
	}
}

// Lists of ABIs for one constant must cover each ABI once.
func TestArchListsPartition(t *testing.T) {
	for _, lists := range [][][]Arch{{s390Arches, notS390Arches}, {mipsArches, notMIPSArches}, {genericOpenArches, mipsArches, pariscArches}} {
		all := slices.Concat(lists...)
		slices.Sort(all)
		if n := len(all); n != len(syscalls.ABIs()) || len(slices.Compact(all)) != n {
			t.Errorf("%v do not cover every ABI once", lists)
		}
	}
}

// A set's members belong to the package: what a caller appends or changes in the list stays the caller's.
func TestMembersAreIndependent(t *testing.T) {
	a, _ := FileRead.Members()
	_ = append(a, Member{Names: []string{"ptrace"}})
	a[0] = Member{}
	b, _ := FileRead.Members()
	c, _ := GoStart.Members()
	if len(b[0].Names) == 0 || slices.ContainsFunc(c, func(m Member) bool { return len(m.Names) == 0 }) {
		t.Error("changing a list of members changed the set")
	}
}

func TestNestedGroups(t *testing.T) {
	names := func(s Set) []string {
		members, _ := s.Members()
		var all []string
		for _, m := range members {
			all = append(all, m.Names...)
		}
		return all
	}
	for _, tt := range []struct {
		set  Set
		has  []string
		hasn []string
	}{
		{GroupSystemService, []string{"read", "openat", "socket", "clone3", "landlock_restrict_self", "execve"}, []string{"mount", "bpf", "ptrace", "reboot", "init_module"}},
		{GroupPrivileged, []string{"reboot", "swapon", "settimeofday", "init_module", "chown", "ioperm"}, []string{"read"}},
		{GroupKnown, []string{"read", "rseq_slice_yield", "socketcall", "set_tls"}, nil},
		{GroupDebug, []string{"ptrace", "s390_runtime_instr"}, nil},
		{Exec, []string{"execve", "futex", "prlimit64"}, []string{"clone3", "ptrace", "socket"}},
		{GoRuntime, []string{"futex", "mmap", "write"}, []string{"openat", "execve", "socket", "clone3", "ioctl"}},
	} {
		got := names(tt.set)
		for _, name := range tt.has {
			if !slices.Contains(got, name) {
				t.Errorf("%s lacks %s", tt.set, name)
			}
		}
		for _, name := range tt.hasn {
			if slices.Contains(got, name) {
				t.Errorf("%s has %s", tt.set, name)
			}
		}
	}
}

// What conditions in sets mean, call by call, as the compiled filter answers.
func TestSetConditions(t *testing.T) {
	const (
		goThread   = 0x50f00
		libcThread = 0x3d0f00
		newUser    = 0x10000000
		openCreate = 0x40
		badHigh    = 1 << 32
	)
	for _, tt := range []struct {
		sets  string
		arch  Arch
		name  string
		args  [6]uint64
		allow bool
	}{
		{"@go-runtime", AMD64, "clone", [6]uint64{goThread}, true},
		{"@go-runtime", AMD64, "clone", [6]uint64{goThread | 0x80000}, true},
		{"@go-runtime", AMD64, "clone", [6]uint64{goThread | newUser}, false},
		{"@go-runtime", AMD64, "clone", [6]uint64{libcThread}, false},
		{"@go-runtime", AMD64, "clone", [6]uint64{0, goThread}, false},
		{"@go-runtime", AMD64, "clone", [6]uint64{17}, false},
		{"@go-runtime", S390X, "clone", [6]uint64{0xdead, goThread}, true},
		{"@go-runtime", S390X, "clone", [6]uint64{goThread, newUser}, false},
		{"@go-runtime", ARM64, "clone", [6]uint64{goThread}, true},
		{"@go-runtime", I386, "clone", [6]uint64{goThread}, true},
		{"@go-runtime", AMD64, "fcntl", [6]uint64{1, 3}, true},
		{"@go-runtime", AMD64, "fcntl", [6]uint64{1, badHigh | 3}, true},
		{"@go-runtime", AMD64, "fcntl", [6]uint64{1, 1030}, true},
		{"@go-runtime", AMD64, "fcntl", [6]uint64{1, 8}, false}, // F_SETOWN
		{"@go-runtime", AMD64, "prctl", [6]uint64{0x53564d41, 0}, true},
		{"@go-runtime", AMD64, "prctl", [6]uint64{22, 2}, false}, // PR_SET_SECCOMP
		{"@go-runtime", AMD64, "kill", [6]uint64{1, 3}, true},
		{"@go-runtime", AMD64, "kill", [6]uint64{1, 9}, false},
		{"@cgo", AMD64, "clone", [6]uint64{libcThread}, true},
		{"@cgo", AMD64, "clone", [6]uint64{libcThread | newUser}, false},
		{"@cgo", AMD64, "clone3", [6]uint64{}, false},
		{"@exec", AMD64, "clone", [6]uint64{0x4111}, true},
		{"@exec", AMD64, "clone", [6]uint64{0x1200011}, true},
		{"@exec", AMD64, "clone", [6]uint64{0x4111 | newUser}, false},
		{"@exec", AMD64, "clone", [6]uint64{0x2011}, false}, // CLONE_PTRACE
		{"@exec", S390X, "clone", [6]uint64{newUser, 0x4111}, true},
		{"@exec", S390X, "clone", [6]uint64{0x4111, newUser}, false},
		{"@file-read", AMD64, "openat", [6]uint64{0, 0, 0x80000}, true},
		{"@file-read", AMD64, "openat", [6]uint64{0, 0, badHigh}, true},
		{"@file-read", AMD64, "openat", [6]uint64{0, 0, 1}, false},
		{"@file-read", AMD64, "openat", [6]uint64{0, 0, 2}, false},
		{"@file-read", AMD64, "openat", [6]uint64{0, 0, openCreate}, false},
		{"@file-read", AMD64, "openat", [6]uint64{0, 0, 0x200}, false}, // O_TRUNC
		{"@file-read", AMD64, "open", [6]uint64{0, 0x100}, true},       // O_NOCTTY
		{"@file-read", AMD64, "openat2", [6]uint64{}, false},
		{"@file-read", MIPS64LE, "openat", [6]uint64{0, 0, 0x100}, false}, // O_CREAT there
		{"@file-read", MIPS64LE, "openat", [6]uint64{0, 0, 0x40}, true},
		{"@file-read", PARISC, "openat", [6]uint64{0, 0, 0x400}, false}, // O_TRUNC there
		{"@file-read", PARISC, "openat", [6]uint64{0, 0, 0x200}, true},
		{"@file-read", AMD64, "fcntl", [6]uint64{0, 6}, false},
		{"@file-write", AMD64, "openat", [6]uint64{0, 0, openCreate | 1}, true},
		{"@file-write", AMD64, "fcntl", [6]uint64{0, 6}, true},  // F_SETLK
		{"@file-write", AMD64, "fcntl", [6]uint64{0, 37}, true}, // F_OFD_SETLK
		{"@file-write", AMD64, "fcntl", [6]uint64{0, 8}, false}, // F_SETOWN
		{"@file-write", PARISC, "fcntl", [6]uint64{0, 12}, false},
		{"@file-write", MIPS, "fcntl64", [6]uint64{0, 34}, true},
		{"@file-write", MIPS, "fcntl64", [6]uint64{0, 24}, false},
		{"@tcp-server", AMD64, "socket", [6]uint64{2, 0x80801, 6}, true},
		{"@tcp-server", AMD64, "socket", [6]uint64{10, 1, 262}, true},
		{"@tcp-server", AMD64, "socket", [6]uint64{1, 1}, false},
		{"@tcp-server", AMD64, "socket", [6]uint64{2, 2}, false},
		{"@tcp-server", AMD64, "socket", [6]uint64{2, 3}, false},
		{"@tcp-server", AMD64, "socket", [6]uint64{40, 1}, false},
		{"@tcp-server", AMD64, "connect", [6]uint64{}, false},
		{"@tcp-server", MIPSLE, "socket", [6]uint64{2, 2}, true},
		{"@tcp-server", MIPSLE, "socket", [6]uint64{2, 1}, false},
		{"@tcp-server", S390X, "socketcall", [6]uint64{1}, false}, // its arguments cannot be seen
		{"@tcp-server", S390X, "socketcall", [6]uint64{18}, true},
		{"@tcp-server", S390X, "socketcall", [6]uint64{3}, false},
		{"@udp", AMD64, "socket", [6]uint64{10, 0x80802}, true},
		{"@udp", AMD64, "socket", [6]uint64{2, 1}, false},
		{"@udp", AMD64, "listen", [6]uint64{}, false},
		{"@net-client", AMD64, "socket", [6]uint64{2, 1}, true},
		{"@net-client", AMD64, "socket", [6]uint64{2, 2}, true},
		{"@net-client", AMD64, "socket", [6]uint64{16, 3}, false},
		{"@net-client", AMD64, "accept4", [6]uint64{}, false},
		{"@unix-socket", AMD64, "socketpair", [6]uint64{1, 1}, true},
		{"@unix-socket", AMD64, "socket", [6]uint64{2, 1}, false},
		{"@memory-exec", AMD64, "mmap", [6]uint64{0, 0, 7}, true},
		{"@memory-exec", AMD64, "mprotect", [6]uint64{0, 0, 3}, false},
		{"@memory-exec", AMD64, "mprotect", [6]uint64{0, 0, 4}, true},
		{"@memory-exec", S390X, "mmap", [6]uint64{0, 0, 4}, false}, // a pointer, and two registers of no meaning
		{"@memory-exec", I386, "mmap2", [6]uint64{0, 0, 4}, true},
	} {
		p := AllowOnly(Set(tt.sets))
		p.Arches = nil
		prog, err := Compile(p, &CompileOptions{Target: tt.arch})
		if err != nil {
			t.Fatal(err)
		}
		nr, ok := tt.arch.Number(tt.name)
		if !ok {
			t.Fatalf("%v has no %s", tt.arch, tt.name)
		}
		got, _ := execute(t, prog, Call{Arch: tt.arch, Nr: nr, Args: tt.args})
		if (got == Allow) != tt.allow {
			t.Errorf("%s on %v: %s(%#x) is %v", tt.sets, tt.arch, tt.name, tt.args, got)
		}
	}
}

// AllowOnly refuses new calls as an old kernel would, so that programs fall back.
func TestAllowOnlyRefusals(t *testing.T) {
	p := AllowOnly(GoRuntime, FileRead, Cgo)
	for _, tt := range []struct {
		arch Arch
		name string
		want string
	}{
		{AMD64, "clone3", "ENOSYS"}, {AMD64, "openat2", "ENOSYS"}, {AMD64, "listns", "ENOSYS"}, {AMD64, "ptrace", "EPERM"},
		{AMD64, "faccessat2", ""}, {ARM64, "clone3", "ENOSYS"}, {ARM64, "bpf", "EPERM"}, {RISCV64, "clone3", "ENOSYS"},
		{S390X, "clone3", "ENOSYS"}, {PPC64LE, "clone3", "ENOSYS"},
	} {
		prog, err := Compile(p, &CompileOptions{Target: tt.arch})
		if err != nil {
			t.Fatal(err)
		}
		nr, _ := tt.arch.Number(tt.name)
		want := Allow
		if tt.want != "" {
			n, _ := tt.arch.ErrnoNumber(tt.want)
			want = Errno(n)
		}
		if got, _ := execute(t, prog, Call{Arch: tt.arch, Nr: nr}); got != want {
			t.Errorf("%s on %v is %v, want %v", tt.name, tt.arch, got, want)
		}
	}
}

// Every set compiles for every ABI, alone and all together.
func TestSetsCompileEverywhere(t *testing.T) {
	for _, abi := range syscalls.ABIs() {
		for _, s := range append(Sets(), "") {
			p := AllowOnly(s)
			if s == "" {
				p = AllowOnly(Sets()...)
			}
			if _, err := Compile(p, &CompileOptions{Target: Arch(abi)}); err != nil {
				t.Errorf("%v, %s: %v", abi, s, err)
			}
		}
	}
}

// Names with a width in them come in pairs: a 32-bit ABI's programs use the 64-bit time calls where the kernel has them.
func TestSetsKnowTime64(t *testing.T) {
	for _, s := range []Set{GoRuntime, Cgo, NetClient, UDP, Time, Signals, FileWrite} {
		members, _ := s.Members()
		var names []string
		for _, m := range members {
			names = append(names, m.Names...)
		}
		for _, name := range names {
			for _, suffix := range []string{"64", "_time64"} {
				wide := name + suffix
				major, _, ok := syscalls.Introduced(syscalls.I386, wide)
				if ok && major == 5 && strings.HasSuffix(wide, "64") && !slices.Contains(names, wide) {
					t.Errorf("%s has %s but not %s", s, name, wide)
				}
			}
		}
	}
}

func BenchmarkAllowOnlyCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(AllowOnly(GoRuntime, TCPServer, FileRead), nil); err != nil {
			b.Fatal(err)
		}
	}
}
