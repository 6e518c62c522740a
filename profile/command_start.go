package profile

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/internal/sys"
	"github.com/gostockade/stockade/seccomp"
)

// startPlan is how one child is started.
type startPlan struct {
	cmd     *Cmd
	program *seccomp.Program // nil without a seccomp half
	load    seccomp.LoadOptions
	entry   bool // start this program again and let it confine itself
	before  expected
}

// expected is what the child's state must be.
type expected struct {
	filters int            // seccomp filters that are on here; FiltersUnknown where the kernel does not count them
	label   apparmor.Label // the label arranged for, unless the child arranges it itself
	comm    string         // the name that the child gives itself until it executes the program
}

// start starts the child in one of two ways.
func (p *startPlan) start() error {
	files, err := openNull(p.cmd.Cmd)
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return err
	}
	// Package os finds out about pidfd when it first needs one; that must not happen on a thread under a filter.
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Release()
	}
	if p.entry {
		return p.startEntry()
	}
	return p.startFromThread()
}

// startFromThread takes the confinement onto a thread, starts the child from it, and lets the thread end: the filter and the arrangement
// for execve, which nothing can take off, end with it.
func (p *startPlan) startFromThread() error {
	var err error
	sys.OnOwnThread(func() { err = p.onThread() }, p.outlive())
	return err
}

// outlive returns what keeps the thread while the child lives, for a child that is to get a signal when the thread ends.
func (p *startPlan) outlive() func() {
	if !diesWithThread(p.cmd.SysProcAttr) {
		return nil
	}
	return func() {
		if p.cmd.Process != nil {
			waitForProcess(p.cmd.Process)
		}
	}
}

func (p *startPlan) onThread() error {
	if err := p.arrangeAppArmor(); err != nil {
		return err
	}
	if err := p.confineThread(); err != nil {
		return err
	}
	if err := p.startUnlocked(); err != nil {
		return err
	}
	return p.verify()
}

// arrangeAppArmor arranges for the child to come up in the AppArmor profile.
func (p *startPlan) arrangeAppArmor() error {
	a := p.cmd.profile.AppArmor
	if a == nil {
		return nil
	}
	arrange := apparmor.ChangeOnExec
	if a.Stack {
		arrange = apparmor.StackOnExec
	}
	if err := arrange(a.Profile); err != nil {
		return err
	}
	pending, err := apparmor.PendingOnExec()
	if err != nil {
		return err
	}
	if !pending.Enforced() && !p.cmd.AppArmor.AllowNotEnforced {
		return fmt.Errorf("%w: the child would come up as %q", apparmor.ErrNotEnforced, pending)
	}
	p.before.label = pending
	return nil
}

// confineThread puts no_new_privs and the filter on this thread.
func (p *startPlan) confineThread() error {
	if p.program == nil {
		if p.cmd.Load.AllowNewPrivs {
			return nil
		}
		return sys.Kernel{}.SetNoNewPrivs()
	}
	loaded, err := seccomp.Load(p.program, &p.load)
	if err != nil {
		return err
	}
	p.before.filters = loaded.Before.Filters
	return nil
}

// startUnlocked calls the exec.Cmd's own Start, which is barred otherwise.
func (p *startPlan) startUnlocked() error {
	c := p.cmd.Cmd
	c.Err = nil
	err := c.Start()
	c.Err = ErrBypassed
	return err
}

// verify reads back what the child is under and, if that is not what was asked, kills it. A child that has ended already is there to be read until it
// is waited for.
func (p *startPlan) verify() error {
	err := p.settle(p.cmd.Process.Pid)
	if err == nil {
		return nil
	}
	killErr := p.cmd.Process.Kill()
	if errors.Is(killErr, os.ErrProcessDone) {
		killErr = nil
	}
	p.cmd.Wait() // its error is that it was killed
	return errors.Join(err, killErr)
}

// settle checks the child once its execve is over. Package os takes it for over when the kernel closes the close-on-exec descriptors, which is a
// little before the new label is in force (fs/exec.c, begin_new_exec, up to commit_creds), so a label that is not right yet is looked at again. The child
// runs no instruction of its own meanwhile. A filter is in force from the fork on.
func (p *startPlan) settle(pid int) error {
	deadline := time.Now().Add(settleTime)
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := p.check(pid)
		if err == nil || p.cmd.profile.AppArmor == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(pause)
	}
}

// settleTime bounds how long a child is looked at until its label is right. The kernel needs microseconds, if it lets the child run.
const settleTime = 5 * time.Second

func (p *startPlan) check(pid int) error {
	if p.before.comm != "" {
		if name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm"); err == nil && strings.TrimSpace(string(name)) == p.before.comm {
			return errors.New("the child confined itself and then could not execute the program or say why")
		}
	}
	if p.program != nil || !p.cmd.Load.AllowNewPrivs {
		if err := p.checkSeccomp(pid); err != nil {
			return err
		}
	}
	a := p.cmd.profile.AppArmor
	if a == nil {
		return nil
	}
	label, err := apparmor.ProcessLabel(pid)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotConfined, err)
	}
	if !p.goodLabel(label) {
		return fmt.Errorf("%w: its AppArmor label is %q", ErrNotConfined, label)
	}
	return nil
}

// goodLabel reports whether the label is the one arranged for; where the child did that itself, whether it has the profile.
func (p *startPlan) goodLabel(l apparmor.Label) bool {
	if !p.entry {
		return l.Has(p.before.label.Name) && p.before.label.Has(l.Name) && (l.Enforced() || p.cmd.AppArmor.AllowNotEnforced)
	}
	return l.Has(p.cmd.profile.AppArmor.Profile) && (l.Enforced() || p.cmd.AppArmor.AllowNotEnforced)
}

func (p *startPlan) checkSeccomp(pid int) error {
	state, err := seccomp.Status(pid)
	if err != nil {
		if p.cmd.Load.AllowUnreadable {
			return nil
		}
		return fmt.Errorf("%w: %w", ErrNotConfined, err)
	}
	if !p.cmd.Load.AllowNewPrivs && !state.NoNewPrivs {
		return fmt.Errorf("%w: no_new_privs is off", ErrNotConfined)
	}
	if p.program == nil {
		return nil
	}
	counted := state.Filters != seccomp.FiltersUnknown && p.before.filters != seccomp.FiltersUnknown
	if state.Mode != seccomp.ModeFilter || counted && state.Filters <= p.before.filters {
		return fmt.Errorf("%w: %v", ErrNotConfined, state)
	}
	return nil
}
