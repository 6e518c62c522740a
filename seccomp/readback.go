package seccomp

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"

	vm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/sys"
)

// A reader reads the threads' state back once the filter is on. A filter may kill the process for the very calls that takes, so
// open runs the program on each of them first, and opens what they need; verify then makes no other call.
type reader struct {
	tasks int          // /proc/self/task, open until the filter is on; -1 if not
	files []statusFile // the threads' status texts, open; the calling thread's first
	buf   []byte       // on the heap: its address is an argument that was checked
	prctl bool         // no files: ask with prctl(PR_GET_SECCOMP) for the calling thread
}

type statusFile struct {
	tid, fd int
}

// open decides how to read back, and fails if there is no way and the caller insists on one.
func (r *reader) open(l *loader) error {
	err := r.openFiles(l)
	if err == nil {
		err = r.checkCalls(l)
	}
	if err == nil {
		err = r.closeTasks(l)
	}
	if err == nil {
		return nil
	}
	r.close(l)
	if errors.Is(err, ErrRejected) {
		return err
	}
	if !l.opts.AllowUnreadable || errors.Is(err, sys.ErrUnsupported) {
		return fmt.Errorf("%w: %w; allow read(2) and close(2) and mount /proc, or set LoadOptions.AllowUnreadable", ErrUnverifiable, err)
	}
	l.loaded.Unread = append(l.loaded.Unread, "the status of the threads: "+err.Error())
	return r.openPrctl(l)
}

