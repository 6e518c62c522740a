package seccomptest

import (
	"strconv"
	"strings"

	"github.com/gostockade/stockade/seccomp"
)

// signatures tell what the arguments of the calls are that filters most often refuse: the call's name, then for each argument the
// name of a family of constants below, or path (text in memory), fd or int (signed), ptr, or num.
var signatures = [...]string{
	"accept fd ptr ptr", "accept4 fd ptr ptr sock", "access path num", "bind fd ptr num", "bpf num ptr num", "brk ptr", "chdir path", "chmod path num",
	"chown path int int", "chroot path", "clone clone ptr ptr ptr ptr", "clone3 ptr num", "close fd", "connect fd ptr num", "delete_module path num",
	"dup fd", "dup2 fd fd", "dup3 fd fd open", "epoll_create1 num", "eventfd2 num num", "execve path ptr ptr", "execveat fd path ptr ptr num", "exit int",
	"exit_group int", "faccessat fd path num", "faccessat2 fd path num num", "fchmodat fd path num", "fchownat fd path int int num", "fcntl fd fcntl num",
	"fork", "fstat fd ptr", "ftruncate fd num", "futex ptr num num ptr ptr num", "getcwd ptr num", "getdents64 fd ptr num", "getegid", "geteuid", "getgid",
	"getpeername fd ptr ptr", "getpgrp", "getpid", "getppid", "getrandom ptr num num", "getsockname fd ptr ptr", "getsockopt fd num num ptr ptr", "gettid",
	"getuid", "init_module ptr num path", "io_uring_setup num ptr", "ioctl fd num ptr", "kexec_load ptr num ptr num", "kill int signal", "link path path",
	"linkat fd path fd path num", "listen fd num", "lstat path ptr", "madvise ptr num num", "memfd_create path num", "mkdir path num", "mkdirat fd path num",
	"mknod path num num", "mknodat fd path num num", "mmap ptr num prot map fd num", "mount path path path mount ptr", "mprotect ptr num prot",
	"munmap ptr num", "nanosleep ptr ptr", "newfstatat fd path ptr num", "open path open num", "openat fd path open num", "openat2 fd path ptr num",
	"perf_event_open ptr int int int num", "personality num", "pidfd_open int num", "pipe2 ptr open", "pivot_root path path", "prctl prctl num num num num",
	"pread64 fd ptr num num", "prlimit64 int num ptr ptr", "process_vm_readv int ptr num ptr num num", "process_vm_writev int ptr num ptr num num",
	"ptrace ptrace int ptr ptr", "pwrite64 fd ptr num num", "read fd ptr num", "readlink path ptr num", "readlinkat fd path ptr num", "readv fd ptr num",
	"reboot num num num ptr", "recvfrom fd ptr num num ptr ptr", "recvmsg fd ptr num", "rename path path", "renameat fd path fd path",
	"renameat2 fd path fd path num", "rmdir path", "rt_sigaction signal ptr ptr num", "rt_sigprocmask num ptr ptr num", "rt_sigreturn",
	"sched_getaffinity int num ptr", "sched_setaffinity int num ptr", "sched_yield", "seccomp num num ptr", "sendfile fd fd ptr num",
	"sendmsg fd ptr num", "sendto fd ptr num num ptr num", "setgid int", "setgroups num ptr", "setns fd clone", "setrlimit num ptr", "setsid",
	"setsockopt fd num num ptr num", "setuid int", "shutdown fd num", "sigaltstack ptr ptr", "socket family sock num", "socketpair family sock num ptr",
	"stat path ptr", "statfs path ptr", "statx fd path num num ptr", "swapon path num", "symlink path path", "symlinkat path fd path", "sysinfo ptr",
	"tgkill int int signal", "timer_create num ptr ptr", "timerfd_create num num", "tkill int signal", "truncate path num", "umask num", "umount2 path num",
	"uname ptr", "unlink path", "unlinkat fd path num", "unshare clone", "userfaultfd num", "utimensat fd path ptr num", "vfork", "wait4 int ptr num ptr",
	"waitid num int ptr num ptr", "write fd ptr num", "writev fd ptr num",
}

