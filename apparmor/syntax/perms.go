package syntax

import "strings"

// SplitPerms takes file permissions apart: the letters of "mrwalk" that are set, in that order, and the exec part, such as
// "ix", "Px", "cux" or just "x"; "" without one. Letters may repeat and, but for a and k, be upper case (deprecated). Only the
// case of the first letter of an exec part means something: upper case cleans the environment.
//
// A conflict is an error: two different exec parts, or w together with a.
func SplitPerms(perms string) (letters, exec string, err error) {
	var set [6]bool
	const order = "mrwalk"
	for i := 0; i < len(perms); {
		if n := execLen(perms[i:]); n > 0 {
			part := canonicalExec(perms[i : i+n])
			// Plain x may follow a transition, and ix may follow plain x.
			if exec != "" && part != exec && part != "x" && (exec != "x" || part != "ix") {
				return "", "", &Error{Message: "conflicting exec permissions " + exec + " and " + part, Hint: "keep one of them"}
			}
			if part != "x" || exec == "" {
				exec = part
			}
			i += n
			continue
		}
		k := strings.IndexByte(order, perms[i]|0x20)
		if k < 0 {
			return "", "", &Error{Message: "unknown permission " + perms[i:i+1], Hint: "permissions are r w a l k m and the exec transitions"}
		}
		set[k] = true
		i++
	}
	if set[2] && set[3] {
		return "", "", &Error{Message: "w and a exclude each other", Hint: "w already includes a"}
	}
	var b strings.Builder
	for k, on := range set {
		if on {
			b.WriteByte(order[k])
		}
	}
	return b.String(), exec, nil
}

// execLen returns the length of the exec part s begins with, or 0.
func execLen(s string) int {
	n := 0
	switch s[0] {
	case 'x', 'X':
		return 1
	case 'p', 'P', 'c', 'C':
		n = 1
		if len(s) > 1 && strings.IndexByte("iIuU", s[1]) >= 0 {
			n = 2
		}
	case 'i', 'I', 'u', 'U':
		n = 1
	default:
		return 0
	}
	if len(s) > n && (s[n] == 'x' || s[n] == 'X') {
		return n + 1
	}
	return 0
}

// canonicalExec lowers every letter but the first of p, c and u.
func canonicalExec(s string) string {
	first := s[:1]
	if s[0] == 'I' || s[0] == 'X' {
		first = strings.ToLower(first)
	}
	return first + strings.ToLower(s[1:])
}

// canonicalPerms orders and deduplicates permissions; conflicting ones stay as they are.
func canonicalPerms(perms string) string {
	letters, exec, err := SplitPerms(perms)
	if err != nil {
		return perms
	}
	return letters + exec
}
