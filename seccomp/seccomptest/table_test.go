package seccomptest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gostockade/stockade/seccomp"
)

func TestParse(t *testing.T) {
	eq := func(i uint, v uint64) seccomp.Arg { return seccomp.Arg{Index: i, Value: v} }
	eq32 := func(i uint, v uint64) seccomp.Arg {
		return seccomp.Arg{Index: i, Width: seccomp.Width32, Value: v}
	}
	const eperm = 1
	tests := []struct {
		line string
		arch seccomp.Arch
		nr   uint32
		args []seccomp.Arg
		want seccomp.Action
	}{
		{"amd64 openat(_, _, O_RDONLY)  allow", seccomp.AMD64, 257, []seccomp.Arg{eq(2, 0)}, seccomp.Allow},
		{"amd64 socket(AF_VSOCK)        errno EPERM", seccomp.AMD64, 41, []seccomp.Arg{eq(0, 40)}, seccomp.Errno(eperm)},
		{"386 read() kill_process", seccomp.I386, 3, nil, seccomp.KillProcess},
		{"\tx86_64\tread( _ )\tallow # a comment", seccomp.AMD64, 0, nil, seccomp.Allow},
		{"amd64 openat(AT_FDCWD,_,O_WRONLY|O_CREAT|O_CLOEXEC,0644) errno 13#", seccomp.AMD64, 257,
			[]seccomp.Arg{eq(0, ^uint64(99)), eq(2, 0x80041), eq(3, 0o644)}, seccomp.Errno(13)},
		{"arm64 openat(_,_,O_DIRECTORY) allow", seccomp.ARM64, 56, []seccomp.Arg{eq(2, 0x4000)}, seccomp.Allow},
		{"amd64 openat(_,_,O_DIRECTORY) allow", seccomp.AMD64, 257, []seccomp.Arg{eq(2, 0x10000)}, seccomp.Allow},
		{"mips64le socket(_, SOCK_STREAM|SOCK_NONBLOCK) allow", seccomp.MIPS64LE, 5040, []seccomp.Arg{eq(1, 0x82)}, seccomp.Allow},
		{"386 kill(-1, SIGKILL) trap 7", seccomp.I386, 37, []seccomp.Arg{eq32(0, 0xffffffff), eq32(1, 9)}, seccomp.TrapWith(7)},
		{"x32 read() errno ENOSYS", seccomp.X32, 0x40000000, nil, seccomp.Errno(38)},
		{"mips read() errno ENOSYS", seccomp.MIPS, 4003, nil, seccomp.Errno(89)},
		{"amd64 1000() trace 65535", seccomp.AMD64, 1000, nil, seccomp.TraceWith(65535)},
		{"amd64 0x40000000(1,0b10,-1) notify", seccomp.AMD64, 0x40000000, []seccomp.Arg{eq(0, 1), eq(1, 2), eq(2, ^uint64(0))}, seccomp.Notify},
		{"amd64 personality(ADDR_NO_RANDOMIZE) log", seccomp.AMD64, 135, []seccomp.Arg{eq(0, 0x40000)}, seccomp.Log},
	}
	for _, tt := range tests {
		lines, err := Parse("\n# heading\n" + tt.line + "\n\n")
		if err != nil || len(lines) != 1 {
			t.Errorf("%q: %v, %v", tt.line, lines, err)
			continue
		}
		l := lines[0]
		if l.Number != 3 || l.Arch != tt.arch || l.Nr != tt.nr || !slices.Equal(l.Args, tt.args) || l.Want != tt.want {
			t.Errorf("%q: %+v", tt.line, l)
		}
		if !strings.Contains(tt.line, l.Text) || strings.ContainsAny(l.Text, "#") {
			t.Errorf("%q: text %q", tt.line, l.Text)
		}
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		line   string
		column int
		text   string
	}{
		{"pdp11 read() allow", 1, `"pdp11" is no ABI`},
		{"amd64", 6, "write a call"},
		{"amd64 socketcall() allow", 7, `amd64 has no call "socketcall"`},
		{"amd64 4294967296() allow", 7, "no call number"},
		{"amd64 read allow", 12, "parentheses"},
		{"amd64 read(1 2) allow", 14, "expected , or )"},
		{"amd64 read(1,) allow", 14, "an argument is missing"},
		{"amd64 read(1,2,3,4,5,6,7) allow", 24, "at most 6 arguments"},
		{"amd64 read(O_RDONLY|_) allow", 21, "cannot be joined"},
		{"amd64 read(O_NONSENSE) allow", 12, `"O_NONSENSE" is no number and no constant`},
		{"amd64 read(99999999999999999999) allow", 12, "is no number"},
		{"386 read(0x100000000) allow", 10, "does not fit in an argument of 386"},
		{"386 read(-2147483649) allow", 10, "does not fit"},
		{"parisc openat(_,_,O_DIRECTORY) allow", 19, "on parisc is not known here"},
		{"amd64 read() ", 13, "write the expected action"},
		{"amd64 read() permit", 14, `action "permit" is unknown`},
		{"amd64 read() errno", 14, "errno needs a number"},
		{"amd64 read() errno ENONSENSE", 20, `"ENONSENSE" is no error of amd64`},
		{"amd64 read() errno 4096", 20, "no error"},
		{"amd64 read() allow 1", 14, "no meaning for allow"},
		{"amd64 read() errno EPERM allow", 26, "nothing may follow"},
		{"amd64 read(" + strings.Repeat("0", MaxLine) + ") allow", 1, "longer than 4096 bytes"},
	}
	for _, tt := range tests {
		lines, err := Parse("amd64 read() allow\n" + tt.line)
		var se *SyntaxError
		if !errors.As(err, &se) || len(lines) != 1 {
			t.Errorf("%.60q: %v, %v", tt.line, lines, err)
			continue
		}
		if se.Line != 2 || se.Column != tt.column || !strings.Contains(se.Error(), tt.text) {
			t.Errorf("%.60q: column %d: %v", tt.line, se.Column, err)
		}
	}
	if _, err := Parse(strings.Repeat("\n", MaxTable+1)); !errors.Is(err, seccomp.ErrTooLarge) {
		t.Errorf("huge table: %v", err)
	}
}

