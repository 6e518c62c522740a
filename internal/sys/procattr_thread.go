package sys

import (
	"os"
	"runtime"
)

// OnOwnThread calls f on a thread that ends when f returns, and returns when f has returned; what f does to the thread alone (a filter, a
// label, an arrangement for the next execve) goes with it. The process's first thread is never taken: it cannot end, would show
// what f did as the state of the process, and would stand in the way of a filter for all threads.
//
// With after not nil the thread stays for after, which is called when OnOwnThread's caller may go on.
func OnOwnThread(f func(), after func()) {
	done := make(chan struct{})
	go takeThread(nil, func() {
		f()
		close(done)
		if after != nil {
			after()
		}
	})
	<-done
}

// takeThread locks this goroutine to its thread, for good. If that is the first one, another goroutine has a try while this one holds it, so that
// it gets another.
func takeThread(got chan<- struct{}, f func()) {
	runtime.LockOSThread()
	if (Kernel{}).Gettid() == os.Getpid() {
		other := make(chan struct{})
		go takeThread(other, f)
		<-other
		runtime.UnlockOSThread()
		return
	}
	if got != nil {
		close(got)
	}
	f()
}
