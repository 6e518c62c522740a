package sys

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// aafsMagic is the type of the file system below securityfs's apparmor/policy: AAFS_MAGIC, include/uapi/linux/magic.h.
const aafsMagic = 0x5a3c69f0

// SecurityFS returns where securityfs with AppArmor's directory is mounted: /sys/kernel/security, or another place that
// /proc/mounts names. What is mounted there is checked to be securityfs. ENOENT: nowhere.
func (k Kernel) SecurityFS() (string, error) {
	const usual = "/sys/kernel/security"
	if isSecurityFS(usual) {
		return usual, nil
	}
	places, err := k.mountsOf("securityfs")
	if err != nil {
		return "", err
	}
	for _, place := range places {
		if isSecurityFS(place) {
			return place, nil
		}
	}
	return "", syscall.ENOENT
}

func isSecurityFS(place string) bool {
	var st unix.Statfs_t
	return unix.Statfs(place+"/apparmor", &st) == nil && uint32(st.Type) == unix.SECURITYFS_MAGIC
}

// mountsOf lists the mount points of one type of file system.
func (k Kernel) mountsOf(fstype string) ([]string, error) {
	fd, err := k.OpenTaskFile(Task{PID: os.Getpid()}, "mounts", false)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "mounts")
	defer f.Close()
	var out []string
	s := bufio.NewScanner(f)
	for s.Scan() {
		fields := strings.Fields(s.Text())
		if len(fields) > 2 && fields[2] == fstype {
			out = append(out, unescapeMount(fields[1]))
		}
	}
	return out, s.Err()
}

// unescapeMount undoes the octal escapes of /proc/mounts for space, tab, newline and backslash.
func unescapeMount(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// OpenAppArmorFile opens a file of AppArmor's directory in securityfs: "profiles", ".access", ".load". Flag is O_RDONLY,
// O_WRONLY or O_RDWR. ENODEV: what lies there is not a file of the kernel's.
func (k Kernel) OpenAppArmorFile(name string, flag int) (*os.File, error) {
	if name == "" || strings.Contains(name, "..") || strings.HasPrefix(name, "/") {
		return nil, syscall.EINVAL
	}
	place, err := k.SecurityFS()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(place+"/apparmor/"+name, flag|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	var st unix.Statfs_t
	var statErr error
	err = conn.Control(func(fd uintptr) { statErr = unix.Fstatfs(int(fd), &st) })
	if err = errors.Join(err, statErr); err != nil {
		f.Close()
		return nil, err
	}
	if t := uint32(st.Type); t != unix.SECURITYFS_MAGIC && t != aafsMagic {
		f.Close()
		return nil, syscall.ENODEV
	}
	return f, nil
}

// ModuleParameter returns a parameter of a module built into the kernel, from /sys/module, which must be sysfs.
func (Kernel) ModuleParameter(module, name string) (string, error) {
	path := "/sys/module/" + module + "/parameters/" + name
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return "", err
	}
	if uint32(st.Type) != unix.SYSFS_MAGIC {
		return "", syscall.ENODEV
	}
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}
