package seccomp_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"

	vm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/entry"
	"github.com/gostockade/stockade/seccomp"
)

// TestKernelIsProgram compares what this kernel does with what the program says, on every call of the test set, through all
// three entries into the kernel. No call is carried out: the child loads a copy of the program in which each return value, allow
// included, is replaced by an error number of its own, and which lets only calls from elsewhere than package entry pass.
func TestKernelIsProgram(t *testing.T) {
	with386 := kernelHas386(t)
	for _, p := range testSet(t) {
		t.Run(p.name, func(t *testing.T) {
			seccomp.Child(t, func() error { return compareWithKernel(t, p.Profile, with386) })
		})
	}
}

// kernelHas386 reports whether the kernel serves 32-bit programs; without, INT 0x80 is a fault.
func kernelHas386(t *testing.T) bool {
	t.Helper()
	const key, yes = "STOCKADE_TEST_386", "yes"
	switch os.Getenv(key) {
	case "try":
		_, _ = entry.Int80(20, new([6]uint64))
		fmt.Println(yes)
		os.Exit(0)
	case yes:
		return true
	case "no":
		return false
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestKernelIsProgram$")
	cmd.Env = append(os.Environ(), key+"=try")
	out, err := cmd.Output()
	has := err == nil && strings.TrimSpace(string(out)) == yes
	if !has {
		t.Log("this kernel has no 32-bit programs; 386 is not compared")
	}
	t.Setenv(key, map[bool]string{true: yes, false: "no"}[has]) // for the children
	return has
}

// compareWithKernel makes every call in this process, which it confines.
func compareWithKernel(t *testing.T, p *seccomp.Profile, with386 bool) error {
	prog, err := seccomp.Compile(p, &seccomp.CompileOptions{Target: seccomp.AMD64})
	if err != nil {
		return err
	}
	calls := everyCall(t, p)
	codes := map[uint32]int64{} // by return value of the program
	want := make([]int64, len(calls))
	original := prog.Instructions()
	for i, c := range calls {
		in := vm.NewInput(c.Nr, c.Arch.AuditArch(), 0, c.Args, false)
		ret, _, err := vm.Run(original, &in)
		if err != nil {
			return err
		}
		want[i] = code(codes, ret)
	}
	if err := loadCopy(original, codes, with386); err != nil {
		return err
	}
	wrong, compared := 0, map[seccomp.Arch]int{}
	for i, c := range calls {
		if c.Arch == seccomp.I386 && !with386 || unfiltered(c) {
			continue
		}
		compared[c.Arch]++
		if got := makeCall(c); got != want[i] {
			if wrong++; wrong <= 10 {
				fmt.Printf("%v: the kernel says %d, the program %d\n", c, got, want[i])
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d calls differ", wrong, len(calls))
	}
	if compared[seccomp.AMD64] < 1024 || compared[seccomp.X32] < 1024 {
		return fmt.Errorf("compared only %v", compared)
	}
	return nil
}

// unfiltered reports whether the kernel does not ask filters about a call: uretprobe and uprobe of amd64 are allowed before
// any filter runs (seccomp_uprobe_exception in kernel/seccomp.c, Linux 6.14 and 6.18). Made by a program they raise SIGILL.
func unfiltered(c seccomp.Call) bool {
	const uretprobe, uprobe = 335, 336
	return c.Arch == seccomp.AMD64 && (c.Nr == uretprobe || c.Nr == uprobe)
}

func makeCall(c seccomp.Call) int64 {
	args := c.Args
	var ret int64
	if c.Arch == seccomp.I386 {
		ret, _ = entry.Int80(c.Nr, &args)
	} else {
		ret, _ = entry.Syscall(c.Nr, &args)
	}
	return -ret
}

// firstCode is above every error number the kernel uses, the internal ones for restarting calls included.
const firstCode = 1000

// code returns the error number that stands for a return value.
func code(codes map[uint32]int64, ret uint32) int64 {
	if _, ok := codes[ret]; !ok {
		codes[ret] = firstCode + int64(len(codes))
	}
	return codes[ret]
}

// loadCopy loads the copy of a program: every return value is replaced by the error number that stands for it, and in front are
// instructions that allow what is not called by package entry.
func loadCopy(original []bpf.RawInstruction, codes map[uint32]int64, with386 bool) error {
	_, ip := entry.Syscall(syscall.SYS_GETPID, new([6]uint64))
	ip386 := ip
	if with386 {
		_, ip386 = entry.Int80(20, new([6]uint64))
	}
	if ip>>32 != ip386>>32 {
		return fmt.Errorf("the entries %#x and %#x are too far apart", ip, ip386)
	}
	const jeq = vm.ClassJump | vm.TestEq
	insns := []bpf.RawInstruction{
		{Op: vm.LdAbs, K: vm.OffsetIP + 4},
		{Op: jeq, Jf: 3, K: uint32(ip >> 32)},
		{Op: vm.LdAbs, K: vm.OffsetIP},
		{Op: jeq, Jt: 2, K: uint32(ip)},
		{Op: jeq, Jt: 1, K: uint32(ip386)},
		{Op: vm.RetK, K: seccomp.Allow.Ret()},
	}
	for _, in := range original {
		switch in.Op {
		case vm.RetA:
			return fmt.Errorf("the program returns a computed value")
		case vm.RetK:
			in.K = seccomp.Errno(uint16(code(codes, in.K))).Ret()
		}
		insns = append(insns, in)
	}
	prog, err := seccomp.NewProgram(insns, seccomp.AMD64)
	if err != nil {
		return err
	}
	// The program looks at the instruction pointer, so Load cannot know whether it may read the result back.
	_, err = seccomp.Load(prog, &seccomp.LoadOptions{AllowUnreadable: true})
	return err
}
