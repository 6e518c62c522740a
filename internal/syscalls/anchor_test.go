package syscalls

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
)

// xsysDir returns the directory of golang.org/x/sys/unix at the version of go.mod.
func xsysDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command(testenv.Tool(t, "go"), "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "unix")
	if err != nil || dir == "unix" {
		testenv.Missing(t, "no golang.org/x/sys in the module cache: %v", err)
	}
	return dir
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// notCalls are constants of x/sys that number nothing a kernel answers.
var notCalls = regexp.MustCompile(`^(arch_specific_syscall|syscall_mask|syscall_base|base|SYSCALL_BASE|BASE|SYSCALL_MASK|OABI_SYSCALL_BASE|(reserved|unused)\d+)$`)

// x/sys reads the kernel's headers with a C compiler, independently of our source.
func TestAnchorXSys(t *testing.T) {
	dir := xsysDir(t)
	constant := regexp.MustCompile(`(?m)^\s*SYS_(\w+)\s*=\s*(\d+)`)
	errno := regexp.MustCompile(`(?m)^\s*(E[A-Z0-9]+)\s*=\s*syscall\.Errno\((0x[0-9a-f]+)\)`)
	shared := readFile(t, filepath.Join(dir, "zerrors_linux.go"))
	for _, goarch := range []string{"amd64", "386", "arm64", "arm", "riscv64", "loong64", "s390x", "ppc64le", "ppc64", "ppc", "mips", "mipsle", "mips64", "mips64le"} {
		a, ok := ParseABI(goarch)
		if !ok {
			t.Fatalf("no ABI %s", goarch)
		}
		calls := 0
		for _, m := range constant.FindAllStringSubmatch(readFile(t, filepath.Join(dir, "zsysnum_linux_"+goarch+".go")), -1) {
			name := strings.ToLower(m[1])
			if notCalls.MatchString(name) || a == LOONG64 && name == "memfd_secret" {
				continue
			}
			calls++
			want, _ := strconv.ParseUint(m[2], 10, 32)
			if nr, ok := Number(a, name); !ok || uint64(nr) != want {
				t.Errorf("Number(%v, %q) = %d, %v, x/sys has %d", a, name, nr, ok, want)
			}
		}
		errnos := 0
		for _, m := range errno.FindAllStringSubmatch(shared+readFile(t, filepath.Join(dir, "zerrors_linux_"+goarch+".go")), -1) {
			errnos++
			want, _ := strconv.ParseUint(m[2], 0, 16)
			if n, ok := Errno(a, m[1]); !ok || uint64(n) != want {
				t.Errorf("Errno(%v, %q) = %d, %v, x/sys has %d", a, m[1], n, ok, want)
			}
		}
		if calls < 300 || errnos < 120 {
			t.Errorf("%s: read %d calls and %d errors from x/sys", goarch, calls, errnos)
		}
	}
}

// Debian's headers are the kernel's own, and have the ABIs that Go lacks. The first directory that exists counts.
var headers = []struct {
	a    ABI
	file string
	dirs []string
}{
	{AMD64, "unistd_64.h", []string{"/usr/include/x86_64-linux-gnu"}},
	{I386, "unistd_32.h", []string{"/usr/include/x86_64-linux-gnu", "/usr/i686-linux-gnu/include"}},
	{X32, "unistd_x32.h", []string{"/usr/include/x86_64-linux-gnu", "/usr/x86_64-linux-gnux32/include"}},
	{ARM, "unistd-eabi.h", []string{"/usr/arm-linux-gnueabihf/include", "/usr/arm-linux-gnueabi/include"}},
	{ARM, "unistd.h", []string{"/usr/arm-linux-gnueabihf/include", "/usr/arm-linux-gnueabi/include"}},
	{S390X, "unistd_64.h", []string{"/usr/s390x-linux-gnu/include"}},
	{S390, "unistd_32.h", []string{"/usr/s390x-linux-gnu/include"}},
	{PPC64LE, "unistd_64.h", []string{"/usr/powerpc64le-linux-gnu/include"}},
	{PPC64, "unistd_64.h", []string{"/usr/powerpc64-linux-gnu/include"}},
	{PPC, "unistd_32.h", []string{"/usr/powerpc-linux-gnu/include"}},
	{MIPS, "unistd_o32.h", []string{"/usr/mips-linux-gnu/include"}},
	{MIPSEL, "unistd_o32.h", []string{"/usr/mipsel-linux-gnu/include"}},
	{MIPS64, "unistd_n64.h", []string{"/usr/mips64-linux-gnuabi64/include"}},
	{MIPSEL64, "unistd_n64.h", []string{"/usr/mips64el-linux-gnuabi64/include"}},
	{MIPS64N32, "unistd_n32.h", []string{"/usr/mips64-linux-gnuabin32/include"}},
	{MIPSEL64N32, "unistd_n32.h", []string{"/usr/mips64el-linux-gnuabin32/include"}},
	{M68K, "unistd_32.h", []string{"/usr/m68k-linux-gnu/include"}},
	{PARISC, "unistd_32.h", []string{"/usr/hppa-linux-gnu/include"}},
	{PARISC64, "unistd_64.h", []string{"/usr/hppa-linux-gnu/include"}},
	{SH, "unistd_32.h", []string{"/usr/sh4-linux-gnu/include"}},
}

func TestAnchorHeaders(t *testing.T) {
	// A number alone, or one of the forms (__NR_Linux + 5), (__NR_SYSCALL_BASE + 5), (__ARM_NR_BASE+5).
	define := regexp.MustCompile(`(?m)^#define\s+__(?:ARM_)?NR_(\w+)\s+(?:(\d+)|\((\w+)\s*\+\s*(\d+)\))\s*$`)
	bases := map[string]uint32{"__NR_SYSCALL_BASE": 0, "__ARM_NR_BASE": armPrivate, "__X32_SYSCALL_BIT": X32Bit}
	read := 0
	for _, h := range headers {
		for _, dir := range h.dirs {
			data, err := os.ReadFile(filepath.Join(dir, "asm", h.file))
			if err != nil {
				continue
			}
			read++
			found := 0
			for _, m := range define.FindAllStringSubmatch(string(data), -1) {
				digits := m[2] + m[4]
				base, known := bases[m[3]]
				if m[3] == "__NR_Linux" {
					base, known = abis[h.a].base, true
				}
				if m[3] != "" && !known || notCalls.MatchString(m[1]) || strings.HasSuffix(m[1], "Linux_syscalls") || m[1] == "Linux" ||
					h.a == PARISC64 && m[1] == "_llseek" { // 32-bit only since after 6.1
					continue
				}
				found++
				n, _ := strconv.ParseUint(digits, 10, 32)
				if nr, ok := Number(h.a, m[1]); !ok || nr != base+uint32(n) {
					t.Errorf("Number(%v, %q) = %d, %v, %s has %d", h.a, m[1], nr, ok, filepath.Join(dir, h.file), base+uint32(n))
				}
			}
			if found < 300 && h.file != "unistd.h" || found < 4 {
				t.Errorf("%v: read %d calls from %s", h.a, found, filepath.Join(dir, h.file))
			}
			break
		}
	}
	if read == 0 {
		testenv.Missing(t, "no kernel headers (Debian's linux-libc-dev packages)")
	}
	t.Logf("read %d of %d header files", read, len(headers))
}
