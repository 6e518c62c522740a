package seccomp

// runtimeNames were read from runtime, internal/runtime and internal/poll of Go 1.25 and 1.26 for every GOARCH, and checked by
// running programs under them. Some are for old kernels or for ABIs without a vDSO.
var runtimeNames = []string{
	// Memory.
	"madvise", "mmap", "mmap2", "mprotect", "munmap",
	// Threads.
	"exit", "exit_group", "futex", "futex_time64", "getpid", "gettid", "nanosleep", "sched_getaffinity", "sched_yield", "set_thread_area",
	"set_tls",
	// Signals: handlers, preemption by tgkill (tkill on riscv64), a fatal signal's last word.
	"restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "tgkill", "tkill",
	// CPU profiling.
	"setitimer", "timer_create", "timer_delete", "timer_settime", "timer_settime64",
	// Clocks and randomness where the vDSO does not answer.
	"clock_gettime", "clock_gettime64", "getrandom",
	// The poller, and descriptors. Go 1.25 and later reads its CPU limit again and again with pread64.
	"close", "epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2", "pipe2", "pread64", "read", "uname", "write",
}

func runtimeMembers() []Member {
	return []Member{
		{Names: runtimeNames},
		// A new thread of the runtime; CLONE_SETTLS on amd64.
		{Names: []string{"clone"}, Arches: notS390Arches, Args: []Arg{
			{Index: 0, Op: MaskedEQ, Mask: all64 &^ cloneSetTLS, Value: cloneThreadFlags}}},
		{Names: []string{"clone"}, Arches: s390Arches, Args: []Arg{
			{Index: 1, Op: MaskedEQ, Mask: all64 &^ cloneSetTLS, Value: cloneThreadFlags}}},
		{Names: []string{"fcntl", "fcntl64"}, Args: []Arg{{Index: 1, Op: LE, Width: Width32, Value: fSetFL}}},
		{Names: []string{"fcntl", "fcntl64"}, Args: []Arg{{Index: 1, Width: Width32, Value: fDupFDCloexec}}},
		// With GOTRACEBACK=crash a crashing program passes SIGQUIT on to its other threads.
		{Names: []string{"kill"}, Args: []Arg{{Index: 1, Width: Width32, Value: sigQuit}}},
		// Naming memory regions, PR_SET_VMA_ANON_NAME.
		{Names: []string{"prctl"}, Args: []Arg{{Index: 0, Width: Width32, Value: prSetVMA}, {Index: 1, Value: 0}}},
	}
}

// startNames are what comes before main besides runtimeNames: the runtime finds out about its machine, the size of huge pages and the
// CPU limit are read from files, package os raises the limit of open files (prlimit64) and looks for its own path.
var startNames = []string{
	"arch_prctl", "brk", "mincore", "riscv_hwprobe",
	"prlimit64", "getrlimit", "ugetrlimit", "setrlimit", "readlinkat", "readlink", "getcwd", "getuid", "geteuid", "getgid", "getegid",
	"getuid32", "geteuid32", "getgid32", "getegid32", "execve",
}

// cgoNames are what the GNU and musl C libraries do for threads, memory and waiting.
var cgoNames = []string{
	"brk", "cacheflush", "clock_nanosleep", "clock_nanosleep_time64", "get_robust_list", "gettimeofday", "membarrier", "mprotect", "mremap",
	"poll", "ppoll", "ppoll_time64", "prlimit64", "getrlimit", "ugetrlimit", "riscv_flush_icache", "rseq", "rt_sigtimedwait",
	"rt_sigtimedwait_time64", "set_robust_list", "set_tid_address", "sysinfo", "time",
}

func cgoMembers() []Member {
	return []Member{
		{Names: cgoNames},
		{Names: []string{"clone"}, Arches: notS390Arches, Args: []Arg{
			{Index: 0, Op: MaskedEQ, Mask: all64 &^ cloneLibcFlags, Value: cloneThreadFlags}}},
		{Names: []string{"clone"}, Arches: s390Arches, Args: []Arg{
			{Index: 1, Op: MaskedEQ, Mask: all64 &^ cloneLibcFlags, Value: cloneThreadFlags}}},
	}
}

// memoryExecMembers are the ways to executable memory.
func memoryExecMembers() []Member {
	return []Member{
		{Names: []string{"mmap"}, Arches: registerMmapArches, Args: []Arg{{Index: 2, Op: MaskedEQ, Mask: protExec, Value: protExec}}},
		{Names: []string{"mmap2"}, Arches: notS390Arches, Args: []Arg{{Index: 2, Op: MaskedEQ, Mask: protExec, Value: protExec}}},
		{Names: []string{"mprotect", "pkey_mprotect"}, Args: []Arg{{Index: 2, Op: MaskedEQ, Mask: protExec, Value: protExec}}},
		{Names: []string{"shmat"}, Args: []Arg{{Index: 2, Op: MaskedEQ, Width: Width32, Mask: shmExec, Value: shmExec}}},
	}
}
