//go:build linux

package profile

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/seccomp"
)

// injected are the system calls that Apply and Command make or may make; each is made to fail in turn, by a filter that this module compiles.
// Calls without which the Go runtime ends the process (mmap, futex, exit) are left out.
func injected() []string {
	return []string{
		"lsm_get_self_attr", "lsm_set_self_attr", "openat", "openat2", "fsopen", "fsconfig", "fsmount", "open_tree", "prctl", "seccomp", "pread64", "getdents64",
		"fstatfs", "statfs", "fstat", "newfstatat", "statx", "readlinkat", "fcntl", "uname",
		"clone", "clone3", "pipe2", "dup3", "execve", "pidfd_open", "pidfd_send_signal", "waitid", "wait4", "prlimit64", "kill",
	}
}

// faultProfile is what is applied under the fault.
func faultProfile() *Profile {
	p := noSockets()
	if apparmor.Enabled() == nil {
		p.AppArmor = &AppArmor{Profile: "stockade-enforce"}
	}
	return p
}

// faultTask makes one call fail, tries what it is told, says what came of it, and stays for the test to look at it from outside.
func faultTask(map[string]string) error {
	way, call := os.Args[1], os.Args[2]
	rule := seccomp.Rule{Names: []string{call}, Action: seccomp.Errno(uint16(syscall.EIO))}
	switch call { // without new threads the runtime gives up
	case "clone": // for processes alone, which are made with CLONE_VFORK
		rule.Args = []seccomp.Arg{{Index: 0, Op: seccomp.MaskedEQ, Mask: 0x4000, Value: 0x4000}}
	case "clone3": // its flags are in memory; with this error the C library makes threads with clone
		rule.Action = seccomp.Errno(uint16(syscall.ENOSYS))
	}
	inject := &seccomp.Profile{Default: seccomp.Allow, Rules: []seccomp.Rule{rule}}
	p := faultProfile()
	cmd := Command(p, os.Args[0])
	cmd.Env = append(os.Environ(), taskEnv+"=wait")
	cmd.Entry = entry
	if way == "entry" {
		forks := noForking()
		forks.AppArmor = p.AppArmor
		cmd.profile = forks
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := seccomp.Apply(inject, nil); err != nil {
		return err
	}
	pid := 0
	if way == "apply" {
		err = Apply(p, nil)
	} else if err = cmd.Start(); err == nil {
		pid = cmd.Process.Pid
	}
	fmt.Printf("TRIED %d %v\n", pid, err != nil)
	if err != nil {
		fmt.Printf("WHY %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
	} else {
		fmt.Println("WHY")
	}
	io.Copy(io.Discard, os.Stdin)
	in.Close()
	return nil
}

// outside reads the label and the number of filters of every thread of a process.
func outside(t *testing.T, pid int) []string {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, task := range tasks {
		dir := fmt.Sprintf("/proc/%d/task/%s/", pid, task.Name())
		status, err := os.ReadFile(dir + "status")
		if err != nil {
			continue
		}
		s := ""
		if label, err := os.ReadFile(dir + "attr/current"); err == nil {
			s = strings.TrimSpace(string(label))
		}
		for line := range strings.Lines(string(status)) {
			if n, ok := strings.CutPrefix(line, "Seccomp_filters:"); ok {
				s += " " + strings.TrimSpace(n)
			}
		}
		out = append(out, s)
	}
	return out
}

func syscallsForAttributes() bool {
	s, err := apparmor.ReadStatus()
	return err == nil && s.Syscalls
}

// TestFaults: whatever fails, an error means that nothing was started and this process is what it was, and no error means that all threads, or the child,
// are confined.
func TestFaults(t *testing.T) {
	ways := []string{"command", "entry"}
	before, after := " 1", " 2"
	if apparmor.Enabled() == nil {
		before, after = "unconfined 1", "stockade-enforce (enforce) 2"
	}
	if apparmor.Enabled() != nil || syscallsForAttributes() {
		ways = append(ways, "apply") // else it would have to start again, where the test loses it
	}
	for _, way := range ways {
		failed := 0
		for _, call := range injected() {
			if _, ok := seccomp.NativeArch().Number(call); !ok {
				continue
			}
			t.Run(way+"/"+call, func(t *testing.T) {
				cmd := exec.Command(os.Args[0], way, call)
				cmd.Env = append(os.Environ(), taskEnv+"=fault")
				in, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				stdout, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				defer cmd.Wait()
				defer in.Close()
				out := bufio.NewReader(stdout)
				tried, err := out.ReadString('\n')
				why, _ := out.ReadString('\n')
				fields := strings.Fields(tried)
				if err != nil || len(fields) != 3 || fields[0] != "TRIED" {
					t.Fatalf("%q, %v: the process ended in the attempt", tried, err)
				}
				child, _ := strconv.Atoi(fields[1])
				wantSelf := before
				if way == "apply" && fields[2] == "false" {
					wantSelf = after
				}
				for _, got := range outside(t, cmd.Process.Pid) {
					inForce := strings.Contains(why, "in force")
					if got != wantSelf && !inForce {
						t.Errorf("error %s (%s): a thread of the process is %q, want %q", fields[2], strings.TrimSpace(why), got, wantSelf)
					}
				}
				if child != 0 {
					for _, got := range outside(t, child) {
						if got != after {
							t.Errorf("no error, and the child is %q, want %q", got, after)
						}
					}
				}
				if fields[2] == "true" {
					failed++
				}
			})
		}
		if failed < 3 {
			t.Errorf("%s: only %d of the faults made it fail, so the faults do not reach it", way, failed)
		}
	}
}
