package apparmor

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/internal/sys"
)

// Environment variables with which a program that starts itself again tells its second self what it did. Both are taken out of the
// environment by the second call of Reexec.
const (
	reexecEnv = "STOCKADE_REEXEC"       // the profile that should now confine the process
	filesEnv  = "STOCKADE_REEXEC_FILES" // descriptors of ReexecOptions.Files, separated by commas
)

// ReexecOptions are for Reexec. Nil is the zero value.
type ReexecOptions struct {
	EnterOptions
	// Stack puts the profile on top of what confines the process instead of changing to it.
	Stack bool
	// Files stay open across the execve, such as listeners (net.TCPListener.File). The second call returns them, in this order, from
	// ReexecFiles. All other files close unless they were made to stay.
	Files []*os.File
}

// reexecKernel is what Reexec needs beside the label.
type reexecKernel interface {
	taskKernel
	Exec(path string, args, env []string) error
	SetCloseOnExec(fd int, on bool) error
}

// program is the running program as it will be started again.
type program struct {
	path string
	args []string
	env  []string
}

// Reexec brings the process under a loaded profile where ChangeProfile cannot (ErrNeedsExec): it starts the program again in its
// place, with the same process id, arguments, environment, working directory and standard files, and with the profile taking effect
// at the execve, for all threads because there is one only. Call it early in main, before there is any state to lose:
//
//	entered, err := apparmor.Reexec("web", nil)
//	if err != nil {
//		log.Fatal(err)
//	}
//	// From here on the process is under the profile.
//
// The first call does not return if all goes well. In the program started again the same call finds the profile in effect in every
// thread and returns. That, not the environment, decides: the environment only keeps a program from starting itself for ever, should it come up
// under another label (ErrReexecLoop). If the process is under the profile from the start, nothing is started.
//
// The program file must be the one that is running: it is an error if it was replaced since. The profile must allow to execute and map
// it, and to read /proc/self/task and the status and attr files below, if there are threads to check.
func Reexec(name string, opts *ReexecOptions) (*Entered, error) {
	if opts == nil {
		opts = &ReexecOptions{}
	}
	path, err := ownPath()
	if err != nil {
		return nil, &EnterError{Op: "start again under", Profile: name, Err: err}
	}
	env := os.Environ()
	entered, err := reexec(sys.Kernel{}, name, opts, program{path: path, args: os.Args, env: env})
	os.Unsetenv(reexecEnv)
	return entered, err
}

// ReexecFiles returns the files that ReexecOptions.Files kept open, in their order, in the program that was started again; elsewhere none. Call
// it once; they close at the next execve.
func ReexecFiles() ([]*os.File, error) {
	list := os.Getenv(filesEnv)
	if list == "" {
		return nil, nil
	}
	os.Unsetenv(filesEnv)
	var out []*os.File
	for s := range strings.SplitSeq(list, ",") {
		fd, err := strconv.Atoi(s)
		if err != nil || fd < 0 {
			return nil, fmt.Errorf("apparmor: %s: %q is not a descriptor", filesEnv, s)
		}
		if err := (sys.Kernel{}).SetCloseOnExec(fd, true); err != nil {
			return nil, fmt.Errorf("apparmor: %s: descriptor %d: %w", filesEnv, fd, err)
		}
		out = append(out, os.NewFile(uintptr(fd), "reexec"+s))
	}
	return out, nil
}

func reexec(k reexecKernel, name string, opts *ReexecOptions, p program) (*Entered, error) {
	r := enterRequest{op: "start again under", command: "exec ", name: name, stack: opts.Stack, options: &opts.EnterOptions}
	if opts.Stack {
		r.command = "stack "
	}
	if err := checkName(name); err != nil {
		return nil, r.fail(err)
	}
	entered, err := r.alreadyUnder(k)
	if entered != nil || err != nil {
		return entered, err
	}
	if slices.ContainsFunc(p.env, func(kv string) bool { return strings.HasPrefix(kv, reexecEnv+"=") }) {
		return nil, r.fail(ErrReexecLoop)
	}
	if err := r.checkModes(r.knownModes()); err != nil {
		return nil, r.fail(err)
	}
	// The arrangement for the next execve stays with the thread that made it if the execve fails, so it is made on one that ends.
	sys.OnOwnThread(func() { err = startAgain(k, r, opts.Files, p) }, nil)
	return nil, r.fail(err)
}

// alreadyUnder returns what is to report if every thread is under the profile, and nil if this thread is not.
func (r enterRequest) alreadyUnder(k taskKernel) (*Entered, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, err := openAttrs(k)
	if err != nil {
		return nil, r.fail(err)
	}
	label, err := a.get(attrCurrent())
	if err != nil {
		return nil, r.fail(err)
	}
	if !(r.stack && label.Has(r.name) || label.is(r.name)) {
		return nil, nil
	}
	if !r.enforced(label, nil) {
		return nil, r.fail(fmt.Errorf("%w: the label is %q", ErrNotEnforced, label))
	}
	threads, first, err := openThreads(a)
	if err != nil {
		return nil, r.fail(err)
	}
	defer threads.close()
	if first != label {
		return nil, r.fail(ErrThreadsDiffer)
	}
	return &Entered{Before: label, After: label, Threads: len(threads.labels)}, nil
}

// startAgain returns only with an error.
func startAgain(k reexecKernel, r enterRequest, files []*os.File, p program) error {
	if err := onExec(k, r); err != nil {
		var inner *EnterError
		if errors.As(err, &inner) {
			return inner.Err
		}
		return err
	}
	env := append(slices.Clone(p.env), reexecEnv+"="+r.name)
	fds, err := keepOpen(k, files)
	if err != nil {
		return err
	}
	if len(fds) > 0 {
		env = append(env, filesEnv+"="+strings.Join(fds, ","))
	}
	err = k.Exec(p.path, p.args, env)
	for _, f := range files {
		err = errors.Join(err, control(f, func(fd int) error { return k.SetCloseOnExec(fd, true) }))
	}
	return fmt.Errorf("execve %s: %w", p.path, err)
}

// keepOpen lets the files live through the execve and returns their descriptors.
func keepOpen(k reexecKernel, files []*os.File) ([]string, error) {
	var fds []string
	for _, f := range files {
		err := control(f, func(fd int) error {
			fds = append(fds, strconv.Itoa(fd))
			return k.SetCloseOnExec(fd, false)
		})
		if err != nil {
			return nil, fmt.Errorf("keep %s open: %w", f.Name(), err)
		}
	}
	return fds, nil
}

// control gives do the descriptor of a file without making the file blocking, as Fd would.
func control(f *os.File, do func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var doErr error
	err = conn.Control(func(fd uintptr) { doErr = do(int(fd)) })
	return errors.Join(err, doErr)
}

// ownPath returns the path of the running program, checked to be still the file that runs.
func ownPath() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	now, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if running, err := os.Stat("/proc/self/exe"); err == nil && !os.SameFile(now, running) {
		return "", fmt.Errorf("%s was replaced since this program was started", path)
	}
	return path, nil
}
