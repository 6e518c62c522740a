//go:build linux

package profile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// verdict words what became of an attempt.
func verdict(err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &errno):
		return errno.Error()
	}
	return err.Error()
}

func trySocket(family, kind, proto int) error {
	fd, err := syscall.Socket(family, kind, proto)
	if err == nil {
		syscall.Close(fd)
	}
	return err
}

// serverTask is a file server that confines itself with a connection open.
func serverTask(f map[string]string) error {
	dir, err := os.MkdirTemp("", "server")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "page"), []byte("a page"), 0o644); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(l, http.FileServer(http.Dir(dir)))
	old, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	if err := get(old); err != nil {
		return fmt.Errorf("before: %w", err)
	}
	client, err := startClient(l.Addr().String())
	if err != nil {
		return err
	}
	if err := Apply(HTTPServer(), nil); err != nil {
		return err
	}
	f["old connection"] = verdict(get(old))
	f["new connection"] = client()
	_, err = net.Dial("tcp", l.Addr().String())
	f["dial"] = verdict(err)
	second, err := net.Listen("tcp", "127.0.0.1:0")
	f["listen"] = verdict(err)
	if err == nil {
		second.Close()
	}
	f["write file"] = verdict(os.WriteFile(filepath.Join(dir, "new"), nil, 0o644))
	f["exec"] = verdict(exec.Command("/bin/true").Run())
	f["raw socket"] = verdict(trySocket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP))
	f["packet socket"] = verdict(trySocket(syscall.AF_PACKET, syscall.SOCK_RAW, 0))
	f["mount"] = verdict(syscall.Mount("x", "/tmp", "tmpfs", 0, ""))
	return nil
}

// startClient starts a process that, when told, makes a connection and says what came of it.
func startClient(addr string) (func() string, error) {
	c := exec.Command(os.Args[0], addr)
	c.Env = append(os.Environ(), taskEnv+"=client")
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	if err := errors.Join(err1, err2, c.Start()); err != nil {
		return nil, err
	}
	return func() string {
		in.Close()
		data, err := io.ReadAll(out)
		if err != nil || !strings.Contains(string(data), `"request":"done"`) {
			return fmt.Sprintf("%s %v", data, err)
		}
		return "done"
	}, nil
}

func clientTask(f map[string]string) error {
	if _, err := io.ReadAll(os.Stdin); err != nil {
		return err
	}
	conn, err := net.Dial("tcp", os.Args[1])
	if err != nil {
		return err
	}
	f["request"] = verdict(get(conn))
	return nil
}

// get asks for /page on an open connection.
func get(conn net.Conn) error {
	if _, err := io.WriteString(conn, "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err == nil && string(body) != "a page" {
		err = fmt.Errorf("status %s, body %q", resp.Status, body)
	}
	return err
}

// workerTask compresses a file into another.
func workerTask(f map[string]string) error {
	dir, err := os.MkdirTemp("", "worker")
	if err != nil {
		return err
	}
	if err := Apply(Worker(), nil); err != nil {
		return err
	}
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	f["create"] = verdict(os.WriteFile(in, bytes.Repeat([]byte("text "), 1000), 0o600))
	f["compress"] = verdict(compress(in, out))
	f["rename"] = verdict(os.Rename(out, in))
	f["list"] = verdict(func() error { _, err := os.ReadDir(dir); return err }())
	_, err = net.Dial("tcp", "127.0.0.1:1")
	f["dial"] = verdict(err)
	f["unix socket"] = verdict(trySocket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0))
	f["exec"] = verdict(exec.Command("/bin/true").Run())
	f["chroot"] = verdict(syscall.Chroot(dir))
	f["remove"] = verdict(os.RemoveAll(dir))
	return nil
}

func compress(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	w := gzip.NewWriter(out)
	_, err = io.Copy(w, in)
	return errors.Join(err, w.Close(), out.Close())
}

// parserTask reads JSON from standard input with nothing but what is open.
func parserTask(f map[string]string) error {
	if err := Apply(Parser(), nil); err != nil {
		return err
	}
	var v map[string]any
	f["parse"] = verdict(json.NewDecoder(os.Stdin).Decode(&v))
	f["value"] = fmt.Sprint(v["a"])
	done := make(chan bool)
	for range 8 {
		go func() { done <- true }()
	}
	for range 8 {
		<-done
	}
	_, err := os.Open("/etc/hostname")
	f["open"] = verdict(err)
	f["socket"] = verdict(trySocket(syscall.AF_INET, syscall.SOCK_STREAM, 0))
	f["exec"] = verdict(exec.Command("/bin/true").Run())
	f["kill"] = verdict(syscall.Kill(1, 0))
	return nil
}

func TestPresets(t *testing.T) {
	for _, tt := range []struct {
		task  string
		stdin string
		want  map[string]string
	}{
		{"server", "", map[string]string{
			"old connection": "done", "new connection": "done", "listen": "done", "dial": "operation not permitted",
			"write file": "operation not permitted", "exec": "operation not permitted", "raw socket": "operation not permitted",
			"packet socket": "operation not permitted", "mount": "operation not permitted",
		}},
		{"worker", "", map[string]string{
			"create": "done", "compress": "done", "rename": "done", "list": "done", "remove": "done",
			"dial": "operation not permitted", "unix socket": "operation not permitted", "exec": "operation not permitted", "chroot": "operation not permitted",
		}},
		{"parser", `{"a": [1, 2]}`, map[string]string{
			"parse": "done", "value": "[1 2]",
			"open": "operation not permitted", "socket": "operation not permitted", "exec": "operation not permitted", "kill": "operation not permitted",
		}},
	} {
		t.Run(tt.task, func(t *testing.T) {
			r := runTask(t, tt.task, func(c *exec.Cmd) { c.Stdin = strings.NewReader(tt.stdin) })
			if r.Err != "" {
				t.Fatal(r.Err)
			}
			for what, want := range tt.want {
				if r.Facts[what] != want {
					t.Errorf("%s: %q, want %q", what, r.Facts[what], want)
				}
			}
		})
	}
}
