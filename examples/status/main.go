// Command status prints what confines a process, thread by thread: no_new_privs, the seccomp mode and number of filters, and the
// AppArmor label.
//
//	status        what confines this very process
//	status PID    what confines another one, of yours or, as root, of anybody
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/seccomp"
)

func main() {
	pid := os.Getpid()
	if len(os.Args) > 1 {
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n < 1 || len(os.Args) > 2 {
			fmt.Fprintln(os.Stderr, "usage: status [PID]")
			os.Exit(2)
		}
		pid = n
	}
	if err := status(os.Stdout, pid); err != nil {
		fmt.Fprintln(os.Stderr, "status:", err)
		os.Exit(1)
	}
}

func status(out io.Writer, pid int) error {
	states, err := seccomp.ThreadStatus(pid)
	if err != nil {
		return err
	}
	labels, err := labels(out, pid)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "THREAD\tNO_NEW_PRIVS\tSECCOMP\tFILTERS\tAPPARMOR")
	for _, s := range states {
		filters := "?"
		if s.Filters != seccomp.FiltersUnknown {
			filters = strconv.Itoa(s.Filters)
		}
		fmt.Fprintf(w, "%d\t%t\t%v\t%s\t%s\n", s.TID, s.NoNewPrivs, s.Mode, filters, labels[s.TID])
	}
	return w.Flush()
}

// labels returns each thread's AppArmor label, after a line about AppArmor in this kernel.
func labels(out io.Writer, pid int) (map[int]string, error) {
	s, err := apparmor.ReadStatus()
	switch {
	case errors.Is(err, apparmor.ErrNotSupported), errors.Is(err, apparmor.ErrDisabled):
		fmt.Fprintln(out, err)
		return nil, nil
	case err != nil:
		return nil, err
	}
	fmt.Fprintf(out, "AppArmor is on; its files are in %s; a running process can be moved into a profile: %t\n", s.Mount, s.Syscalls)
	threads, err := apparmor.ThreadLabels(pid)
	if err != nil {
		return nil, err
	}
	labels := map[int]string{}
	for _, t := range threads {
		labels[t.TID] = t.Label.String()
	}
	return labels, nil
}
