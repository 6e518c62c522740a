package profile

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/internal/sys"
	"github.com/gostockade/stockade/seccomp"
)

// entryEnv names, in the environment of a program started again by Cmd.Start, the descriptors of its order and of its answer.
const entryEnv = "STOCKADE_CHILD"

// Entry is proof that the program calls ChildEntry. The zero value is none.
type Entry struct{ valid bool }

// ChildEntry lets Cmd start this program again as the child: there, it confines itself, executes the program that was asked for in its place, and never
// returns. In the program proper it returns at once. Call it first thing in main (in a test, in TestMain), before anything that should happen
// only once, and put the result in Cmd.Entry:
//
//	func main() {
//		entry := profile.ChildEntry()
//		...
//		cmd := profile.Command(p, "/usr/bin/convert", file)
//		cmd.Entry = entry
//
// It is needed for profiles only that forbid what starting a process takes, such as clone and pipe2; see ErrNeedsEntry.
func ChildEntry() Entry {
	if order := os.Getenv(entryEnv); order != "" {
		os.Exit(runChild(order))
	}
	return Entry{valid: true}
}

// order is what the child is told.
type order struct {
	Path          string
	Args          []string
	Env           []string
	AppArmor      *AppArmor
	LaxAppArmor   bool
	Program       []byte // nil without a seccomp half
	Flags         seccomp.Flags
	AllowNewPrivs bool
	AllowUnread   bool
	Comm          string // name of the process until the execve
}

// answerDone is the child's answer after it read the order and before it confines itself; what follows is an error.
const answerDone = "ok\n"

// startEntry starts this program again, gives it the order, and waits until it has executed the other program or failed.
func (p *startPlan) startEntry() error {
	c := p.cmd.Cmd
	o := order{
		Path: c.Path, Args: c.Args, Env: c.Environ(), AppArmor: p.cmd.profile.AppArmor, LaxAppArmor: p.cmd.AppArmor.AllowNotEnforced,
		Program: p.program.Bytes(), Flags: p.load.Flags, AllowNewPrivs: p.load.AllowNewPrivs, AllowUnread: p.load.AllowUnreadable,
	}
	o.Comm = "sc-" + rand.Text()[:12] // 15 bytes at most: TASK_COMM_LEN
	p.before.comm = o.Comm
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	orderR, orderW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer orderW.Close()
	answerR, answerW, err := os.Pipe()
	if err != nil {
		orderR.Close()
		return err
	}
	defer answerR.Close()
	fd := 3 + len(c.ExtraFiles)
	c.ExtraFiles = append(c.ExtraFiles[:len(c.ExtraFiles):len(c.ExtraFiles)], orderR, answerW)
	c.Path, c.Args = self, []string{c.Args[0]}
	c.Env = append(o.Env[:len(o.Env):len(o.Env)], fmt.Sprintf("%s=%d,%d", entryEnv, fd, fd+1))
	err = p.startUnlocked()
	c.Path, c.Args, c.Env = o.Path, o.Args, o.Env
	orderR.Close()
	answerW.Close()
	if err != nil {
		return err
	}
	if err := p.converse(orderW, answerR, data); err != nil {
		p.cmd.Process.Kill() // it may have ended by itself
		p.cmd.Wait()         // its error is that it was killed
		return err
	}
	return p.verify()
}

// converse hands over the order and reads the answer up to its end, which comes with the execve.
func (p *startPlan) converse(orderW, answerR *os.File, data []byte) error {
	_, writeErr := orderW.Write(data)
	orderW.Close()
	answer, err := io.ReadAll(io.LimitReader(answerR, 64<<10))
	if err != nil {
		return err
	}
	rest, ok := strings.CutPrefix(string(answer), answerDone)
	switch {
	case !ok && len(answer) > 0:
		return fmt.Errorf("%w: the child says: %s", ErrNotConfined, answer)
	case !ok:
		return errors.Join(fmt.Errorf("%w: the child ended before it confined itself", ErrNotConfined), writeErr)
	case rest == "":
		return p.expectEntry()
	}
	return fmt.Errorf("%w: the child says: %s", ErrNotConfined, rest)
}

// expectEntry says what to expect of a child that confined itself: one filter more than this process has, and the profile's label.
func (p *startPlan) expectEntry() error {
	state, err := seccomp.Status(0)
	if err == nil {
		p.before.filters = state.Filters
	}
	return err
}

// runChild is the child: it returns an exit code only if the other program could not be executed.
func runChild(where string) int {
	orderFD, answerFD, ok := strings.Cut(where, ",")
	in, err1 := strconv.Atoi(orderFD)
	out, err2 := strconv.Atoi(answerFD)
	if !ok || err1 != nil || err2 != nil || in < 3 || out < 3 {
		fmt.Fprintf(os.Stderr, "profile: %s=%q is not from this program\n", entryEnv, where)
		return 126
	}
	var k sys.Kernel
	if err := errors.Join(k.SetCloseOnExec(in, true), k.SetCloseOnExec(out, true)); err != nil {
		fmt.Fprintf(os.Stderr, "profile: %s=%q: %v\n", entryEnv, where, err)
		return 126
	}
	answer := os.NewFile(uintptr(out), "answer")
	data, err := io.ReadAll(os.NewFile(uintptr(in), "order"))
	var o order
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	if err == nil {
		_, err = answer.WriteString(answerDone)
	}
	if err == nil {
		err = o.obey()
	}
	fmt.Fprint(answer, err)
	return 126
}

// obey confines this thread and executes the program; of all threads it alone goes on. It returns only with an error.
func (o *order) obey() error {
	runtime.LockOSThread()
	_ = os.WriteFile("/proc/self/comm", []byte(o.Comm), 0) // serves only to word an error
	p := &startPlan{cmd: &Cmd{Cmd: &exec.Cmd{}, profile: &Profile{AppArmor: o.AppArmor}}}
	p.cmd.Load.AllowNewPrivs = o.AllowNewPrivs
	p.cmd.AppArmor.AllowNotEnforced = o.LaxAppArmor
	if err := p.arrangeAppArmor(); err != nil {
		return err
	}
	if o.Program == nil {
		return errors.New("no filter in the order")
	}
	program, err := seccomp.ParseProgram(o.Program, seccomp.NativeArch())
	if err != nil {
		return err
	}
	p.program = program
	p.load = seccomp.LoadOptions{Flags: o.Flags, ThisThread: true, AllowNewPrivs: o.AllowNewPrivs, AllowUnreadable: o.AllowUnread}
	if err := p.confineThread(); err != nil {
		return err
	}
	err = sys.Kernel{}.Exec(o.Path, o.Args, o.Env)
	return fmt.Errorf("execve %s: %w", o.Path, err)
}
