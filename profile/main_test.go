//go:build linux

package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// entry is what TestMain got from ChildEntry: this test binary can be the child of a Cmd.
var entry Entry

// taskEnv makes this binary perform a task and report instead of running tests: for what would confine the tests themselves.
const taskEnv = "STOCKADE_TASK"

func TestMain(m *testing.M) {
	entry = ChildEntry()
	if name := os.Getenv(taskEnv); name != "" {
		report(name)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// result is what a task reports.
type result struct {
	Err   string
	Facts map[string]string
}

func report(name string) {
	r := result{Facts: map[string]string{}}
	task := tasks()[name]
	if task == nil {
		r.Err = "no such task"
	} else if err := task(r.Facts); err != nil {
		r.Err = err.Error()
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	fmt.Printf("REPORT %s\n", data)
}

// runTask runs a task in a process of its own, as set by the test, and returns its report.
func runTask(t *testing.T, name string, set func(*exec.Cmd)) result {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), taskEnv+"="+name)
	if set != nil {
		set(cmd)
	}
	out, err := cmd.CombinedOutput()
	return parseReport(t, name, string(out), err)
}

func parseReport(t *testing.T, name, out string, err error) result {
	t.Helper()
	var r result
	_, text, ok := strings.Cut(out, "REPORT ")
	text, _, _ = strings.Cut(text, "\n")
	if jsonErr := json.Unmarshal([]byte(text), &r); !ok || jsonErr != nil {
		t.Fatalf("task %s: %v, no report in:\n%s", name, errors.Join(err, jsonErr), out)
	}
	return r
}
