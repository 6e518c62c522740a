package syscalls

// Errno returns the number of an error such as "EPERM" on a. Numbers above 34 differ on MIPS and PA-RISC, EDEADLOCK also
// on POWER.
func Errno(a ABI, name string) (uint16, bool) {
	if !a.Valid() {
		return 0, false
	}
	lo, hi := 0, numErrnos
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if errnoName(mid) < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == numErrnos || errnoName(lo) != name {
		return 0, false
	}
	n := errnoValues[abis[a].errno][lo]
	return n, n != 0
}

// ErrnoName returns the name of error n on a. Of several names it is the usual one: EAGAIN, not EWOULDBLOCK.
func ErrnoName(a ABI, n uint16) (string, bool) {
	if !a.Valid() || n == 0 {
		return "", false
	}
	second := ""
	for i, v := range errnoValues[abis[a].errno] {
		if v != n {
			continue
		}
		name := errnoName(i)
		if !errnoAlias(name) {
			return name, true
		}
		second = name
	}
	return second, second != ""
}

func errnoName(i int) string { return errnoText[errnoAt[i]:errnoAt[i+1]] }

// errnoAlias reports names that are second names of another error, on every ABI or on some.
func errnoAlias(name string) bool {
	switch name {
	case "EWOULDBLOCK", "EDEADLOCK", "ENOTSUP", "EREFUSED", "ECANCELLED", "EFSBADCRC", "EFSCORRUPTED":
		return true
	}
	return false
}
