package seccomp

// openReadMembers open files for reading.
func openReadMembers() []Member {
	return []Member{
		{Names: []string{"openat"}, Arches: genericOpenArches, Args: []Arg{{Index: 2, Op: MaskedEQ, Width: Width32, Mask: openChangesGeneric}}},
		{Names: []string{"open"}, Arches: genericOpenArches, Args: []Arg{{Index: 1, Op: MaskedEQ, Width: Width32, Mask: openChangesGeneric}}},
		{Names: []string{"openat"}, Arches: mipsArches, Args: []Arg{{Index: 2, Op: MaskedEQ, Width: Width32, Mask: openChangesMIPS}}},
		{Names: []string{"open"}, Arches: mipsArches, Args: []Arg{{Index: 1, Op: MaskedEQ, Width: Width32, Mask: openChangesMIPS}}},
		{Names: []string{"openat"}, Arches: pariscArches, Args: []Arg{{Index: 2, Op: MaskedEQ, Width: Width32, Mask: openChangesPARISC}}},
		{Names: []string{"open"}, Arches: pariscArches, Args: []Arg{{Index: 1, Op: MaskedEQ, Width: Width32, Mask: openChangesPARISC}}},
	}
}

var fileReadNames = []string{
	"_llseek", "access", "close", "dup", "faccessat", "faccessat2", "fadvise64", "fadvise64_64", "arm_fadvise64_64", "fstat", "fstat64", "fstatat64",
	"fstatfs", "fstatfs64", "getcwd", "getdents", "getdents64", "lseek", "lstat", "lstat64", "newfstatat", "pread64", "preadv", "preadv2", "read",
	"readahead", "readlink", "readlinkat", "readv", "stat", "stat64", "statfs", "statfs64", "statx",
}

func fileReadMembers() []Member { return append(openReadMembers(), Member{Names: fileReadNames}) }

var fileWriteNames = []string{
	"_llseek", "chmod", "close", "copy_file_range", "creat", "dup", "fallocate", "fchmod", "fchmodat", "fchmodat2", "fdatasync", "flock", "fstat",
	"fstat64", "fstatat64", "fsync", "ftruncate", "ftruncate64", "futimesat", "getcwd", "link", "linkat", "lseek", "lstat", "lstat64", "mkdir", "mkdirat",
	"newfstatat", "open", "openat", "openat2", "pwrite64", "pwritev", "pwritev2", "rename", "renameat", "renameat2", "rmdir", "sendfile",
	"sendfile64", "splice", "stat", "stat64", "statx", "symlink", "symlinkat", "sync_file_range", "sync_file_range2", "arm_sync_file_range",
	"truncate", "truncate64", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "write", "writev",
}

func fileWriteMembers() []Member {
	return []Member{
		{Names: fileWriteNames},
		// Locks: F_GETLK, F_SETLK, F_SETLKW and their 64-bit forms, which between them take these numbers on all ABIs but PA-RISC, and
		// locks of open file descriptions, F_OFD_GETLK to F_OFD_SETLKW.
		{Names: []string{"fcntl", "fcntl64"}, Arches: notMIPSArches, Args: []Arg{
			{Index: 1, Op: GE, Width: Width32, Value: 5}, {Index: 1, Op: LE, Width: Width32, Value: 7}}},
		{Names: []string{"fcntl", "fcntl64"}, Arches: genericOpenArches, Args: []Arg{
			{Index: 1, Op: GE, Width: Width32, Value: 12}, {Index: 1, Op: LE, Width: Width32, Value: 14}}},
		{Names: []string{"fcntl", "fcntl64"}, Arches: mipsArches, Args: []Arg{
			{Index: 1, Op: GE, Width: Width32, Value: 6}, {Index: 1, Op: LE, Width: Width32, Value: 7}}},
		{Names: []string{"fcntl", "fcntl64"}, Arches: mipsArches, Args: []Arg{{Index: 1, Width: Width32, Value: 14}}},
		{Names: []string{"fcntl", "fcntl64"}, Arches: mipsArches, Args: []Arg{
			{Index: 1, Op: GE, Width: Width32, Value: 33}, {Index: 1, Op: LE, Width: Width32, Value: 35}}},
		{Names: []string{"fcntl", "fcntl64"}, Args: []Arg{
			{Index: 1, Op: GE, Width: Width32, Value: 36}, {Index: 1, Op: LE, Width: Width32, Value: 38}}},
	}
}
