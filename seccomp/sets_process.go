package seccomp

// execNames start processes, set them up, wait for them and end them.
var execNames = []string{
	// os/exec in the parent.
	"kill", "pidfd_open", "pidfd_send_signal", "pipe2", "wait4", "waitid",
	// In the child before it executes: directory, descriptors, session, its parent's limit of open files.
	"chdir", "dup2", "dup3", "execve", "execveat", "exit", "getppid", "setpgid", "setsid",
	// Other programs' ways to start processes.
	"dup", "fork", "getpgid", "getpgrp", "pipe", "vfork", "waitpid",
	// Dynamic loaders and C libraries before main.
	"access", "faccessat", "faccessat2", "fstat", "fstat64", "fstatat64", "lseek", "newfstatat", "rseq", "set_robust_list", "set_tid_address",
	"stat", "stat64", "statx",
}

func execMembers() []Member {
	return []Member{
		{Names: execNames},
		// A new process, in its parent's namespaces and not traced. The lower byte is the signal its parent gets.
		{Names: []string{"clone"}, Arches: notS390Arches, Args: []Arg{
			{Index: 0, Op: MaskedEQ, Width: Width32, Mask: cloneNamespaces | clonePtrace | cloneUntraced}}},
		{Names: []string{"clone"}, Arches: s390Arches, Args: []Arg{
			{Index: 1, Op: MaskedEQ, Width: Width32, Mask: cloneNamespaces | clonePtrace | cloneUntraced}}},
		{Names: []string{"prctl"}, Args: []Arg{{Index: 0, Width: Width32, Value: prSetPDeathSig}}},
	}
}

var signalNames = []string{
	"getpid", "gettid", "kill", "pidfd_open", "pidfd_send_signal", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigsuspend",
	"rt_sigtimedwait", "rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "signalfd", "signalfd4", "tgkill", "tkill",
}

var timeNames = []string{
	"alarm", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64", "getitimer",
	"gettimeofday", "nanosleep", "setitimer", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64",
	"timer_settime", "timer_settime64", "timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
	"times",
}
