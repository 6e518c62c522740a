package seccomp

import "testing"

func BenchmarkCompile(b *testing.B) {
	docker := readOCI(b, dockerDefault)
	nodejs := readOCI(b, "corpora/seccomp/node-api.json")
	for _, bench := range []struct {
		name string
		p    *Profile
	}{{"docker-3-abis", docker}, {"docker-amd64", only(docker, AMD64)}, {"nodejs-amd64", only(nodejs, AMD64)}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			var prog *Program
			var err error
			for b.Loop() {
				if prog, err = Compile(bench.p, &CompileOptions{Target: AMD64}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(prog.Len()), "instructions")
			b.ReportMetric(meanExecuted(b, bench.p, prog, AMD64), "executed/call")
			_, known := constAllows(bench.p, prog, AMD64)
			b.ReportMetric(float64(known), "cached")
		})
	}
}

func BenchmarkResolve(b *testing.B) {
	p := readOCI(b, dockerDefault)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := resolve(p, AMD64, false); err != nil {
			b.Fatal(err)
		}
	}
}
