package apparmor

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/gostockade/stockade/internal/sys"
)

// QueryPerms are the kernel's permission bits for files (security/apparmor/include/perms.h and file.h); the kernel's classes other
// than files give bits of their own.
type QueryPerms uint32

// Bits of a file query.
const (
	QueryExec   QueryPerms = 0x1
	QueryWrite  QueryPerms = 0x2
	QueryRead   QueryPerms = 0x4
	QueryAppend QueryPerms = 0x8
	QueryCreate QueryPerms = 0x10
	QueryDelete QueryPerms = 0x20
	QueryOpen   QueryPerms = 0x40
	QueryLock   QueryPerms = 0x8000
	QueryMmap   QueryPerms = 0x10000
	QueryLink   QueryPerms = 0x40000
)

// Access is the kernel's answer about a label.
type Access struct {
	Allow QueryPerms // what the rules allow
	Deny  QueryPerms // what they deny explicitly; wins
	Audit QueryPerms // what is logged though allowed
	Quiet QueryPerms // what is not logged though denied
}

// Allowed reports whether all of the permissions are granted.
func (a Access) Allowed(p QueryPerms) bool { return p&^(a.Allow&^a.Deny) == 0 }

// queryClassFile is AA_CLASS_FILE (security/apparmor/include/apparmor.h).
const queryClassFile = 2

// QueryFile asks the kernel what a loaded profile, or stack of them, allows with a file, as its owner: the running kernel's own
// answer, for comparing a model with. ErrNotLoaded: there is no such label. ErrNotMounted: no securityfs.
func QueryFile(label, path string) (Access, error) {
	return Query(label, queryClassFile, path)
}

// Query asks the kernel about any class of mediation that has a query: the class's number and its match string (for a link
// "link\x00target"). See aa_query_label(2).
func Query(label string, class byte, match string) (Access, error) {
	fail := func(err error) (Access, error) {
		return Access{}, fmt.Errorf("apparmor: query %q: %w", label, err)
	}
	if err := checkName(label); err != nil {
		return fail(err)
	}
	f, err := sys.Kernel{}.OpenAppArmorFile(".access", os.O_RDWR)
	if err != nil {
		return fail(notMounted(err))
	}
	defer f.Close()
	if _, err := f.WriteString("label\x00" + label + "\x00" + string([]byte{class}) + match); err != nil {
		if errors.Is(err, syscall.ENOENT) {
			err = caused(ErrNotLoaded, err)
		}
		return fail(err)
	}
	buf := make([]byte, 256)
	n, err := f.Read(buf)
	if err != nil {
		return fail(err)
	}
	a, err := parseAccess(string(buf[:n]))
	if err != nil {
		return fail(err)
	}
	return a, nil
}

// parseAccess reads "allow 0x00000004\ndeny 0x00000000\naudit 0x00000000\nquiet 0x00000000\n" (security/apparmor/apparmorfs.c,
// query_label).
func parseAccess(s string) (Access, error) {
	var a Access
	fields := []struct {
		name string
		to   *QueryPerms
	}{{"allow", &a.Allow}, {"deny", &a.Deny}, {"audit", &a.Audit}, {"quiet", &a.Quiet}}
	lines := strings.Split(strings.TrimRight(s, "\n\x00"), "\n")
	if len(lines) != len(fields) {
		return Access{}, fmt.Errorf("cannot read the kernel's answer %q", s)
	}
	for i, line := range lines {
		value, ok := strings.CutPrefix(line, fields[i].name+" 0x")
		n, err := strconv.ParseUint(value, 16, 32)
		if !ok || err != nil {
			return Access{}, fmt.Errorf("cannot read the kernel's answer %q", s)
		}
		*fields[i].to = QueryPerms(n)
	}
	return a, nil
}