// enums are families of which an argument is one, flags families of which it is a combination; the names are looked up for the
// ABI, the first that fits is printed.
var (
	enums = [...]string{
		"family AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_ALG AF_KEY AF_BLUETOOTH AF_CAN AF_XDP AF_TIPC AF_NFC AF_RDS AF_UNSPEC",
		"fcntl F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN F_DUPFD_CLOEXEC F_ADD_SEALS F_GET_SEALS F_SETPIPE_SZ",
		"prctl PR_SET_PDEATHSIG PR_GET_PDEATHSIG PR_GET_DUMPABLE PR_SET_DUMPABLE PR_GET_KEEPCAPS PR_SET_KEEPCAPS PR_SET_NAME PR_GET_NAME PR_GET_SECCOMP " +
			"PR_SET_SECCOMP PR_CAPBSET_READ PR_CAPBSET_DROP PR_GET_SECUREBITS PR_SET_SECUREBITS PR_SET_MM PR_SET_CHILD_SUBREAPER PR_SET_NO_NEW_PRIVS " +
			"PR_GET_NO_NEW_PRIVS PR_CAP_AMBIENT PR_SET_VMA PR_SET_PTRACER",
		"ptrace PTRACE_TRACEME PTRACE_PEEKTEXT PTRACE_PEEKDATA PTRACE_POKETEXT PTRACE_POKEDATA PTRACE_CONT PTRACE_KILL PTRACE_ATTACH PTRACE_DETACH " +
			"PTRACE_SYSCALL PTRACE_SETOPTIONS PTRACE_SEIZE PTRACE_INTERRUPT",
		"signal SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGCHLD SIGCONT SIGSTOP " +
			"SIGTSTP SIGURG SIGPROF SIGSYS",
	}
	flags = [...]string{
		"clone CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_VFORK CLONE_PARENT CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS CLONE_PARENT_SETTID " +
			"CLONE_CHILD_CLEARTID CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_PIDFD CLONE_IO",
		"map MAP_SHARED MAP_PRIVATE MAP_FIXED MAP_ANONYMOUS MAP_NORESERVE MAP_STACK MAP_HUGETLB MAP_FIXED_NOREPLACE",
		"mount MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_REMOUNT MS_BIND MS_MOVE MS_REC MS_PRIVATE MS_SLAVE MS_SHARED",
		"open O_WRONLY O_RDWR O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_DIRECTORY O_NOFOLLOW O_CLOEXEC O_PATH O_DSYNC O_DIRECT O_LARGEFILE",
		"prot PROT_READ PROT_WRITE PROT_EXEC",
		"sock SOCK_NONBLOCK SOCK_CLOEXEC",
	}
)

// words returns the fields behind the entry's first word, which is name.
func words(table []string, name string) ([]string, bool) {
	for _, entry := range table {
		if rest, ok := strings.CutPrefix(entry, name); ok && (rest == "" || rest[0] == ' ') {
			return strings.Fields(rest), true
		}
	}
	return nil, false
}

// describe writes a call as C would, with the names of constants. text reads a string from the caller's memory.
func describe(c seccomp.Call, text func(address uint64) (string, bool)) string {
	name, ok := c.Name()
	if !ok {
		name = strconv.FormatUint(uint64(c.Nr), 10)
	}
	kinds, known := words(signatures[:], name)
	if !known {
		kinds = []string{"num", "num", "num", "num", "num", "num"}
	}
	args := make([]string, len(kinds))
	for i, kind := range kinds {
		args[i] = describeArg(c.Arch, kind, c.Args[i], text)
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

func describeArg(arch seccomp.Arch, kind string, v uint64, text func(uint64) (string, bool)) string {
	switch kind {
	case "path":
		if s, ok := text(v); ok {
			return strconv.Quote(s)
		}
		return number(v)
	case "ptr", "num":
		return number(v)
	case "fd":
		if int32(v) == -100 {
			return "AT_FDCWD"
		}
		return strconv.Itoa(int(int32(v)))
	case "int":
		return strconv.Itoa(int(int32(v)))
	}
	if names, ok := words(enums[:], kind); ok {
		for _, name := range names {
			if w, ok, _ := lookup(arch, name); ok && w == v&0xffff_ffff {
				return name
			}
		}
		return number(v)
	}
	return describeFlags(arch, kind, v)
}

// describeFlags names the bits it knows and writes the others as a number.
func describeFlags(arch seccomp.Arch, kind string, v uint64) string {
	var parts []string
	switch kind {
	case "sock": // a type, and flags above it
		parts = append(parts, enumName(arch, v&0xf, "SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET SOCK_PACKET"))
		v &^= 0xf
	case "open":
		if v&3 == 0 {
			parts = append(parts, "O_RDONLY")
		}
	case "clone": // the low byte is the signal at the end
		if v&0xff != 0 {
			parts = append(parts, describeArg(arch, "signal", v&0xff, nil))
			v &^= 0xff
		}
	}
	names, _ := words(flags[:], kind)
	for _, name := range names {
		if bit, ok, _ := lookup(arch, name); ok && bit != 0 && v&bit == bit {
			parts = append(parts, name)
			v &^= bit
		}
	}
	if v != 0 || len(parts) == 0 {
		parts = append(parts, number(v))
	}
	return strings.Join(parts, "|")
}

func enumName(arch seccomp.Arch, v uint64, names string) string {
	for name := range strings.FieldsSeq(names) {
		if w, ok, _ := lookup(arch, name); ok && w == v {
			return name
		}
	}
	return number(v)
}

// number writes small values in decimal and others, mostly addresses, in hexadecimal.
func number(v uint64) string {
	if v < 4096 {
		return strconv.FormatUint(v, 10)
	}
	return "0x" + strconv.FormatUint(v, 16)
}
