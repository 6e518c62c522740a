package seccomp_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gostockade/stockade/seccomp"
)

// TestServerConfinesItself: an HTTPS server with many threads confines all of them under a profile that kills for everything it
// does not allow, goes on serving, and dies of the first call that is not allowed.
func TestServerConfinesItself(t *testing.T) {
	const greeting, served = "hello", "served everything\n"
	out, signal := seccomp.UnprivilegedChild(t, func() error {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, greeting) }))
		server.Config.ErrorLog = log.New(io.Discard, "", log.LstdFlags) // clients that leave during a handshake are no news
		server.StartTLS()
		client := server.Client()
		if err := request(client, server.URL, greeting); err != nil {
			return err
		}
		_ = time.Now().String() // reads /etc/localtime the first time, which the server's first line of log would do otherwise
		busy, release := busyThreads(20)
		loaded, err := confine()
		if err != nil {
			return err
		}
		if len(loaded.Threads) < 20 {
			return fmt.Errorf("only %d threads", len(loaded.Threads))
		}
		for _, s := range loaded.Threads {
			if s.Mode != seccomp.ModeFilter || !s.NoNewPrivs {
				return fmt.Errorf("%v", s)
			}
		}
		close(release)
		busy.Wait()
		if err := requests(server.URL, client, greeting); err != nil {
			return err
		}
		fmt.Print(served)
		const afVSOCK = 40
		_, err = syscall.Socket(afVSOCK, syscall.SOCK_STREAM, 0)
		return fmt.Errorf("alive after socket(AF_VSOCK): %w", err)
	})
	if out != served || signal != syscall.SIGSYS {
		t.Errorf("signal %v, output %.2000q", signal, out)
	}
}

func confine() (*seccomp.Loaded, error) {
	p := seccomp.AllowOnly(seccomp.GoRuntime, seccomp.Cgo, seccomp.TCPServer, seccomp.NetClient)
	p.Default = seccomp.KillProcess
	prog, err := seccomp.Compile(p, nil)
	if err != nil {
		return nil, err
	}
	return seccomp.Load(prog, nil)
}

// busyThreads starts goroutines on threads of their own, which stay until release is closed.
func busyThreads(n int) (busy *sync.WaitGroup, release chan struct{}) {
	busy, release = new(sync.WaitGroup), make(chan struct{})
	var started sync.WaitGroup
	started.Add(n)
	for range n {
		busy.Go(func() {
			runtime.LockOSThread()
			started.Done()
			<-release
		})
	}
	started.Wait()
	return busy, release
}

// requests sends requests from many goroutines at once, over connections of their own.
func requests(url string, client *http.Client, want string) error {
	errs := make(chan error)
	const clients, each = 16, 20
	for range clients {
		go func() {
			var err error
			for i := range each {
				if i%5 == 0 {
					client.CloseIdleConnections() // a new connection, and another handshake
				}
				err = errors.Join(err, request(client, url, want))
			}
			errs <- err
		}()
	}
	var err error
	for range clients {
		err = errors.Join(err, <-errs)
	}
	runtime.GC()
	return err
}

func request(client *http.Client, url, want string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && string(body) != want {
		err = fmt.Errorf("answer %q", body)
	}
	return err
}
