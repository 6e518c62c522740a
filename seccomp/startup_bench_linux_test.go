package seccomp

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gostockade/stockade/internal/testenv"
)

// goRuntimeNames are the calls a Go program needs beside the Node.js allow-list to start, end and handle threads and signals.
var goRuntimeNames = []string{"sigaltstack", "gettid", "tgkill", "sched_getaffinity", "nanosleep", "clone", "clone3", "rt_sigreturn",
	"exit", "exit_group", "rseq", "set_robust_list", "sched_yield"}

// BenchmarkStartup measures how much later a Go program is ready that first confines itself to the calls of the Node.js
// allow-list and the Go runtime: from fork until it reports ready, against an empty program started in turn with it. Ready means
// that the filter is on and the state of every thread was read back. The figures are for a profile that the program compiles
// (profile), and for a program compiled beforehand (program).
func BenchmarkStartup(b *testing.B) {
	names := append(allowListNames(b), goRuntimeNames...)
	prog, err := Compile(&Profile{Default: Errno(1), Rules: []Rule{{Names: names, Action: Allow}}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	empty, apply := build(b, dir, "empty"), build(b, dir, "apply")
	runs := []struct {
		name, program string
		args          []string
		took          []time.Duration
	}{
		{name: "empty", program: empty, args: names},
		{name: "profile", program: apply, args: names},
		{name: "program", program: apply, args: []string{"program", hex.EncodeToString(prog.Bytes())}},
	}
	for b.Loop() {
		for i := range runs {
			runs[i].took = append(runs[i].took, ready(b, runs[i].program, runs[i].args))
		}
	}
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	for i := range runs {
		slices.Sort(runs[i].took)
	}
	base := runs[0].took
	b.ReportMetric(us(base[len(base)/2]), "µs/empty")
	for _, r := range runs[1:] {
		b.ReportMetric(us(r.took[len(base)/2]-base[len(base)/2]), "µs/"+r.name+"-median")
		b.ReportMetric(us(r.took[0]-base[0]), "µs/"+r.name+"-min")
	}
	b.ReportMetric(0, "ns/op")
}

// allowListNames returns the names of the 41-call allow-list.
func allowListNames(b *testing.B) []string {
	data, err := os.ReadFile(testenv.Shared(b, "corpora/seccomp/node-api.json"))
	if err != nil {
		b.Fatal(err)
	}
	var list struct{ Syscalls []struct{ Names []string } }
	if err := json.Unmarshal(data, &list); err != nil {
		b.Fatal(err)
	}
	var names []string
	for _, s := range list.Syscalls {
		names = append(names, s.Names...)
	}
	return names
}

func build(b *testing.B, dir, name string) string {
	b.Helper()
	out := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "./testdata/startup/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, text)
	}
	return out
}

// ready starts a program and returns the time until it has written its first byte.
func ready(b *testing.B, name string, args []string) time.Duration {
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	w.Close()
	var byteRead [1]byte
	_, err = r.Read(byteRead[:])
	elapsed := time.Since(start)
	if werr := cmd.Wait(); err != nil || werr != nil {
		b.Fatalf("%s: %v, %v", name, err, werr)
	}
	return elapsed
}
