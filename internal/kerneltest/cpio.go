package kerneltest

import (
	"fmt"
	"io"
	"io/fs"
	"path"
)

// cpioWriter writes a cpio archive in the "newc" format, the one the kernel unpacks as initramfs
// (Documentation/driver-api/early-userspace/buffer-format.rst).
type cpioWriter struct {
	w    io.Writer
	ino  int
	dirs map[string]bool
	err  error
}

// Mode bits of the file types the archive uses, from stat(2).
const (
	cpioDir  = 0o040000
	cpioFile = 0o100000
	cpioLink = 0o120000
	cpioChar = 0o020000
)

func newCPIO(w io.Writer) *cpioWriter { return &cpioWriter{w: w, dirs: map[string]bool{".": true}} }

// entry writes one header, name and content, each padded to four bytes.
func (c *cpioWriter) entry(name string, mode int, rdev [2]int, data []byte) {
	if c.err != nil {
		return
	}
	c.ino++
	_, c.err = fmt.Fprintf(c.w, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		c.ino, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name)+1, 0, name)
	c.pad(110 + len(name) + 1)
	if c.err == nil {
		_, c.err = c.w.Write(data)
	}
	c.pad(len(data))
}

func (c *cpioWriter) pad(n int) {
	if c.err == nil {
		_, c.err = c.w.Write(make([]byte, -n&3))
	}
}

// dir adds a directory and its parents, each once.
func (c *cpioWriter) dir(name string) {
	if c.dirs[name] {
		return
	}
	c.dirs[name] = true
	c.dir(path.Dir(name))
	c.entry(name, cpioDir|0o755, [2]int{}, nil)
}

// file adds a regular file; name is relative to the root and in [fs.ValidPath] form.
func (c *cpioWriter) file(name string, perm fs.FileMode, data []byte) {
	c.dir(path.Dir(name))
	c.entry(name, cpioFile|int(perm.Perm()), [2]int{}, data)
}

// link adds a symbolic link.
func (c *cpioWriter) link(name, target string) {
	c.dir(path.Dir(name))
	c.entry(name, cpioLink|0o777, [2]int{}, []byte(target))
}

// char adds a character device.
func (c *cpioWriter) char(name string, perm fs.FileMode, major, minor int) {
	c.dir(path.Dir(name))
	c.entry(name, cpioChar|int(perm.Perm()), [2]int{major, minor}, nil)
}

// close ends the archive and returns the first error of any call.
func (c *cpioWriter) close() error {
	c.entry("TRAILER!!!", 0, [2]int{}, nil)
	return c.err
}
