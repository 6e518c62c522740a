package apparmor_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

// BenchmarkDebianProfiles reads Debian's profiles with their includes. The rate counts the bytes after includes, which is what
// apparmor_parser reads: it has no cache for them.
//
//	Resolve         parse and resolve, includes parsed once per run
//	ResolveCold     the same without a cache: includes parsed for each profile
//	Parse           the profile files and all they include, parsed only, nothing shared
//	apparmor_parser "apparmor_parser -N": parse, and print names
func BenchmarkDebianProfiles(b *testing.B) {
	files := debianProfiles(b)
	opts := debianOptions()
	total := includedBytes(b, files, opts)
	var texts [][]byte
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, data)
	}
	resolve := func(b *testing.B, shared bool) {
		b.SetBytes(total)
		b.ReportAllocs()
		for b.Loop() {
			run := *opts
			run.Cache = apparmor.NewCache()
			for i, p := range files {
				if !shared {
					run.Cache = nil
				}
				f, err := syntax.Parse(p, texts[i])
				if err != nil {
					b.Fatal(err)
				}
				if _, err := apparmor.Resolve(f, &run); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("Resolve", func(b *testing.B) { resolve(b, true) })
	b.Run("ResolveCold", func(b *testing.B) { resolve(b, false) })
	b.Run("Parse", func(b *testing.B) {
		var all []string
		size := int64(0)
		for i, p := range files {
			inc, err := apparmor.IncludedText(files[i], texts[i], opts)
			if err != nil {
				b.Fatal(p, err)
			}
			for _, s := range inc {
				all = append(all, s)
				size += int64(len(s))
			}
		}
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for _, s := range all {
				if _, err := syntax.ParseString("x", s); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("apparmor_parser", func(b *testing.B) {
		b.SetBytes(total)
		for b.Loop() {
			args := append([]string{"-N", "-q"}, files...)
			if out, err := exec.Command("apparmor_parser", args...).CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
		}
	})
}
