package kerneltest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrFailed is in the error of a run whose test binary ran and failed; any other error means that the machine did not run it.
var ErrFailed = errors.New("test failed")

// Verdict is what a run's output says.
type Verdict struct {
	Release  string // kernel release that ran, as uname -r prints it; empty when the machine never came up
	Finished bool   // the test binary ended and its exit code is known
	Exit     int    // that code
	Passed   int    // tests and subtests that passed
	Skipped  []string
	Failed   []string
}

// err turns the verdict into an error: a run that ran nothing, or skipped what it was asked to run, has proved nothing.
func (v *Verdict) err(skips bool) error {
	switch {
	case v.Release == "":
		return errors.New("the kernel did not reach user space")
	case !v.Finished:
		return errors.New("the machine stopped before the test ended (a kernel panic, or the test switched it off)")
	case v.Exit != 0:
		return fmt.Errorf("%w: exit code %d; failed: %s", ErrFailed, v.Exit, strings.Join(v.Failed, " "))
	case v.Passed == 0 && len(v.Skipped) == 0:
		return fmt.Errorf("%w: no test ran; check the -run pattern and the build constraints", ErrFailed)
	case len(v.Skipped) > 0 && !skips:
		return fmt.Errorf("%w: skipped %s", ErrFailed, strings.Join(v.Skipped, " "))
	}
	return nil
}

// judge reads the console line by line: it passes on to out what lies between the two marker lines and keeps the verdict.
// Outside them is only the noise of a machine that starts, kept for the case that it does not.
type judge struct {
	word    string
	out     io.Writer
	verdict Verdict
	noise   tail
	partial []byte
}

func (j *judge) Write(p []byte) (int, error) {
	j.partial = append(j.partial, p...)
	for {
		line, rest, found := bytes.Cut(j.partial, []byte("\n"))
		if !found {
			return len(p), nil
		}
		j.line(strings.TrimRight(string(line), "\r"))
		j.partial = rest
	}
}

func (j *judge) line(s string) {
	if at := strings.Index(s, j.word+" "); at >= 0 {
		j.marker(s[at+len(j.word)+1:])
		return
	}
	if j.verdict.Release == "" || j.verdict.Finished {
		j.noise.Write([]byte(s + "\n"))
		return
	}
	fmt.Fprintln(j.out, s)
	t := strings.TrimSpace(s)
	if strings.HasPrefix(t, "--- PASS: ") {
		j.verdict.Passed++
	} else if name, ok := strings.CutPrefix(t, "--- SKIP: "); ok {
		j.verdict.Skipped = append(j.verdict.Skipped, firstWord(name))
	} else if name, ok := strings.CutPrefix(t, "--- FAIL: "); ok {
		j.verdict.Failed = append(j.verdict.Failed, firstWord(name))
	}
}

func (j *judge) marker(s string) {
	kind, value, _ := strings.Cut(s, " ")
	switch kind {
	case "begin":
		j.verdict.Release = value
	case "exit":
		if code, err := strconv.Atoi(value); err == nil {
			j.verdict.Exit, j.verdict.Finished = code, true
		}
	}
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