// openFiles reads the calling thread's state and opens the status of all threads. Threads born later inherit the filters of
// their parent, and TSYNC reaches those born before the call, so it is enough to read the ones that are there now.
func (r *reader) openFiles(l *loader) error {
	me := l.loaded.TID
	var err error
	if r.tasks, err = l.OpenTasks(0); err != nil {
		r.tasks = -1
		return procError(err)
	}
	if err := r.add(l, me); err != nil {
		return err
	}
	if l.loaded.Before, r.buf, err = readWhole(l.kernel, r.files[0].fd); err != nil {
		return err
	}
	if l.opts.ThisThread {
		return nil
	}
	tids, err := l.ThreadIDs(r.tasks)
	if err != nil {
		return procError(err)
	}
	for _, tid := range tids {
		if tid == me {
			continue
		}
		if err := r.add(l, tid); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

func (r *reader) add(l *loader, tid int) error {
	fd, err := l.OpenStatus(r.tasks, tid)
	if err != nil {
		return procError(err)
	}
	r.files = append(r.files, statusFile{tid, fd})
	return nil
}

// checkCalls asks the program about every call verify will make.
func (r *reader) checkCalls(l *loader) error {
	for _, f := range r.files {
		if ok, err := allows(l.insns, l.ReadCall(f.fd, r.buf)); err != nil {
			return err
		} else if !ok {
			return errors.New("the filter does not allow read(2)")
		}
		if ok, err := allows(l.insns, l.CloseCall(f.fd)); err != nil {
			return err
		} else if !ok {
			return errors.New("the filter does not allow close(2)")
		}
	}
	return nil
}

// openPrctl prepares for the second best: the mode of the calling thread alone.
func (r *reader) openPrctl(l *loader) error {
	ok, err := allows(l.insns, l.SeccompModeCall())
	if err != nil {
		return err
	}
	if !ok {
		l.loaded.Unread = append(l.loaded.Unread, "the calling thread's mode: the filter does not allow prctl(PR_GET_SECCOMP)")
		return nil
	}
	mode, err := l.SeccompMode()
	if err != nil {
		return fmt.Errorf("prctl(PR_GET_SECCOMP): %w", err)
	}
	l.loaded.Before = State{TID: l.loaded.TID, Mode: Mode(mode), Filters: FiltersUnknown}
	r.prctl = true
	return nil
}

// closeTasks closes the task directory: a confined process should not keep a directory open.
func (r *reader) closeTasks(l *loader) error {
	if r.tasks < 0 {
		return nil
	}
	err := l.Close(r.tasks)
	r.tasks = -1
	return err
}

// close closes what open opened, before the filter is on.
func (r *reader) close(l *loader) {
	_ = r.closeTasks(l) // reading a directory leaves nothing to flush
	for _, f := range r.files {
		_ = l.Close(f.fd) // a status file has nothing to flush
	}
	r.files = nil
}

// verify reads the state of each thread and compares it with what was asked.
func (r *reader) verify(l *loader) error {
	if r.prctl {
		return r.verifyPrctl(l)
	}
	var errs []error
	for _, f := range r.files {
		s, err := r.read(l, f)
		switch {
		case f.tid != l.loaded.TID && isGone(err):
			continue // the thread has ended
		case err != nil:
			errs = append(errs, fmt.Errorf("thread %d: %w: %w", f.tid, ErrUnverifiable, err))
			continue
		}
		l.loaded.Threads = append(l.loaded.Threads, s)
		if err := l.judge(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// read reads one thread's state and closes its file.
func (r *reader) read(l *loader, f statusFile) (State, error) {
	n, err := l.Read(f.fd, r.buf)
	if cerr := l.Close(f.fd); err == nil {
		err = cerr
	}
	if err != nil {
		return State{}, err
	}
	s, err := parseStatus(r.buf[:n])
	if err == nil && s.TID != f.tid {
		err = fmt.Errorf("%w: it is thread %d's", errStatus, s.TID)
	}
	return s, err
}

func (r *reader) verifyPrctl(l *loader) error {
	mode, err := l.SeccompMode()
	if err != nil {
		return fmt.Errorf("%w: prctl(PR_GET_SECCOMP): %w", ErrUnverifiable, err)
	}
	s := State{TID: l.loaded.TID, Mode: Mode(mode), Filters: FiltersUnknown, NoNewPrivs: !l.opts.AllowNewPrivs}
	l.loaded.Threads = append(l.loaded.Threads, s)
	return l.judge(s)
}

// judge says whether a thread is confined as asked: a filter is on, one more than before, and it cannot gain privileges.
func (l *loader) judge(s State) error {
	if s.Mode != ModeFilter {
		return fmt.Errorf("%w: %v", ErrNotConfined, s)
	}
	if !l.opts.AllowNewPrivs && !s.NoNewPrivs {
		return fmt.Errorf("%w: %v, but not no_new_privs", ErrNotConfined, s)
	}
	if s.Filters == FiltersUnknown || l.loaded.Before.Filters == FiltersUnknown {
		return nil // before Linux 5.9
	}
	if want := l.loaded.Before.Filters + 1; s.Filters < want {
		if s.TID != l.loaded.TID && miscountsSync(l.release) {
			l.loaded.Unread = append(l.loaded.Unread, fmt.Sprintf("the filter count of thread %d: Linux %s does not update it", s.TID, l.release))
			return nil
		}
		return fmt.Errorf("%w: %v, expected at least %d filters", ErrNotConfined, s, want)
	}
	return nil
}

// miscountsSync reports whether a kernel may leave the count of the threads that TSYNC reached as it was: from 5.9 until
// commit b4d8a58f8dcf, which is in 5.14 and in later stable releases of the series before.
func miscountsSync(release string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major == 5 && minor >= 9 && minor < 14
}

// stateBefore reads the state of the thread that could not follow, if it is still there to be read. Nothing was installed, so it
// is the same as before the attempt.
func (r *reader) stateBefore(l *loader, tid int) *State {
	for _, f := range r.files {
		if f.tid != tid {
			continue
		}
		if s, _, err := readWhole(l.kernel, f.fd); err == nil {
			return &s
		}
	}
	return nil
}

// allows reports whether the program lets a call of this process happen. Where that depends on the instruction pointer, which
// is not known beforehand, the answer is no.
func allows(insns []bpf.RawInstruction, c sys.Call) (bool, error) {
	native := NativeArch()
	in := vm.NewInput(c.Nr, native.AuditArch(), 0, c.Args, native.BigEndian())
	ret, path, err := vm.Trace(insns, &in)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrRejected, err)
	}
	for _, pc := range path {
		if insns[pc].Op == vm.LdAbs && (insns[pc].K == ipOffset || insns[pc].K == ipOffset+4) {
			return false, nil
		}
	}
	kind := ActionFromRet(ret).Kind()
	return kind == Allow || kind == Log, nil
}

// ipOffset is the place of instruction_pointer in struct seccomp_data.
const ipOffset = 8
