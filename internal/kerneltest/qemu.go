package kerneltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// memory is what the machine gets, in MiB: enough for an unpacked initramfs with a few Go programs.
const memory = 1024

// boot runs one machine to its end and hands each byte of its serial console to console. Machines that share a cache directory run
// one after the other: emulation keeps every processor busy. The timeout starts when the machine does.
func boot(ctx context.Context, cache string, k Kernel, img image, initramfs, append string, timeout time.Duration, console io.Writer) error {
	args := []string{"--no-fork", filepath.Join(cache, "machine.lock"), k.Command}
	args = appendArgs(args, k.Machine...)
	args = appendArgs(args,
		"-accel", "tcg", "-smp", "2", "-m", strconv.Itoa(memory),
		"-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-reboot",
		"-kernel", img.vmlinuz, "-initrd", initramfs,
		"-append", "console="+k.Console+" quiet loglevel=3 panic=-1 security=apparmor "+append)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cmd := exec.CommandContext(ctx, "flock", args...)
	cmd.Env = appendArgs(os.Environ(), "LC_ALL=C")
	first := &onFirstWrite{w: console, do: func() {
		time.AfterFunc(timeout, func() { cancel(fmt.Errorf("the machine did not finish in %v", timeout)) })
	}}
	cmd.Stdout = first
	var stderr tail
	cmd.Stderr = &stderr
	err := cmd.Run()
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return cause
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("booting needs flock and %s (Debian packages util-linux and qemu-system): %w", k.Command, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", k.Command, err, stderr.data)
	}
	return nil
}

func appendArgs(a []string, b ...string) []string { return append(a[:len(a):len(a)], b...) }

// onFirstWrite calls do before the first write.
type onFirstWrite struct {
	w  io.Writer
	do func()
}

func (o *onFirstWrite) Write(p []byte) (int, error) {
	if o.do != nil {
		o.do()
		o.do = nil
	}
	return o.w.Write(p)
}

// tail keeps the last few KiB written to it.
type tail struct{ data []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.data = append(t.data, p...)
	t.data = t.data[max(0, len(t.data)-4096):]
	return len(p), nil
}
