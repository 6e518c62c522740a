package kerneltest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Config says what to run.
type Config struct {
	Package  string        // the test package, as go test takes it; exactly one
	TestArgs []string      // arguments for the test binary, such as -test.run=TestX
	Env      []string      // additional NAME=value pairs; the environment of this process does not go along
	Append   string        // additional kernel command line, such as apparmor=0 or security=selinux
	Tags     string        // build tags besides kerneltest, which is always set
	Skips    bool          // accept skipped tests; by default a skip is a failure
	Timeout  time.Duration // of the machine, from its first sign of life; 0 means 10 minutes
	Needs    Needs         // additions to the package's own [NeedsFile]
	Output   io.Writer     // gets the test's output as it comes; nil discards it
}

// Run compiles the test package without cgo for the kernel's architecture and with the build tag kerneltest, which marks the tests
// that need such a machine; boots the kernel; runs the test in it as root with the package's testdata in the working directory;
// and returns what came of it. The environment of the test has STOCKADE_KERNEL set to the kernel's name, and the additional
// kernel command line in STOCKADE_KERNEL_APPEND. A nil error means that at least one test ran and every one passed.
func Run(ctx context.Context, k Kernel, c Config) (Verdict, error) {
	v, err := run(ctx, k, c)
	if err != nil {
		err = fmt.Errorf("kerneltest: %s on %s: %w", c.Package, k.Name, err)
	}
	return v, err
}

func run(ctx context.Context, k Kernel, c Config) (Verdict, error) {
	if c.Output == nil {
		c.Output = io.Discard
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Minute
	}
	cache, err := CacheDir()
	if err != nil {
		return Verdict{}, err
	}
	img, err := fetch(ctx, cache, k, c.Output)
	if err != nil {
		return Verdict{}, err
	}
	work, err := os.MkdirTemp("", "kerneltest-")
	if err != nil {
		return Verdict{}, err
	}
	defer os.RemoveAll(work)
	word := "kerneltest-" + rand.Text()
	initramfs := filepath.Join(work, "initramfs")
	if err := pack(ctx, k, c, img, word, work, initramfs); err != nil {
		return Verdict{}, err
	}
	j := &judge{word: word, out: c.Output}
	err = boot(ctx, cache, k, img, initramfs, c.Append, c.Timeout, j)
	if err == nil {
		err = j.verdict.err(c.Skips)
	}
	if err != nil && !j.verdict.Finished {
		err = fmt.Errorf("%w\nlast words of the machine:\n%s", err, lastLines(string(j.noise.data)+string(j.partial), 20))
	}
	return j.verdict, err
}

// pack compiles the test and writes the initramfs.
func pack(ctx context.Context, k Kernel, c Config, img image, word, work, initramfs string) error {
	dir, err := packageDir(ctx, c)
	if err != nil {
		return err
	}
	needs, err := readNeeds(dir, k.GOARCH)
	if err != nil {
		return err
	}
	needs.Policy = append(needs.Policy, c.Needs.Policy...)
	needs.Exe = append(needs.Exe, c.Needs.Exe...)
	needs.Programs = append(needs.Programs, c.Needs.Programs...)
	needs.Files = append(needs.Files, c.Needs.Files...)
	binary := filepath.Join(work, "test")
	if err := goTool(ctx, k, c.Tags, "test", "-c", "-o", binary, c.Package); err != nil {
		return err
	}
	p := newPacking()
	if err := p.base(img); err != nil {
		return err
	}
	args := append([]string{"/kerneltest/test", "-test.v", "-test.timeout=" + c.Timeout.String()}, c.TestArgs...)
	env := append([]string{"STOCKADE_KERNEL=" + k.Name, "STOCKADE_KERNEL_APPEND=" + c.Append}, c.Env...)
	p.script(word, env, args)
	if err := p.copyFile(binary, "/kerneltest/test"); err != nil {
		return err
	}
	if data := filepath.Join(dir, "testdata"); exists(data) {
		if err := p.copyTree(data, guestDir+"/testdata"); err != nil {
			return err
		}
	}
	err = p.needs(ctx, needs, k, func(pkg string) (string, error) {
		out := filepath.Join(work, "program-"+filepath.Base(pkg))
		return out, goTool(ctx, k, c.Tags, "build", "-o", out, pkg)
	})
	if err != nil {
		return err
	}
	if err := p.cpio.close(); err != nil {
		return err
	}
	return os.WriteFile(initramfs, p.out.Bytes(), 0o600)
}

// packageDir returns the directory of the one package that c names.
func packageDir(ctx context.Context, c Config) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", c.Package).Output()
	if err != nil {
		return "", fmt.Errorf("go list %s: %w", c.Package, err)
	}
	dirs := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(dirs) != 1 {
		return "", fmt.Errorf("%s names %d packages; name one", c.Package, len(dirs))
	}
	return dirs[0], nil
}

// goTool runs a go command that builds a static binary for the kernel's architecture.
func goTool(ctx context.Context, k Kernel, tags, verb string, args ...string) error {
	args = append([]string{verb, "-trimpath", "-ldflags=-s -w", "-tags=kerneltest," + tags}, args...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+k.GOARCH, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", verb, err, out)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
