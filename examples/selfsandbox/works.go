package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"time"
)

const (
	greeting = "hello from inside\n"
	clients  = 16
	requests = 25 // of each client
	threads  = 20
)

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, greeting) }

// A check is something that must go on working.
type check struct {
	what string
	err  error
}

func checkWorks(addr net.Addr, kept *os.File) []check {
	return []check{
		{fmt.Sprintf("%d HTTP requests over TCP, %d at a time", clients*requests, clients), load("http://" + addr.String())},
		{fmt.Sprintf("%d more threads, all of them refused ptrace", threads), startThreads()},
		{"garbage collection, timers, the clock", runtimeWorks()},
		{"reading a file opened before", readKept(kept)},
	}
}

// load sends requests from several clients at once and compares every answer.
func load(url string) error {
	errs := make(chan error, clients)
	for range clients {
		go func() {
			client := http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
			defer client.CloseIdleConnections()
			var err error
			for range requests {
				if err = get(&client, url); err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	var failed error
	for range clients {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}

func get(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && string(body) != greeting {
		err = fmt.Errorf("answer %q", body)
	}
	return err
}

// startThreads starts threads that exist at the same time and has each of them try what is refused.
func startThreads() error {
	var started sync.WaitGroup
	started.Add(threads)
	errs := make(chan error, threads)
	for range threads {
		go func() {
			runtime.LockOSThread()
			started.Done()
			started.Wait() // none ends before the last has begun
			errs <- refusedHere()
		}()
	}
	var failed error
	for range threads {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}

func runtimeWorks() error {
	start := time.Now()
	runtime.GC()
	<-time.After(time.Millisecond)
	if !time.Now().After(start) {
		return fmt.Errorf("the clock stands still")
	}
	return nil
}

func readKept(f *os.File) error {
	n, err := f.Read(make([]byte, 64))
	if err == nil && n == 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func printWorks(out io.Writer, checks []check) bool {
	ok := true
	fmt.Fprintln(out, "Still works")
	for _, c := range checks {
		result := "yes"
		if c.err != nil {
			result, ok = "NO: "+c.err.Error(), false
		}
		fmt.Fprintf(out, "  %-44s %s\n", c.what, result)
	}
	return ok
}
