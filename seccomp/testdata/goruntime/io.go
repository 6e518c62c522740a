package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// usePoller moves data through a pipe whose ends wait in the poller.
func usePoller() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	go func() {
		for range 100 {
			w.Write(make([]byte, 1<<16))
		}
		w.Close()
	}()
	r.SetReadDeadline(time.Now().Add(time.Minute))
	n, err := io.Copy(io.Discard, struct{ io.Reader }{r})
	if err != nil || n != 100<<16 {
		return fmt.Errorf("copied %d: %w", n, err)
	}
	return nil
}

var server struct {
	listener net.Listener
	config   *tls.Config
	roots    *x509.CertPool
}

// prepareNet lets package net read what it reads once: the length of the queue of a listener.
func prepareNet() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	return l.Close()
}

// prepareTLS makes a certificate; the listener that matters is opened under the filter.
func prepareTLS() error {
	if err := prepareNet(); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	server.config = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.roots = x509.NewCertPool()
	server.roots.AddCert(cert)
	return nil
}

// serveTLS serves HTTPS to clients in the same process.
func serveTLS() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }), TLSConfig: server.config}
	served := make(chan error, 1)
	go func() { served <- s.ServeTLS(l, "", "") }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: server.roots}, ForceAttemptHTTP2: true}, Timeout: time.Minute}
	errs := make(chan error, 50)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() { errs <- echo(client, "https://"+l.Addr().String()) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	client.CloseIdleConnections()
	s.Close()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func echo(client *http.Client, url string) error {
	body := bytes.Repeat([]byte("stockade"), 1<<14)
	resp, err := client.Post(url, "text/plain", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err == nil && !bytes.Equal(got, body) {
		err = errors.New("the echo differs")
	}
	return err
}

func useUDP() error {
	a, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := net.Dial("udp", a.LocalAddr().String())
	if err != nil {
		return err
	}
	defer b.Close()
	b.Write([]byte("hello"))
	buf := make([]byte, 16)
	n, from, err := a.ReadFrom(buf)
	if err != nil {
		return err
	}
	a.WriteTo(buf[:n], from)
	n, err = b.Read(buf)
	if err != nil || string(buf[:n]) != "hello" {
		return fmt.Errorf("read %q: %w", buf[:n], err)
	}
	return nil
}

func useUnixSocket() error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: "@stockade-test-" + fmt.Sprint(os.Getpid()), Net: "unix"})
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		c, err := net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
		if err == nil {
			c.WriteMsgUnix([]byte("fd"), syscall.UnixRights(1), nil)
			c.Close()
		}
	}()
	c, err := l.AcceptUnix()
	if err != nil {
		return err
	}
	defer c.Close()
	buf, oob := make([]byte, 8), make([]byte, 64)
	n, oobn, _, _, err := c.ReadMsgUnix(buf, oob)
	if err != nil || string(buf[:n]) != "fd" || oobn == 0 {
		return fmt.Errorf("read %q and %d bytes of descriptors: %w", buf[:n], oobn, err)
	}
	return nil
}

func execChild() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, cmd := range []*exec.Cmd{exec.Command("/bin/true"), exec.Command(self, "-free", "gc"), exec.Command("/bin/sh", "-c", "exit 0")} {
		cmd.Dir = "/"
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
		}
	}
	cmd := exec.Command(self, "-free", "idle")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr // or os/exec opens /dev/null for writing
	if err := cmd.Start(); err != nil {
		return err
	}
	cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		return errors.New("a killed child ended well")
	}
	return nil
}

func readFiles() error {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil || !bytes.Contains(data, []byte("Seccomp:\t2")) {
		return fmt.Errorf("/proc/self/status does not tell of a filter: %w", err)
	}
	entries, err := os.ReadDir("/")
	if err != nil || len(entries) == 0 {
		return fmt.Errorf("%d entries in /: %w", len(entries), err)
	}
	if err := filepath.WalkDir("/proc/self/task", func(string, os.DirEntry, error) error { return nil }); err != nil {
		return err
	}
	for _, f := range []func() error{
		func() error { _, err := os.Stat("/"); return err },
		func() error { _, err := os.Lstat("/proc/self/exe"); return err },
		func() error { _, err := os.Readlink("/proc/self/exe"); return err },
		func() error { _, err := os.Getwd(); return err },
		func() error { _, err := filepath.EvalSymlinks("/proc/self/exe"); return err },
		func() error { _, err := net.LookupHost("localhost"); return err },
		func() error { _, err := time.LoadLocation("Local"); return err },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot("/proc/self")
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.Open("task")
	if err != nil {
		return err
	}
	return f.Close()
}

func writeFiles() error {
	dir, err := os.MkdirTemp("", "stockade")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "file")
	if err := os.WriteFile(name, []byte("text"), 0o600); err != nil {
		return err
	}
	for _, f := range []func() error{
		func() error { return os.Chmod(name, 0o644) },
		func() error { return os.Chtimes(name, time.Now(), time.Now()) },
		func() error { return os.Truncate(name, 2) },
		func() error { return os.Rename(name, name+"2") },
		func() error { return os.Link(name+"2", name) },
		func() error { return os.Symlink(name, name+"3") },
		func() error { return os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700) },
		func() error { return os.CopyFS(filepath.Join(dir, "copy"), os.DirFS(filepath.Join(dir, "a"))) },
		func() error { return copyFile(name, name+"4") },
		func() error { return os.Remove(name + "3") },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	if err := dst.Sync(); err != nil {
		return err
	}
	return dst.Close()
}
