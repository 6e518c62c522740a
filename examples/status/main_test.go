//go:build linux

package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestStatus(t *testing.T) {
	var out bytes.Buffer
	if err := status(&out, os.Getpid()); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "THREAD") || !strings.Contains(text, "\n"+strconv.Itoa(os.Getpid())+" ") {
		t.Errorf("no line for the first thread:\n%s", text)
	}
	if err := status(&out, 1<<22+1); err == nil {
		t.Error("a process that cannot be")
	}
}
