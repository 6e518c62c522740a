package seccomp

import (
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/net/bpf"

	vm "github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/sys"
)

// fakeKernel is a kernel in memory: a process with threads, their seccomp state and its open files. It follows
// kernel/seccomp.c where the loader can tell the difference, and fails or lies where a test says so.
type fakeKernel struct {
	threads []*fakeThread // the first is the caller
	files   map[int]int   // descriptor to thread id
	nextFD  int
	calls   []string // every step taken, by name

	failAt  int   // index in calls of the step that fails, -1 none
	failErr error // with this

	root        bool   // CAP_SYS_ADMIN
	flagsKnown  Flags  // flags the kernel knows
	oldActions  bool   // as before 4.14: GET_ACTION_AVAIL unknown
	noProc      bool   // /proc is not mounted
	rejects     error  // what seccomp(2) answers to the program
	cannotSync  int    // id of a thread that cannot follow
	release     string // uname -r
	noCount     bool   // status has no Seccomp_filters line
	miscount    bool   // TSYNC leaves the other threads' counts alone
	lieInstall  bool   // seccomp(2) reports success and does nothing
	lieSync     bool   // seccomp(2) reports success and reaches the caller only
	lieNNP      bool   // prctl reports success and does nothing
	dropNNPSync bool   // TSYNC does not carry no_new_privs
	garbage     bool   // status texts are not the kernel's, once the filter is on
	exitAfter   int    // id of a thread that ends when the filter is on
}

type fakeThread struct {
	State
	gone bool
}

func newFakeKernel() *fakeKernel {
	k := &fakeKernel{files: map[int]int{}, nextFD: 3, failAt: -1, flagsKnown: allFlags, release: "6.18.0"}
	for tid := 100; tid < 104; tid++ {
		k.threads = append(k.threads, &fakeThread{State: State{TID: tid}})
	}
	return k
}

// step records a step and says whether it is the one to fail.
func (k *fakeKernel) step(name string) error {
	k.calls = append(k.calls, name)
	if k.failAt == len(k.calls)-1 {
		return k.failErr
	}
	return nil
}

func (k *fakeKernel) installed() bool {
	for _, t := range k.threads {
		if t.Mode == ModeFilter {
			return true
		}
	}
	return false
}

func (k *fakeKernel) Gettid() int { return k.threads[0].TID }

func (k *fakeKernel) Release() (string, error) { return k.release, k.step("uname") }

func (k *fakeKernel) SetNoNewPrivs() error {
	if err := k.step("set no_new_privs"); err != nil {
		return err
	}
	k.threads[0].NoNewPrivs = !k.lieNNP
	return nil
}

func (k *fakeKernel) NoNewPrivs() (bool, error) {
	return k.threads[0].NoNewPrivs, k.step("get no_new_privs")
}

func (k *fakeKernel) SetFilter(flags uint32, insns []sys.SockFilter) (int, error) {
	if err := k.step("seccomp"); err != nil {
		return 0, err
	}
	f := Flags(flags)
	me := k.threads[0]
	switch {
	case f&^k.flagsKnown != 0:
		return 0, syscall.EINVAL
	case f&FlagTSync != 0 && f&FlagNewListener != 0 && f&FlagTSyncESRCH == 0:
		return 0, syscall.EINVAL
	case !me.NoNewPrivs && !k.root:
		return 0, syscall.EACCES
	case k.rejects != nil:
		return 0, k.rejects
	case k.cannotSync != 0 && f&FlagTSyncESRCH != 0:
		return 0, syscall.ESRCH
	case k.cannotSync != 0 && f&FlagTSync != 0:
		return k.cannotSync, nil
	}
	if !k.lieInstall {
		k.attach(f)
	}
	if f&FlagNewListener != 0 {
		return k.open(0), nil
	}
	return 0, nil
}

func (k *fakeKernel) attach(f Flags) {
	me := k.threads[0]
	me.Mode = ModeFilter
	me.Filters++
	for _, t := range k.threads[1:] {
		t.gone = t.gone || t.TID == k.exitAfter
		if f&FlagTSync == 0 || k.lieSync {
			continue
		}
		t.Mode = ModeFilter
		t.NoNewPrivs = t.NoNewPrivs || me.NoNewPrivs && !k.dropNNPSync
		if !k.miscount {
			t.Filters = me.Filters
		}
	}
}

