package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// arches are the GOARCH values whose constants x/sys has, in the order of the generated columns.
var arches = []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc", "ppc64", "ppc64le", "riscv64", "s390x"}

// wanted are the constants that appear as arguments of system calls, by prefix.
var wanted = regexp.MustCompile(`^((O|AF|SOCK|CLONE|PROT|MAP|MADV|MCL|MREMAP|MFD|PR|F|AT|S|RLIMIT|IPPROTO|SOL|SO|MSG|TCP|PTRACE|MS|MNT|UMOUNT|CLOCK|` +
	`TIMER|TFD|EFD|SFD|SECCOMP|KEYCTL|RENAME|RWF|NETLINK|LOCK|FALLOC|GRND|FAN|PERF_FLAG|BPF_F|RUSAGE|P|PIDFD|RESOLVE|STATX|MEMBARRIER)_[A-Z0-9_]+|` +
	`(SIG|EPOLL|TIOC|FIO)[A-Z0-9_]+|W(NOHANG|UNTRACED|CONTINUED|EXITED|NOWAIT|STOPPED))$`)

// A table maps each name to its value on each arch; a missing arch does not have the name.
type table map[string]map[string]uint64

// read parses x/sys's generated files: the common ones and one for each arch.
func read(dir string) (table, error) {
	t := table{}
	for _, name := range []string{"zerrors_linux.go", "ztypes_linux.go"} {
		if err := t.file(filepath.Join(dir, name), arches); err != nil {
			return nil, err
		}
	}
	for _, arch := range arches {
		if err := t.file(filepath.Join(dir, "zerrors_linux_"+arch+".go"), []string{arch}); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// file adds a file's constants for the given arches.
func (t table) file(name string, to []string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range parsed.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			vs := spec.(*ast.ValueSpec)
			if len(vs.Names) != 1 || len(vs.Values) != 1 || !wanted.MatchString(vs.Names[0].Name) {
				continue
			}
			if v, ok := value(vs.Values[0]); ok {
				t.add(vs.Names[0].Name, v, to)
			}
		}
	}
	if len(t) == 0 {
		return fmt.Errorf("%s has no constants", name)
	}
	return nil
}

func (t table) add(name string, v uint64, to []string) {
	if t[name] == nil {
		t[name] = map[string]uint64{}
	}
	for _, arch := range to {
		t[name][arch] = v
	}
}

// value reads an integer, a negative one, or a conversion of one such as syscall.Signal(0x6). Strings are no arguments.
func value(e ast.Expr) (uint64, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		v, err := strconv.ParseUint(e.Value, 0, 64)
		return v, err == nil
	case *ast.UnaryExpr:
		v, ok := value(e.X)
		return -v, ok && e.Op == token.SUB
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return value(e.Args[0])
		}
	}
	return 0, false
}

// same reports whether the value is one and the same on every arch.
func same(values map[string]uint64) bool {
	first, ok := values[arches[0]]
	return ok && !slices.ContainsFunc(arches, func(arch string) bool {
		v, ok := values[arch]
		return !ok || v != first
	})
}
