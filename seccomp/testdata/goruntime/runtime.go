package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// collectGarbage allocates much under GOGC=1 from several goroutines.
func collectGarbage() error {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			keep := make([][]byte, 64)
			for i := range 3000 {
				keep[i%len(keep)] = make([]byte, 1024+i%4096)
			}
			runtime.KeepAlive(keep)
		})
	}
	wg.Wait()
	runtime.ReadMemStats(&after)
	if after.NumGC-before.NumGC < 10 {
		return fmt.Errorf("only %d collections", after.NumGC-before.NumGC)
	}
	return nil
}

// growAndShrink maps a large heap, gives it back to the kernel, and uses it again; memory limits make the scavenger work.
func growAndShrink() error {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(32 << 20))
	for range 2 {
		b := make([]byte, 48<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		runtime.KeepAlive(b)
		b = nil
		debug.FreeOSMemory()
	}
	deep(10000) // the stack grows by copying
	return nil
}

func deep(n int) int {
	var pad [256]byte
	if n == 0 {
		return int(pad[0])
	}
	pad[n%256] = 1
	return deep(n-1) + int(pad[(n+1)%256])
}

func stormGoroutines() error {
	const n = 5000
	var done atomic.Int64
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			runtime.Gosched()
			done.Add(1)
		})
	}
	wg.Wait()
	if done.Load() != n {
		return fmt.Errorf("%d of %d goroutines ran", done.Load(), n)
	}
	return nil
}

func stormTimers() error {
	const n = 2000
	fired := make(chan struct{}, n)
	for i := range n {
		time.AfterFunc(time.Duration(i%50)*time.Millisecond, func() { fired <- struct{}{} })
	}
	for range n {
		<-fired
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 20 {
		<-tick.C
	}
	time.Sleep(time.Millisecond)
	return nil
}

// endThreads makes the runtime start threads and end them: a thread whose goroutine returns while locked to it exits.
func endThreads() error {
	for range 20 {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				runtime.LockOSThread()
				time.Sleep(time.Millisecond)
			})
		}
		wg.Wait()
	}
	return nil
}

// preempt has loops without calls, which only a signal can interrupt, stopped again and again by collections.
func preempt() error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !stop.Load() {
			}
		})
	}
	for range 20 {
		runtime.GC()
	}
	stop.Store(true)
	wg.Wait()
	return nil
}

func profileCPU() error {
	var out bytes.Buffer
	if err := pprof.StartCPUProfile(&out); err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			end := time.Now().Add(400 * time.Millisecond)
			for x := uint64(1); time.Now().Before(end); x *= 3 {
				_ = x
			}
		})
	}
	wg.Wait()
	pprof.StopCPUProfile()
	if out.Len() < 100 {
		return fmt.Errorf("a profile of %d bytes", out.Len())
	}
	for _, name := range []string{"heap", "goroutine", "threadcreate", "mutex", "block"} {
		if err := pprof.Lookup(name).WriteTo(&out, 0); err != nil {
			return err
		}
	}
	return nil
}

func traceExecution() error {
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		return err
	}
	err := stormGoroutines()
	trace.Stop()
	if out.Len() < 1000 {
		return fmt.Errorf("a trace of %d bytes", out.Len())
	}
	return err
}

// awaitSignal asks the parent for a signal, by a line on standard output, and waits for it.
func awaitSignal() error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	fmt.Println("send SIGUSR1")
	<-c
	signal.Stop(c)
	signal.Ignore(syscall.SIGUSR1)
	signal.Reset(syscall.SIGUSR1)
	return nil
}

func recoverFault() (err error) {
	defer func() {
		var re runtime.Error
		if e, ok := recover().(error); !ok || !errors.As(e, &re) {
			err = errors.New("no runtime error from a nil dereference")
		}
	}()
	var p *int
	*p = 1
	return nil
}

func readRandom() error {
	a, b := make([]byte, 1<<16), make([]byte, 1<<16)
	rand.Read(a)
	rand.Read(b)
	if bytes.Equal(a, b) {
		return errors.New("randomness repeats")
	}
	return nil
}

func changeProcs() error {
	before := runtime.GOMAXPROCS(0)
	for i := range 16 {
		runtime.GOMAXPROCS(1 + i%8)
		runtime.Gosched()
	}
	runtime.GOMAXPROCS(before)
	runtime.SetDefaultGOMAXPROCS() // reads the CPU limit at once
	return nil
}

// idle waits long enough for what the runtime does by itself when little happens: it looks at the CPU limit again about every
// second.
func idle() error {
	time.Sleep(1500 * time.Millisecond)
	return nil
}

// crash ends by a fault that no one recovers, with every thread telling its stack (GOTRACEBACK=crash).
func crash() error {
	debug.SetTraceback("crash")
	var never atomic.Bool
	go func() {
		for !never.Load() { // busy, so that its thread must be told to stop
		}
	}()
	time.Sleep(10 * time.Millisecond)
	go func() { panic("crash on purpose") }()
	select {}
}

// forbidden makes a call that no set of the test has.
func forbidden() error {
	syscall.Getpgid(0)
	return errors.New("getpgid was let through")
}