func (k *fakeKernel) ProbeFilterFlags(flags uint32) error {
	if err := k.step("probe flags"); err != nil {
		return err
	}
	if Flags(flags)&^k.flagsKnown != 0 {
		return syscall.EINVAL
	}
	return syscall.EFAULT
}

func (k *fakeKernel) ActionAvail(ret uint32) error {
	if err := k.step("action avail"); err != nil {
		return err
	}
	if k.oldActions {
		return syscall.EINVAL
	}
	return nil
}

func (k *fakeKernel) SeccompMode() (int, error) {
	return int(k.threads[0].Mode), k.step("get seccomp")
}

const (
	fakeReadNr  = 900 // numbers no table has, so that a test's program decides on them alone
	fakeCloseNr = 901
	fakePrctlNr = 902
)

func (k *fakeKernel) SeccompModeCall() sys.Call { return sys.Call{Nr: fakePrctlNr} }

// tasksDir stands for the thread id of the task directory's descriptor.
const tasksDir = -1

func (k *fakeKernel) OpenTasks(pid int) (int, error) {
	if err := k.step("open tasks"); err != nil {
		return -1, err
	}
	if k.noProc {
		return -1, syscall.ENOENT
	}
	return k.open(tasksDir), nil
}

func (k *fakeKernel) ThreadIDs(tasks int) ([]int, error) {
	if k.files[tasks] != tasksDir {
		return nil, syscall.EBADF
	}
	if err := k.step("list threads"); err != nil {
		return nil, err
	}
	var tids []int
	for _, t := range k.threads {
		tids = append(tids, t.TID)
	}
	return tids, nil
}

func (k *fakeKernel) open(tid int) int {
	fd := k.nextFD
	k.nextFD++
	k.files[fd] = tid
	return fd
}

func (k *fakeKernel) thread(tid int) *fakeThread {
	for _, t := range k.threads {
		if t.TID == tid && !t.gone {
			return t
		}
	}
	return nil
}

func (k *fakeKernel) OpenStatus(tasks, tid int) (int, error) {
	if k.files[tasks] != tasksDir {
		return -1, syscall.EBADF
	}
	if err := k.step(fmt.Sprintf("open %d", tid)); err != nil {
		return -1, err
	}
	if k.thread(tid) == nil {
		return -1, syscall.ENOENT
	}
	return k.open(tid), nil
}

func (k *fakeKernel) ReadStart(fd int, buf []byte) (int, error) { return k.Read(fd, buf) }

func (k *fakeKernel) Read(fd int, buf []byte) (int, error) {
	if err := k.step(fmt.Sprintf("read %d", k.files[fd])); err != nil {
		return 0, err
	}
	t := k.thread(k.files[fd])
	if t == nil {
		return 0, syscall.ESRCH
	}
	if k.garbage && k.installed() {
		return copy(buf, "Seccomp: yes, certainly\n"), nil
	}
	return copy(buf, k.statusText(t)), nil
}

func (k *fakeKernel) statusText(t *fakeThread) string {
	var b strings.Builder
	nnp := 0
	if t.NoNewPrivs {
		nnp = 1
	}
	fmt.Fprintf(&b, "Name:\tserver\nUmask:\t0022\nTgid:\t100\nPid:\t%d\nNoNewPrivs:\t%d\nSeccomp:\t%d\n", t.TID, nnp, t.Mode)
	if !k.noCount {
		fmt.Fprintf(&b, "Seccomp_filters:\t%d\n", t.Filters)
	}
	b.WriteString("Cpus_allowed:\t3\n")
	return b.String()
}

func (k *fakeKernel) ReadCall(fd int, buf []byte) sys.Call { return sys.Call{Nr: fakeReadNr} }

func (k *fakeKernel) Close(fd int) error {
	delete(k.files, fd) // close(2) frees the descriptor even when it reports an error
	return k.step("close")
}

func (k *fakeKernel) CloseCall(fd int) sys.Call { return sys.Call{Nr: fakeCloseNr} }

// refuseNumbers is a program that answers some numbers with an action and allows all others.
func refuseNumbers(a Action, nrs ...uint32) []bpf.RawInstruction {
	prog := []bpf.RawInstruction{{Op: vm.LdAbs, K: 0}}
	for _, nr := range nrs {
		prog = append(prog,
			bpf.RawInstruction{Op: vm.ClassJump | vm.TestEq, Jf: 1, K: nr},
			bpf.RawInstruction{Op: vm.RetK, K: a.Ret()})
	}
	return append(prog, bpf.RawInstruction{Op: vm.RetK, K: Allow.Ret()})
}
