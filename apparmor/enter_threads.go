package apparmor

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// threadFiles are the label files of all threads of the process, opened before a change: afterwards the profile may not let
// the process open them, and the kernel writes their text at each read.
type threadFiles struct {
	a      attrs
	labels map[int]int // thread id to descriptor
}

// openThreads opens the label file of every thread and checks that all threads are alike in label and no_new_privs. A thread that
// ends meanwhile is left out; one that starts takes after the one that started it.
func openThreads(a attrs) (*threadFiles, Label, error) {
	t := &threadFiles{a: a, labels: map[int]int{}}
	tids, err := threadIDs(a.k, 0)
	if err != nil {
		return nil, Label{}, fmt.Errorf("list threads: %w", err)
	}
	var first Label
	var firstNNP string
	for _, tid := range tids {
		label, nnp, err := t.open(tid)
		if gone(err) {
			continue
		}
		if err != nil {
			t.close()
			return nil, Label{}, fmt.Errorf("thread %d: %w", tid, err)
		}
		if first == (Label{}) {
			first, firstNNP = label, nnp
		}
		if label != first || nnp != firstNNP {
			t.close()
			return nil, Label{}, fmt.Errorf("%w: %q (no_new_privs %s) and, in thread %d, %q (%s)", ErrThreadsDiffer, first, firstNNP, tid, label, nnp)
		}
	}
	if len(t.labels) == 0 {
		return nil, Label{}, fmt.Errorf("list threads: %w", syscall.ESRCH)
	}
	return t, first, nil
}

// open opens one thread's label file and returns the label and the thread's no_new_privs.
func (t *threadFiles) open(tid int) (Label, string, error) {
	fd, err := t.a.k.OpenTaskFile(sys.Task{TID: tid}, t.a.dir+attrCurrent().file, false)
	if err != nil {
		return Label{}, "", err
	}
	t.labels[tid] = fd
	s, err := readAll(t.a.k, fd)
	if err != nil {
		t.drop(tid)
		return Label{}, "", err
	}
	status, err := t.a.k.OpenTaskFile(sys.Task{TID: tid}, "status", false)
	if err != nil {
		t.drop(tid)
		return Label{}, "", err
	}
	defer t.a.k.Close(status)
	text, err := readAll(t.a.k, status)
	if err != nil {
		t.drop(tid)
	}
	return ParseLabel(s), statusField(text, "NoNewPrivs"), err
}

func (t *threadFiles) drop(tid int) {
	t.a.k.Close(t.labels[tid])
	delete(t.labels, tid)
}

func (t *threadFiles) close() {
	for tid := range t.labels {
		t.drop(tid)
	}
}

// check reads every thread's label again and returns how many threads it read, and an error naming the first one whose label is
// not good. Threads that started since are read too if the new profile lets this process open their files; where it does
// not, the kernel's word stands that a thread starts under the label of the one that starts it.
func (t *threadFiles) check(good func(Label) bool) (int, int, error) {
	if tids, err := threadIDs(t.a.k, 0); err == nil {
		for _, tid := range tids {
			if _, known := t.labels[tid]; !known {
				t.open(tid)
			}
		}
	}
	var n int
	for tid, fd := range t.labels {
		s, err := readAll(t.a.k, fd)
		if gone(err) {
			continue
		}
		if err != nil {
			return n, tid, err
		}
		if label := ParseLabel(s); !good(label) {
			return n, tid, fmt.Errorf("%w: its label is %q", ErrNotConfined, label)
		}
		n++
	}
	return n, 0, nil
}

// gone reports whether an error says that the thread has ended.
func gone(err error) bool { return errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.ENOENT) }

// statusField returns a field of /proc/PID/status.
func statusField(status, field string) string {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
