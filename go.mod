module github.com/gostockade/stockade

go 1.25.0

require (
	github.com/cyphar/filepath-securejoin v0.7.0
	github.com/google/go-cmp v0.7.0
	github.com/opencontainers/runtime-spec v1.3.0
	github.com/seccomp/libseccomp-golang v0.11.1
	golang.org/x/net v0.58.0
	golang.org/x/sys v0.47.0
)

require cyphar.com/go-pathrs v0.2.5 // indirect
