package kerneltest

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed init.sh
var initScript []byte

// guestDir is where the test runs inside the machine; its testdata directory lies there.
const guestDir = "/test"

// packing is the content of one initramfs.
type packing struct {
	cpio *cpioWriter
	out  bytes.Buffer
	seen map[string]bool
}

func newPacking() *packing {
	p := &packing{seen: map[string]bool{}}
	p.cpio = newCPIO(&p.out)
	return p
}

// base adds what every machine has: init, busybox, a console, and the files of a minimal system. /etc/shadow is there to be refused.
func (p *packing) base(img image) error {
	p.cpio.file("init", 0o755, initScript)
	if err := p.copyFile(img.busybox, "/bin/busybox"); err != nil {
		return err
	}
	p.cpio.link("bin/sh", "busybox")
	p.cpio.char("dev/console", 0o600, 5, 1)
	p.cpio.char("dev/null", 0o666, 1, 3)
	for name, text := range map[string]string{
		"etc/passwd":   "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
		"etc/group":    "root:x:0:\nnogroup:x:65534:\n",
		"etc/shadow":   "root:*:19000:0:99999:7:::\n",
		"etc/hosts":    "127.0.0.1 localhost\n::1 localhost\n",
		"etc/hostname": "kerneltest\n",
	} {
		p.cpio.file(name, 0o644, []byte(text))
	}
	return nil
}

// script adds the command to run and its environment, quoted for the shell.
func (p *packing) script(word string, env, args []string) {
	var e strings.Builder
	env = append(slices.Clone(env), "KERNELTEST_WORD="+word, "KERNELTEST_DIR="+guestDir)
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		fmt.Fprintf(&e, "export %s=%s\n", name, shellQuote(value))
	}
	p.cpio.file("kerneltest/env", 0o644, []byte(e.String()))
	var quoted []string
	for _, a := range args {
		quoted = append(quoted, shellQuote(a))
	}
	p.cpio.file("kerneltest/run", 0o644, []byte("exec "+strings.Join(quoted, " ")+"\n"))
	p.cpio.dir(guestDir[1:])
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// copyFile adds one file under a guest path; a second copy of the same path is dropped.
func (p *packing) copyFile(host, guest string) error {
	name := strings.TrimPrefix(path.Clean(guest), "/")
	if !fs.ValidPath(name) {
		return fmt.Errorf("%s is no path inside the machine", guest)
	}
	if p.seen[name] {
		return nil
	}
	p.seen[name] = true
	info, err := os.Stat(host)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(host)
	if err != nil {
		return err
	}
	p.cpio.file(name, info.Mode(), data)
	return nil
}

// copyTree adds a file, or a directory with everything below it.
func (p *packing) copyTree(host, guest string) error {
	return filepath.WalkDir(host, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(host, file)
		if err != nil {
			return err
		}
		to := path.Join(guest, filepath.ToSlash(rel))
		switch {
		case d.IsDir():
			p.cpio.dir(strings.TrimPrefix(to, "/"))
			return nil
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(file)
			p.cpio.link(strings.TrimPrefix(to, "/"), target)
			return err
		case d.Type().IsRegular():
			return p.copyFile(file, to)
		}
		return nil
	})
}

// needs adds everything the test names.
func (p *packing) needs(ctx context.Context, n Needs, k Kernel, build func(pkg string) (string, error)) error {
	for _, f := range n.Files {
		if f.Guest == "" {
			f.Guest = f.Host
		}
		if err := p.copyTree(f.Host, f.Guest); err != nil {
			return err
		}
	}
	for _, exe := range n.Exe {
		if err := p.exe(exe); err != nil {
			return err
		}
	}
	for _, pkg := range n.Programs {
		file, err := build(pkg)
		if err != nil {
			return err
		}
		if err := p.copyFile(file, "/bin/"+path.Base(pkg)); err != nil {
			return err
		}
	}
	for i, file := range n.Policy {
		blob, err := compilePolicy(ctx, file)
		if err != nil {
			return err
		}
		p.cpio.file(fmt.Sprintf("kerneltest/policy/%02d-%s", i, filepath.Base(file)), 0o644, blob)
	}
	return nil
}

// exe adds a program of this machine with its shared libraries.
func (p *packing) exe(program string) error {
	libs, err := sharedFiles(program)
	if err != nil {
		return err
	}
	for _, file := range append(libs, program) {
		if err := p.copyFile(file, file); err != nil {
			return err
		}
	}
	return nil
}

// kernelFeatures is the feature set that policy is compiled for: the one that Debian pins its policy to, in its package apparmor. Without it
// the parser would look for this machine's kernel and, where that has no AppArmor, leave out all but file rules.
const kernelFeatures = "/usr/share/apparmor-features/features"

// compilePolicy has AppArmor's own parser compile a profile to the kernel's binary form, so that it can be loaded where there is
// no parser. The form does not depend on the architecture.
func compilePolicy(ctx context.Context, file string) ([]byte, error) {
	parser, err := exec.LookPath("apparmor_parser")
	if err != nil {
		parser = "/usr/sbin/apparmor_parser"
	}
	cmd := exec.CommandContext(ctx, parser, "--skip-kernel-load", "--skip-cache", "--stdout", "--features-file="+kernelFeatures, file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	blob, err := cmd.Output()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("compiling %s needs apparmor_parser (Debian package apparmor): %w", file, err)
	}
	if err != nil {
		return nil, fmt.Errorf("apparmor_parser %s: %w\n%s", file, err, lastLines(stderr.String(), 5))
	}
	return blob, nil
}
