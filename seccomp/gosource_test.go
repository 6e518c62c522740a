package seccomp

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gostockade/stockade/internal/testenv"
)

// previousToolchain is the last patch of the Go release before the newest; go fetches it as a module.
const previousToolchain = "go1.25.14"

// unusedByLinux are calls in the runtime's Linux sources that no Linux program makes by itself.
var unusedByLinux = []string{
	"access", "faccessat", "connect", "socket", "socketcall", // Android's logger
	"epoll_pwait2", // a constant without a user
}

// The sources of the Go runtime name its calls for every GOARCH, also those this machine cannot run. Each must be in GoRuntime or, as
// it may be made before main only, in GoStart.
func TestGoRuntimeSources(t *testing.T) {
	for _, toolchain := range []string{"", previousToolchain} {
		t.Run("toolchain "+toolchain, func(t *testing.T) {
			src := filepath.Join(goroot(t, toolchain), "src")
			for goarch, file := range map[string]string{
				"386": "386", "amd64": "amd64", "arm": "arm", "arm64": "arm64", "loong64": "loong64", "mips": "mipsx", "mipsle": "mipsx",
				"mips64": "mips64x", "mips64le": "mips64x", "ppc64": "ppc64x", "ppc64le": "ppc64x", "riscv64": "riscv64", "s390x": "s390x",
			} {
				arch, ok := ParseArch(goarch)
				if !ok {
					t.Fatalf("no ABI %s", goarch)
				}
				names := append(assemblyCalls(t, arch, filepath.Join(src, "runtime", "sys_linux_"+file+".s")), constantCalls(t, arch, src, file)...)
				if len(names) < 30 {
					t.Errorf("%s: found %d calls", goarch, len(names))
				}
				for _, name := range names {
					if !slices.Contains(unusedByLinux, name) && !setHas(GoRuntime, arch, name) && !setHas(GoStart, arch, name) {
						t.Errorf("the runtime for %s uses %s, which is in neither set", goarch, name)
					}
				}
			}
		})
	}
}

// goroot returns where a toolchain has its sources.
func goroot(t *testing.T, toolchain string) string {
	t.Helper()
	cmd := exec.Command(testenv.Tool(t, "go"), "env", "GOROOT")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain)
	if toolchain == "" {
		cmd.Env = os.Environ()
	}
	out, err := cmd.Output()
	root := strings.TrimSpace(string(out))
	if err == nil {
		_, err = os.Stat(filepath.Join(root, "src", "runtime"))
	}
	if err != nil {
		testenv.Missing(t, "no sources of Go toolchain %q: %v", toolchain, err)
	}
	return root
}

var (
	asmDefine = regexp.MustCompile(`(?m)^#define\s+SYS_(\w+)\s+\(?(SYS_BASE|\d+)?(?:\s*\+\s*)?(\d+)?\)?`)
	asmUse    = regexp.MustCompile(`\$?\bSYS_(\w+)`)
	goConst   = regexp.MustCompile(`(?m)^\s*SYS_(\w+)\s*=\s*(\d+)`)
)

// assemblyCalls returns the calls that the runtime's assembly makes, by their numbers: its own names have slips of the pen.
func assemblyCalls(t *testing.T, arch Arch, file string) (names []string) {
	t.Helper()
	text := string(mustRead(t, file))
	numbers := map[string]uint32{}
	base := uint64(0)
	for _, m := range asmDefine.FindAllStringSubmatch(text, -1) {
		first, _ := strconv.ParseUint(m[2], 10, 32)
		second, _ := strconv.ParseUint(m[3], 10, 32)
		nr := first + second
		if m[2] == "SYS_BASE" {
			nr += base
		}
		if m[1] == "BASE" {
			base = nr
		}
		numbers[m[1]] = uint32(nr)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#define") || strings.HasPrefix(strings.TrimSpace(line), "//") {
			continue
		}
		for _, m := range asmUse.FindAllStringSubmatch(line, -1) {
			nr, ok := numbers[m[1]]
			name, known := arch.CallName(nr)
			if !ok || !known {
				t.Errorf("%s: SYS_%s is %d, which %v does not have", filepath.Base(file), m[1], nr, arch)
				continue
			}
			names = append(names, name)
		}
	}
	return names
}

// constantCalls returns the calls that the runtime makes from Go. The package that names them has moved between releases.
func constantCalls(t *testing.T, arch Arch, src, file string) (names []string) {
	t.Helper()
	dir := filepath.Join(src, "internal", "runtime", "syscall")
	if _, err := os.Stat(filepath.Join(dir, "linux")); err == nil {
		dir = filepath.Join(dir, "linux")
	}
	for _, m := range goConst.FindAllStringSubmatch(string(mustRead(t, filepath.Join(dir, "defs_linux_"+file+".go"))), -1) {
		nr, _ := strconv.ParseUint(m[2], 10, 32)
		name, ok := arch.CallName(uint32(nr))
		if !ok {
			t.Errorf("SYS_%s is %d, which %v does not have", m[1], nr, arch)
		}
		names = append(names, name)
	}
	return names
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// setHas reports whether a set has a call on an ABI, with whatever arguments.
func setHas(s Set, arch Arch, name string) bool {
	members, _ := s.Members()
	return slices.ContainsFunc(members, func(m Member) bool {
		return slices.Contains(m.Names, name) && (m.Arches == nil || slices.Contains(m.Arches, arch))
	})
}
