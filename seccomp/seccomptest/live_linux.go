package seccomptest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gostockade/stockade/internal/sys"
	"github.com/gostockade/stockade/seccomp"
)

const (
	maxMessage  = 64 << 10
	liveTimeout = time.Minute // unless the test has a deadline
)

// live is the parent's part of Live.
func live(t testing.TB, p *seccomp.Profile, id string) *LiveResult {
	t.Helper()
	skipWithoutListener(t)
	prog, err := seccomp.Compile(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	var k sys.Kernel
	ours, theirs, err := k.SocketPair()
	if err != nil {
		t.Fatal("seccomptest: ", err)
	}
	socket := os.NewFile(uintptr(theirs), "child")
	var output bytes.Buffer
	cmd := childCommand(t, id)
	cmd.ExtraFiles = []*os.File{socket} // becomes childSocket
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal("seccomptest: ", err)
	}
	socket.Close()
	timer := time.AfterFunc(timeLeft(t), func() { cmd.Process.Kill() })
	s := &supervisor{Kernel: k, sock: ours, listener: -1, prog: prog, result: &LiveResult{}, kill: func() { cmd.Process.Kill() }}
	err = s.run()
	timedOut := !timer.Stop()
	s.close()
	werr := cmd.Wait()
	s.result.Output = output.String()
	switch {
	case timedOut:
		s.result.Ended = "it took too long"
	case err != nil:
		t.Fatalf("seccomptest: Live: %v\n%s", err, s.result.Output)
	case !s.done && s.result.Ended == "":
		s.result.Ended = "the process ended"
		if werr != nil {
			s.result.Ended += ": " + werr.Error()
		}
	}
	return s.result
}

// skipWithoutListener skips the test on kernels that cannot give a listener to a filter on all threads.
func skipWithoutListener(t testing.TB) {
	t.Helper()
	features, err := seccomp.Probe()
	if err == nil {
		err = features.Flags(seccomp.FlagNewListener | seccomp.FlagTSyncESRCH)
	}
	if errors.Is(err, seccomp.ErrNotSupported) || errors.Is(err, seccomp.ErrInconclusive) {
		t.Skip("seccomptest: Live: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// childCommand starts this test binary again for this test alone.
func childCommand(t testing.TB, id string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal("seccomptest: ", err)
	}
	var pattern []string
	for part := range strings.SplitSeq(t.Name(), "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	cmd := exec.Command(self, "-test.run="+strings.Join(pattern, "/"), "-test.count=1")
	cmd.Env = append(os.Environ(), liveEnv+"="+id)
	return cmd
}

// timeLeft is until shortly before the test's deadline, so that the test can still say what happened.
func timeLeft(t testing.TB) time.Duration {
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if at, ok := d.Deadline(); ok {
			return max(time.Until(at)*9/10, time.Second)
		}
	}
	return liveTimeout
}

// A supervisor answers for one child.
type supervisor struct {
	sys.Kernel
	sock     int
	listener int // -1 until the child has sent it
	sizes    sys.NotifSizes
	prog     *seccomp.Program // the profile's own
	result   *LiveResult
	done     bool // fn returned
	kill     func()
}

func (s *supervisor) close() {
	if s.listener >= 0 {
		_ = s.Close(s.listener) // calls still waiting get ENOSYS; the child has ended or is being killed
	}
	_ = s.Close(s.sock) // the child is gone
}

// run hears the child and answers for its calls until it has nothing more to say. The error is about setting up.
func (s *supervisor) run() error {
	sizes, err := s.NotifSizes()
	if err != nil {
		return err
	}
	s.sizes = sizes
	for {
		call, message := false, true
		if s.listener >= 0 {
			if call, message, err = s.WaitReadable(s.listener, s.sock); err != nil {
				return err
			}
		}
		if call {
			s.answer()
			continue // the calls before a message were made before it
		}
		if !message {
			continue
		}
		text, fd, err := s.ReceiveMessage(s.sock, maxMessage)
		if err != nil || text == "" {
			return s.silence(err)
		}
		if err := s.hear(text[0], text[1:], fd); err != nil {
			return err
		}
	}
}

// silence judges a child that has closed its socket.
func (s *supervisor) silence(err error) error {
	if s.listener < 0 {
		return fmt.Errorf("the child never came to this call of Live; its test must get here the same way again (%w)", errors.Join(err, errNothing))
	}
	return nil
}

var errNothing = errors.New("it said nothing")

func (s *supervisor) hear(what byte, text string, fd int) error {
	switch what {
	case saysError:
		return errors.New(text)
	case saysListener:
		if fd < 0 {
			return errors.New("the child sent no listener")
		}
		s.listener = fd
	case saysDone:
		s.done = true
	case saysPanic:
		s.result.Ended = "panic: " + text
		if text == "<nil>" {
			s.result.Ended = "the function ended its goroutine (runtime.Goexit, t.FailNow)"
		}
	}
	return nil
}
