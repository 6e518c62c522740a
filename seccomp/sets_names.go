package seccomp

// Sets for Go programs. They say what a program may still do after it confined itself, and compose: a file server is
// AllowOnly(GoRuntime, TCPServer, FileRead). Only GoRuntime stands alone; each of the others is meant to join it.
//
// Go programs for 386 and s390x make socket calls through socketcall(2), where a filter cannot see arguments. The
// conditions on socket that the network sets have cannot hold there, so the sets leave creating sockets out on those
// ABIs: create them before confining, or add the plain set "socket".
const (
	// GoRuntime is what the Go runtime does by itself in any program built without cgo, from main on: memory and garbage
	// collection, threads, signals and preemption, timers, CPU profiling, the network poller, randomness, clocks, ending, and
	// reading, writing and closing descriptors that are already open. It starts no processes, opens nothing, connects to nothing.
	// Creating threads is allowed with exactly the flags the runtime uses, prctl only for naming memory (PR_SET_VMA), fcntl only for
	// duplicating descriptors and their flags. True for Go 1.25 and 1.26.
	//
	// Package time opens /etc/localtime when a local time is first printed, often by the first line of package log. The set has no call
	// that opens files: under a default that kills, print a time before confining, as time.Now().String() does, or add FileRead; under one
	// that returns an error, times are then printed in UTC.
	GoRuntime Set = "@go-runtime"
	// GoStart is what a Go program built without cgo does between execve and main, and in its packages' initialisation, besides
	// GoRuntime: a child that starts with the filter already on needs it. It includes opening files for reading.
	GoStart Set = "@go-start"
	// Cgo is what a C library adds in programs built with cgo: its threads, allocator and resolver's polling. Newer C libraries
	// create threads by clone3(2) first, whose flags a filter cannot see, and by clone(2) when that fails with ENOSYS. The set does
	// not have clone3: refuse it with ENOSYS, as AllowOnly does.
	Cgo Set = "@cgo"
	// FileRead opens, reads, lists and examines files and directories. Opening is limited to O_RDONLY without O_CREAT and O_TRUNC, so
	// openat2(2), whose flags a filter cannot see, is not in it.
	FileRead Set = "@file-read"
	// FileWrite opens files in any way, creates, changes, locks, renames and removes them, directories and links included, and
	// changes modes and times, but not owners (see GroupChown) or device files.
	FileWrite Set = "@file-write"
	// NetClient makes outgoing TCP and UDP connections over IPv4 and IPv6. Name resolution also reads files: add FileRead.
	NetClient Set = "@net-client"
	// TCPServer listens for and serves TCP connections over IPv4 and IPv6; sockets are limited to these families and to
	// SOCK_STREAM. Package net reads /proc/sys/net/core/somaxconn when it first listens: do that before confining, or add FileRead.
	TCPServer Set = "@tcp-server"
	// UDP sends and receives datagrams over IPv4 and IPv6.
	UDP Set = "@udp"
	// UnixSocket listens on, connects and uses sockets of the AF_UNIX family, passing descriptors included. Removing a listener's
	// file needs FileWrite.
	UnixSocket Set = "@unix-socket"
	// Exec starts other programs (package os/exec), waits for them and ends them. Programs started inherit the filter, so the set
	// includes what a dynamic loader and the Go runtime do before main; what the program then does needs its own sets. New processes get
	// no namespaces. Of all sets it gives away most: whatever can be executed can be run with what else the filter allows.
	Exec Set = "@exec"
	// Signals sends signals to processes and threads and waits for them by descriptor. Catching them (package os/signal) needs
	// GoRuntime alone.
	Signals Set = "@signals"
	// Time reads clocks and uses timers of every kind. Go's time package needs GoRuntime alone; this is for C code and
	// timer descriptors. Setting the clock is GroupClock.
	Time Set = "@time"
	// MemoryExec is making memory executable: mmap, mprotect and pkey_mprotect with PROT_EXEC, and shmat with SHM_EXEC. It is for rules
	// that refuse it. It leaves out mmap on s390x, s390 and m68k and the old mmap of 386, whose arguments a filter cannot see.
	MemoryExec Set = "@memory-exec"
)

// Systemd's groups, with the membership of systemd 262 (systemd.exec(5), SystemCallFilter=). They carry no conditions.
const (
	GroupDefault       Set = "@default"        // what every process needs
	GroupAIO           Set = "@aio"            // asynchronous input and output, io_uring included
	GroupBasicIO       Set = "@basic-io"       // reading, writing, seeking, duplicating and closing descriptors
	GroupChown         Set = "@chown"          // changing file ownership
	GroupClock         Set = "@clock"          // setting the system's clock
	GroupCPUEmulation  Set = "@cpu-emulation"  // virtual 8086 mode and the like
	GroupDebug         Set = "@debug"          // debugging, performance monitoring, tracing
	GroupFileSystem    Set = "@file-system"    // opening, creating, examining, renaming and removing files
	GroupIOEvent       Set = "@io-event"       // waiting for events: poll, select, epoll, eventfd
	GroupIPC           Set = "@ipc"            // pipes, System V IPC, POSIX message queues
	GroupKeyring       Set = "@keyring"        // the kernel's keys
	GroupMemLock       Set = "@memlock"        // locking memory
	GroupModule        Set = "@module"         // kernel modules
	GroupMount         Set = "@mount"          // mounting and unmounting
	GroupNetworkIO     Set = "@network-io"     // sockets of every family
	GroupObsolete      Set = "@obsolete"       // obsolete or never implemented
	GroupPkey          Set = "@pkey"           // memory protection keys
	GroupPrivileged    Set = "@privileged"     // what needs superuser capabilities
	GroupProcess       Set = "@process"        // creating, executing and controlling processes, namespaces
	GroupRawIO         Set = "@raw-io"         // raw port and PCI access
	GroupReboot        Set = "@reboot"         // rebooting, and loading another kernel
	GroupResources     Set = "@resources"      // priorities, scheduling, memory policy
	GroupSandbox       Set = "@sandbox"        // confining oneself: seccomp and Landlock
	GroupSetUID        Set = "@setuid"         // changing user and group
	GroupSignal        Set = "@signal"         // signal handling
	GroupSwap          Set = "@swap"           // swap devices
	GroupSync          Set = "@sync"           // flushing files and memory to storage
	GroupSystemService Set = "@system-service" // a reasonable start for system services
	GroupTimer         Set = "@timer"          // timers and alarms
	GroupKnown         Set = "@known"          // every call of Linux 7.1 on any ABI
)