func TestSyntaxErrorPointsAtThePlace(t *testing.T) {
	_, err := Parse("\n\tamd64 read(O_NONSENSE) allow\n\tamd64 red() allow")
	want := "table line 2, column 13: \"O_NONSENSE\" is no number and no constant known here; write the number\n" +
		"\t\tamd64 read(O_NONSENSE) allow\n" +
		"\t\t           ^\n" +
		"table line 3, column 8: amd64 has no call \"red\"\n" +
		"\t\tamd64 red() allow\n" +
		"\t\t      ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestConstants compares values with those of known headers where architectures disagree, and the order the search needs.
func TestConstants(t *testing.T) {
	tests := []struct {
		arch seccomp.Arch
		name string
		want uint64
	}{
		{seccomp.AMD64, "O_DIRECT", 0o40000}, {seccomp.ARM, "O_DIRECT", 0o200000}, {seccomp.MIPS, "O_DIRECT", 0o100000}, // asm/fcntl.h
		{seccomp.AMD64, "SOCK_STREAM", 1}, {seccomp.MIPSLE, "SOCK_STREAM", 2}, {seccomp.MIPS64N32, "SOCK_DGRAM", 1}, // asm/socket.h
		{seccomp.X32, "MAP_ANONYMOUS", 0x20}, {seccomp.MIPS64, "MAP_ANONYMOUS", 0x800}, // asm/mman.h
		{seccomp.S390X, "CLONE_NEWUSER", 0x10000000}, {seccomp.SH, "CLONE_NEWUSER", 0x10000000}, // linux/sched.h
		{seccomp.AMD64, "AT_FDCWD", 1<<64 - 100}, {seccomp.AMD64, "PTRACE_TRACEME", 0}, {seccomp.AMD64, "PR_SET_NO_NEW_PRIVS", 38},
		{seccomp.AMD64, "TIOCSTI", 0x5412}, {seccomp.AMD64, "SIGSYS", 31}, {seccomp.MIPS, "SIGSYS", 12}, {seccomp.AMD64, "PER_LINUX32", 8},
	}
	for _, tt := range tests {
		if v, ok, _ := lookup(tt.arch, tt.name); !ok || v != tt.want {
			t.Errorf("%s on %v: %#x, %v", tt.name, tt.arch, v, ok)
		}
	}
	byName := func(a, b constant) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(everywhere[:], byName) || !slices.IsSortedFunc(personality[:], byName) ||
		!slices.IsSortedFunc(varying[:], func(a, b archConstant) int { return strings.Compare(a.name, b.name) }) {
		t.Error("a table of constants is not sorted")
	}
}

// FuzzParse: any table gives lines or errors with places inside it, and a line's text parses to the same line.
func FuzzParse(f *testing.F) {
	f.Add("amd64 openat(_, _, O_RDONLY)  allow\n386 read() kill_process # c")
	f.Add("amd64 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC) errno EPERM\n\tx32 1(-1) trace 7")
	f.Add("amd64 read(|) allow\namd64 ()")
	f.Fuzz(func(t *testing.T, table string) {
		lines, err := Parse(table)
		var se *SyntaxError
		if errors.As(err, &se) && (se.Line < 1 || se.Column < 1 || se.Column > len(se.Source)+1) {
			t.Errorf("%q: place %d:%d of %q", table, se.Line, se.Column, se.Source)
		}
		for _, l := range lines {
			again, err := Parse(l.Text)
			if err != nil || len(again) != 1 {
				t.Fatalf("%q: %v, %v", l.Text, again, err)
			}
			a := again[0]
			if a.Arch != l.Arch || a.Nr != l.Nr || a.Want != l.Want || !slices.Equal(a.Args, l.Args) {
				t.Errorf("%q: %+v, then %+v", l.Text, l, a)
			}
		}
	})
}
