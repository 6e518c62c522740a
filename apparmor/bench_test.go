package apparmor

import (
	"fmt"
	"testing"

	"github.com/gostockade/stockade/internal/dfa"
)

// BenchmarkEvaluate answers one question from automata that are built.
func BenchmarkEvaluate(b *testing.B) {
	e := evaluator(b, appPolicy(b))
	for _, q := range []Request{
		File{Path: "/etc/ssl/certs/ca-certificates.crt", Access: Read},
		File{Path: "/home/user/projects/stockade/internal/dfa/walk.go", Access: Write},
		File{Path: "/usr/bin/id", Access: Exec},
		Capability{12},
		Network{Family: 2, Type: 1},
		Signal{15, SignalSend, "other"},
		Dbus{Bus: "system", Access: DbusSend, Name: "org.x", PeerLabel: "unconfined", Path: "/org/x", Interface: "org.x.Iface", Member: "Get"},
	} {
		b.Run(q.String(), func(b *testing.B) {
			if _, err := e.Evaluate("app", q); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Evaluate("app", q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompile builds the automata of a profile with many rules.
func BenchmarkCompile(b *testing.B) {
	p := &Profile{Name: "big"}
	for i := range 500 {
		p.Rules = append(p.Rules, &FileRule{Qualifiers: at(i, Allow), Path: fmt.Sprintf("/usr/{lib,share}/pkg%d/**.{so,conf}", i%100), Perms: Read})
	}
	b.ReportAllocs()
	for b.Loop() {
		c, err := compile(p, DefaultFeatures(), dfa.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(c.file.d.Len()), "states")
	}
}
