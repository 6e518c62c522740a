//go:build kerneltest

package apparmor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/internal/sys"
)

// The attacks are those of CVE-2019-16884, CVE-2019-19921, CVE-2023-28642 and CVE-2025-52881: whoever shapes the mounts that a program sees puts something
// else where its attribute files should be, so that writing the profile's name looks like a success and confines nothing.

// attacks prepare the mount namespace of this process against its thread tid.
func attacks() map[string]func(tid int) error {
	self := func(tid int) string { return fmt.Sprintf("/proc/%d/task/%d/attr", os.Getpid(), tid) }
	return map[string]func(int) error{
		"none": func(int) error { return nil },
		"file over attr": func(tid int) error {
			return overAttr(self(tid), func(name string) (string, error) {
				fake := "/tmp/fake-" + name
				return fake, os.WriteFile(fake, []byte("stockade-enforce (enforce)\n"), 0o666)
			})
		},
		"another process's attr over attr": func(tid int) error {
			return overAttr(self(tid), func(name string) (string, error) { return "/proc/1/attr/apparmor/" + name, nil })
		},
		"another file of procfs over attr": func(tid int) error {
			return overAttr(self(tid), func(name string) (string, error) { return "/proc/self/sched", nil })
		},
		"directory over attr": func(tid int) error {
			if err := fakeAttr("/tmp/attr"); err != nil {
				return err
			}
			return syscall.Mount("/tmp/attr", self(tid), "", syscall.MS_BIND, "")
		},
		"another process's directory over the thread's": func(tid int) error {
			return syscall.Mount("/proc/1", fmt.Sprintf("/proc/%d/task/%d", os.Getpid(), tid), "", syscall.MS_BIND, "")
		},
		"tmpfs over /proc": func(tid int) error {
			return overProc(func() error {
				if err := fakeAttr("/proc/thread-self/attr"); err != nil {
					return err
				}
				return fakeAttr("/proc/self/attr")
			})
		},
		"tmpfs over /proc with links": func(tid int) error {
			if err := fakeAttr("/tmp/linked"); err != nil {
				return err
			}
			return overProc(func() error {
				if err := os.MkdirAll("/proc/thread-self", 0o755); err != nil {
					return err
				}
				return errors.Join(os.Symlink("/tmp/linked", "/proc/thread-self/attr"), os.Symlink("thread-self", "/proc/self"))
			})
		},
		"another process as /proc": func(tid int) error { return syscall.Mount("/proc/1", "/proc", "", syscall.MS_BIND, "") },
		"no /proc":                 func(tid int) error { return overProc(func() error { return nil }) },
	}
}

func overAttr(attr string, source func(name string) (string, error)) error {
	for _, name := range []string{"current", "exec"} {
		from, err := source(name)
		if err != nil {
			return err
		}
		for _, dir := range []string{"", "apparmor"} {
			if err := syscall.Mount(from, filepath.Join(attr, dir, name), "", syscall.MS_BIND, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// fakeAttr makes a directory that looks like attr.
func fakeAttr(dir string) error {
	if err := os.MkdirAll(dir+"/apparmor", 0o755); err != nil {
		return err
	}
	for _, name := range []string{"current", "exec", "apparmor/current", "apparmor/exec"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("stockade-enforce (enforce)\n"), 0o666); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(dir, name), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func overProc(fill func() error) error {
	if err := syscall.Mount("fake", "/proc", "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	return fill()
}

// underAttack prepares the attack and then tries to put a child, or this process, under a profile. What confines is judged by what
// is refused afterwards, not by anything in /proc.
func underAttack(f map[string]string) error {
	scenario, user, way, _ := cutThree(os.Getenv("STOCKADE_ATTACK"))
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		return err
	}
	if err := syscall.Mount("fake", "/tmp", "tmpfs", 0, ""); err != nil {
		return err
	}
	var k taskKernel = sys.Kernel{}
	if way == "files" {
		k = oldKernel{}
	}
	f["ready"] = "no"
	runtime.LockOSThread() // never unlocked: this goroutine's thread is the one under attack
	if err := attacks()[scenario](syscall.Gettid()); err != nil {
		return err
	}
	if user == "nobody" {
		if err := syscall.Setuid(65534); err != nil {
			return err
		}
	}
	f["ready"] = "yes"
	var err error
	if way == "process" {
		_, err = ChangeProfile("stockade-enforce", nil)
		_, readErr := os.ReadFile("/etc/shadow")
		f["shadow"] = errText(readErr)
		return err
	}
	err = onExec(k, enterRequest{op: "change on exec", command: "exec ", name: "stockade-enforce"})
	out, runErr := exec.Command("/bin/busybox", "cat", "/etc/shadow").CombinedOutput()
	f["shadow"] = "<nil>"
	if runErr != nil {
		f["shadow"] = fmt.Sprintf("%v %s", runErr, out)
	}
	return err
}

func cutThree(s string) (a, b, c string, ok bool) {
	p := strings.Split(s, "|")
	if len(p) != 3 {
		return "", "", "", false
	}
	return p[0], p[1], p[2], true
}

// immune tells who is not impressed: the system calls need no file; root has a procfs of its own for all but the list of the process's threads.
func immune(scenario, user, way string) bool {
	replaced := slices.Contains([]string{"tmpfs over /proc", "tmpfs over /proc with links", "another process as /proc", "no /proc"}, scenario)
	return scenario == "none" || way == "files" && user == "root" || way == "calls" || way == "process" && user == "root" && !replaced
}

func TestKernelAttacks(t *testing.T) {
	ways := []string{"files", "calls", "process"}
	if !hasSyscalls() {
		ways = ways[:1]
	}
	for _, way := range ways {
		for _, user := range []string{"root", "nobody"} {
			for scenario := range attacks() {
				t.Run(way+"/"+user+"/"+scenario, func(t *testing.T) {
					r := child(t, "attack", func(cmd *exec.Cmd) {
						cmd.Env = append(cmd.Env, "STOCKADE_ATTACK="+scenario+"|"+user+"|"+way)
						cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
					})
					if r.Facts["ready"] != "yes" {
						t.Fatalf("the attack could not be prepared: %s", r.Err)
					}
					refused := strings.Contains(strings.ToLower(r.Facts["shadow"]), "permission denied")
					switch {
					case r.Err == "" && !refused:
						t.Errorf("success without confinement: reading /etc/shadow gave %q", r.Facts["shadow"])
					case r.Err != "" && refused && !slices.Contains(r.Is, "ErrNotConfined"):
						t.Errorf("error %q and yet confined", r.Err)
					case immune(scenario, user, way) != (r.Err == ""):
						t.Errorf("err = %q", r.Err)
					}
				})
			}
		}
	}
}
