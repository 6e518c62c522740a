package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/seccomp"
)

// Cmd is an external program to be started under a profile, the caller staying as it was. The fields and most methods are those of the exec.Cmd inside
// it: set Args, Env, Dir, Stdin, Stdout, ExtraFiles, SysProcAttr, Cancel as ever, use StdoutPipe, Wait, Process. Start, Run, Output and
// CombinedOutput must be those of Cmd itself; called on the exec.Cmd they fail with ErrBypassed.
//
// Like an exec.Cmd it can be used once.
type Cmd struct {
	*exec.Cmd
	// Compile and Load are for the seccomp half. Load.ThisThread and Load.Before are not for here; FlagNewListener neither.
	Compile seccomp.CompileOptions
	Load    seccomp.LoadOptions
	// AppArmor is for the AppArmor half.
	AppArmor apparmor.EnterOptions
	// Entry, from ChildEntry, is needed where the filter forbids what this process does to start a child (ErrNeedsEntry): the child then
	// is this program again, which confines itself and executes the other in its place.
	Entry Entry

	profile *Profile
	lookErr error // what exec.Command found wrong
	started bool
}

// Command returns a Cmd to execute the named program with the arguments under the profile; see exec.Command for how the name is looked up.
func Command(p *Profile, name string, args ...string) *Cmd {
	return wrap(p, exec.Command(name, args...))
}

// CommandContext is Command with a context that, when done, kills the child; see exec.CommandContext.
func CommandContext(ctx context.Context, p *Profile, name string, args ...string) *Cmd {
	return wrap(p, exec.CommandContext(ctx, name, args...))
}

// wrap makes the methods of the exec.Cmd that would start the program unconfined fail.
func wrap(p *Profile, c *exec.Cmd) *Cmd {
	w := &Cmd{Cmd: c, profile: p, lookErr: c.Err}
	c.Err = ErrBypassed
	return w
}

// Start starts the program and returns when it runs under the profile, or with an error and no program running. It does not change what
// confines this process: a thread is made for the purpose, takes the filter and the AppArmor arrangement, starts the child, and ends.
//
// What the child is under is read back from /proc. The child is under no_new_privs unless Load.AllowNewPrivs is set.
//
// The filter must allow execve (ErrExecForbidden) and what the program does when it starts, since it is on by then: seccomp.GoStart for a
// Go program, seccomp.Exec for one with a dynamic loader.
func (c *Cmd) Start() error {
	if c.started {
		return errors.New("profile: command: already started")
	}
	c.started = true
	if c.lookErr != nil {
		return fmt.Errorf("profile: command: %w", c.lookErr)
	}
	plan, err := c.plan()
	if err == nil {
		err = plan.start()
	}
	if err != nil {
		return fmt.Errorf("profile: command %s: %w", c.Path, err)
	}
	return nil
}

// Run starts the program and waits for it to end; see exec.Cmd.Run.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the program and returns its standard output; see exec.Cmd.Output. If Stderr is nil, a failed program's last words are in the
// *exec.ExitError.
func (c *Cmd) Output() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("profile: command: Stdout already set")
	}
	var out bytes.Buffer
	c.Stdout = &out
	var last lastWords
	capture := c.Stderr == nil
	if capture {
		c.Stderr = &last
	}
	err := c.Run()
	var exit *exec.ExitError
	if capture && errors.As(err, &exit) {
		exit.Stderr = last
	}
	return out.Bytes(), err
}

// CombinedOutput runs the program and returns its standard output and standard error together; see exec.Cmd.CombinedOutput.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	if c.Stdout != nil || c.Stderr != nil {
		return nil, errors.New("profile: command: Stdout or Stderr already set")
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.Bytes(), err
}

// String returns the command line, for people.
func (c *Cmd) String() string {
	return strings.Join(append([]string{c.Path}, c.Args[min(1, len(c.Args)):]...), " ")
}

// lastWords keeps the last 32 KiB written to it.
type lastWords []byte

func (l *lastWords) Write(p []byte) (int, error) {
	*l = append(*l, p...)
	if n := len(*l) - 32<<10; n > 0 {
		*l = append((*l)[:0], (*l)[n:]...)
	}
	return len(p), nil
}

// plan checks the request and decides on the way to start the child.
func (c *Cmd) plan() (*startPlan, error) {
	if err := c.profile.Validate(); err != nil {
		return nil, err
	}
	if c.Load.ThisThread || c.Load.Before != nil || c.Load.Flags&seccomp.FlagNewListener != 0 {
		return nil, errors.New("Load.ThisThread, Load.Before and FlagNewListener are not for Cmd")
	}
	if tracesChild(c.SysProcAttr) {
		return nil, errors.New("SysProcAttr.Ptrace: the thread that starts the child ends, so it cannot trace it")
	}
	if c.profile.AppArmor != nil {
		if err := apparmor.Enabled(); err != nil {
			return nil, err
		}
	}
	p := &startPlan{cmd: c}
	s := c.profile.Seccomp
	if s == nil {
		return p, nil
	}
	if s.Flags&seccomp.FlagNewListener != 0 {
		return nil, errors.New("flag NEW_LISTENER is not for Cmd")
	}
	var err error
	if p.program, err = seccomp.Compile(s, &c.Compile); err != nil {
		return nil, err
	}
	p.load = c.Load
	p.load.Flags = (p.load.Flags | s.Flags) &^ (seccomp.FlagTSync | seccomp.FlagTSyncESRCH)
	p.load.ThisThread = true
	return p, p.chooseWay(s)
}

// chooseWay finds out whether a thread under the filter can start the child.
func (p *startPlan) chooseWay(s *seccomp.Profile) error {
	missing, err := forbidden(s, execCalls())
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return ErrExecForbidden
	}
	missing, err = forbidden(s, startCalls())
	if err != nil || len(missing) == 0 {
		return err
	}
	if !p.cmd.Entry.valid {
		return fmt.Errorf("%w (it does not allow %s)", ErrNeedsEntry, strings.Join(missing, ", "))
	}
	p.entry = true
	return nil
}

// openNull opens the null device for what exec.Cmd would open it for, after the filter is on.
func openNull(c *exec.Cmd) ([]*os.File, error) {
	var opened []*os.File
	open := func(flag int) (*os.File, error) {
		f, err := os.OpenFile(os.DevNull, flag, 0)
		if err == nil {
			opened = append(opened, f)
		}
		return f, err
	}
	if c.Stdin == nil {
		f, err := open(os.O_RDONLY)
		if err != nil {
			return opened, err
		}
		c.Stdin = f
	}
	if c.Stdout == nil {
		f, err := open(os.O_WRONLY)
		if err != nil {
			return opened, err
		}
		c.Stdout = f
	}
	if c.Stderr == nil {
		f, err := open(os.O_WRONLY)
		if err != nil {
			return opened, err
		}
		c.Stderr = f
	}
	return opened, nil
}
