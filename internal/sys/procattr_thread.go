package sys

import (
	"os"
	"runtime"
	"time"
)

// OnOwnThread calls f on a thread that ends when f returns, and returns when the thread is gone: what f does to the thread alone (a filter, a
// label, an arrangement for the next execve) goes with it. The process's first thread is never taken: it cannot end, would show
// what f did as the state of the process, and would stand in the way of a filter for all threads.
//
// With after not nil the thread stays for after, which is called when OnOwnThread's caller may go on.
func OnOwnThread(f func(), after func()) {
	done := make(chan int)
	go takeThread(nil, func() {
		f()
		done <- Kernel{}.Gettid()
		if after != nil {
			after()
		}
	})
	if tid := <-done; after == nil {
		waitThread(tid)
	}
}

// waitThread returns when the thread has ended: the runtime ends it after its goroutine, without a word.
func waitThread(tid int) {
	deadline := time.Now().Add(time.Second)
	for pause := 10 * time.Microsecond; threadAlive(tid) && time.Now().Before(deadline); pause = min(2*pause, time.Millisecond) {
		time.Sleep(pause)
	}
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
