package main

import (
	"strings"
	"testing"
)

func TestSample(t *testing.T) {
	var out strings.Builder
	status, err := run(nil, &out)
	if err != nil || status != 1 {
		t.Fatalf("status %d, %v", status, err)
	}
	for _, want := range []string{
		"/srv/web/index.html r: allowed\n",
		"/etc/shadow r: denied r (quiet)",
		"abstractions/quiet:2:1 (included from policy/web:5:3)",
		"/usr/bin/convert x: allowed -> Cx -> web//convert\n",
		"    runs as web//convert\n",
		"capability net_bind_service: allowed",
		"network inet raw: denied create: no rule allows it",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestErrors(t *testing.T) {
	var out strings.Builder
	for _, args := range [][]string{{"/nonexistent", "/a r"}, {"-features", "/nonexistent"}, {"-profile", "nobody"}, {"-nonsense"}} {
		if status, _ := run(args, &out); status != 2 {
			t.Errorf("%v: status %d, want 2", args, status)
		}
	}
}
