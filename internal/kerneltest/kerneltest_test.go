package kerneltest

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gostockade/stockade/internal/testenv"
)

func TestRewriteSources(t *testing.T) {
	for _, tt := range []struct{ name, file, in, want string }{
		{"deb822", "debian.sources", `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Architectures: amd64
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main
`, `Types: deb
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://mirror.example/security
Suites: trixie-security
Components: main

`},
		{"foreign and disabled", "x.sources", "Types: deb\nURIs: http://other.example\nSuites: nodistro\nComponents: main\n\n" +
			"Types: deb\nEnabled: no\nURIs: http://mirror.example\nSuites: bookworm\nComponents: main\n\n" +
			"Types: deb\nURIs: http://docker.example\nSuites: bookworm\nComponents: stable\n", ""},
		{"one line", "sources.list", `# deb http://old.example bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm main non-free
deb [ arch=amd64 ] http://mirror.example/debian bookworm-updates main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookwormish main
deb http://mirror.example/debian
deb [never closed
`, `deb [signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian trixie main
deb http://mirror.example/debian trixie-updates main
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rewriteSources(tt.file, tt.in, "bookworm", "trixie")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseNeeds(t *testing.T) {
	in := "# comment\n\npolicy web.aa\n[arm64] exe /no\n[amd64] exe /usr/sbin/runc\nprogram ./examples/status\nfile data /etc/data\nfile /a /b\n"
	got, err := parseNeeds(strings.NewReader(in), "/pkg", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	want := Needs{
		Policy: []string{"/pkg/web.aa"}, Exe: []string{"/usr/sbin/runc"}, Programs: []string{"./examples/status"},
		Files: []File{{Host: "/pkg/data", Guest: "/etc/data"}, {Host: "/a", Guest: "/b"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"policy", "exe a b", "file a", "other x", "\n[amd64]"} {
		if _, err := parseNeeds(strings.NewReader(bad), "/pkg", "amd64"); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// The archive is read back by the cpio tool, an implementation of the format that is not ours.
func TestCPIO(t *testing.T) {
	tool := testenv.Tool(t, "cpio")
	var b bytes.Buffer
	c := newCPIO(&b)
	c.file("a/b/file", 0o644, []byte("seven77"))
	c.file("a/exe", 0o755, nil)
	c.link("a/link", "b/file")
	c.char("dev/null", 0o666, 1, 3)
	c.dir("empty")
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	archive := b.Bytes()
	cmd := exec.Command(tool, "-itv", "--quiet")
	cmd.Stdin = bytes.NewReader(archive)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		got = append(got, f[0]+" "+strings.Join(f[8:], " "))
	}
	want := []string{
		"drwxr-xr-x a", "drwxr-xr-x a/b", "-rw-r--r-- a/b/file", "-rwxr-xr-x a/exe", "lrwxrwxrwx a/link -> b/file",
		"drwxr-xr-x dev", "crw-rw-rw- 1970 dev/null", "drwxr-xr-x empty",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	cmd = exec.Command(tool, "-i", "--quiet", "--to-stdout", "a/b/file")
	cmd.Stdin = bytes.NewReader(archive)
	if out, err := cmd.Output(); err != nil || string(out) != "seven77" {
		t.Errorf("content: %q, %v", out, err)
	}
}

func TestVerdict(t *testing.T) {
	const begin = "noise\r\n\x1b[6nW begin 6.1.0-1-amd64\r\n"
	for _, tt := range []struct {
		name, console string
		skips         bool
		failed        bool   // the error is ErrFailed
		want          string // a part of the error; empty: none
	}{
		{"pass", begin + "--- PASS: TestA (0.00s)\r\nPASS\r\nW exit 0\r\n", false, false, ""},
		{"fail", begin + "    --- FAIL: TestA/x (0.00s)\r\nW exit 1\r\n", false, true, "exit code 1; failed: TestA/x"},
		{"nothing ran", begin + "testing: warning: no tests to run\r\nPASS\r\nW exit 0\r\n", false, true, "no test ran"},
		{"skip", begin + "--- PASS: TestB (0.00s)\n--- SKIP: TestA (0.00s)\r\nW exit 0\r\n", false, true, "skipped TestA"},
		{"skip accepted", begin + "--- SKIP: TestA (0.00s)\r\nW exit 0\r\n", true, false, ""},
		{"panic", begin + "--- PASS: TestA (0.00s)\r\nKernel panic\r\n", false, false, "stopped before the test ended"},
		{"no boot", "SeaBIOS\r\n", false, false, "did not reach user space"},
		{"half a line", begin + "--- PASS: TestA (0.00s)\r\nW exit", false, false, "stopped before the test ended"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			j := &judge{word: "W", out: &out}
			for i := range len(tt.console) { // one byte at a time: lines must not depend on how the console is read
				j.Write([]byte(tt.console[i : i+1]))
			}
			err := j.verdict.err(tt.skips)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, ErrFailed) != tt.failed {
				t.Errorf("err = %v, want %q, failed=%v", err, tt.want, tt.failed)
			}
			if strings.Contains(out.String(), "noise") || strings.Contains(out.String(), "\r") {
				t.Errorf("output has the machine's noise: %q", out.String())
			}
		})
	}
}

func TestFind(t *testing.T) {
	for _, k := range Kernels() {
		if got, err := Find(k.Name); err != nil || got.Name != k.Name {
			t.Errorf("Find(%s) = %v, %v", k.Name, got.Name, err)
		}
	}
	if _, err := Find("linux-9"); err == nil || !strings.Contains(err.Error(), "debian-6.12-amd64") {
		t.Errorf("unknown kernel: %v; want an error that lists the known ones", err)
	}
}
