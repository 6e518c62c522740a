package apparmor

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// capability lowers a capability rule. Names newer than the table are looked up when running, in the feature sets.
func (l *lowerer) capability(it *item, st *syntax.CapabilityRule) (*CapabilityRule, bool) {
	l.noOwner(st.Prefix, st.Pos, "capability")
	r := &CapabilityRule{Qualifiers: l.quals(st.Prefix, st.Pos)}
	if r.Action == PromptUser {
		r.Action = Allow
		it.warn = "prompt on a capability rule means allow: capabilities cannot be prompted for"
	}
	if r.Priority != 0 {
		r.Priority = 0
		it.warn = "priority on a capability rule has no effect"
	}
	for _, name := range st.Names {
		if n, ok := CapabilityByName(name); ok {
			r.Caps |= 1 << n
		}
	}
	if len(st.Names) == 0 {
		r.Caps = AllCapabilities
	}
	return r, true
}

// timeUnits are the units of cpu and rttime, in microseconds.
var timeUnits = [...]struct {
	names string // separated by spaces, with one around
	us    int64
}{
	{" us microsecond microseconds ", 1},
	{" ms millisecond milliseconds ", 1000},
	{" s sec second seconds ", 1000 * 1000},
	{" min minute minutes ", 60 * 1000 * 1000},
	{" h hour hours ", 3600 * 1000 * 1000},
	{" d day days ", 24 * 3600 * 1000 * 1000},
	{" week weeks ", 7 * 24 * 3600 * 1000 * 1000},
}

func (l *lowerer) rlimit(st *syntax.RlimitRule) (*RlimitRule, bool) {
	res, ok := ResourceByName(st.Resource)
	if !ok {
		l.fail(st.Pos, fmt.Sprintf("unknown resource %q", st.Resource), "resources are "+strings.Join(resourceNames[:], ", "))
		return nil, false
	}
	r := &RlimitRule{Qualifiers: Qualifiers{Action: Allow, Origin: Origin{Pos: st.Pos}}, Resource: res}
	if st.Value == "infinity" {
		r.Value = RlimitInfinity
		return r, true
	}
	msg, hint := "", ""
	r.Value, msg, hint = rlimitValue(res, cInteger(st.Value), st.Unit)
	if msg != "" {
		l.fail(st.Pos, fmt.Sprintf("limit of %s: %s", st.Resource, msg), hint)
		return nil, false
	}
	return r, true
}

// cInteger reads a number as C does: a leading 0 means octal, which ends at the first digit that is none. Too large values
// become the largest.
func cInteger(s string) int64 {
	digits, neg := s, false
	if strings.HasPrefix(s, "-") {
		digits, neg = s[1:], true
	}
	base := 10
	if len(digits) > 1 && digits[0] == '0' {
		base = 8
		if i := strings.IndexAny(digits, "89"); i >= 0 {
			digits = digits[:i]
		}
	}
	n, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		n = math.MaxInt64
	}
	if neg {
		return -n
	}
	return n
}

func rlimitValue(res Resource, n int64, unit string) (value uint64, message, hint string) {
	switch res {
	case RlimitNice:
		if unit != "" {
			return 0, "no unit applies", ""
		}
		if n < -20 || n > 19 {
			return 0, "out of range", "nice is between -20 and 19"
		}
		return uint64(n + 20), "", ""
	}
	if n < 0 {
		return 0, "negative", ""
	}
	switch res {
	case RlimitCPU:
		return timeValue(n, 1000*1000, unit)
	case RlimitRttime:
		return timeValue(n, 1, unit)
	case RlimitNofile, RlimitNproc, RlimitLocks, RlimitSigpending, RlimitRtprio:
		if unit != "" {
			return 0, "no unit applies", ""
		}
		return uint64(n), "", ""
	}
	shift := 0
	switch unit {
	case "":
	case "K", "KB":
		shift = 10
	case "M", "MB":
		shift = 20
	case "G", "GB":
		shift = 30
	default:
		return 0, fmt.Sprintf("unknown unit %q", unit), "units of size are K, M and G, with or without B"
	}
	if hi, lo := bits.Mul64(uint64(n), 1<<shift); hi == 0 && lo <= math.MaxInt64 {
		return lo, "", ""
	}
	return 0, "too large", ""
}

// timeValue converts a time to multiples of base microseconds.
func timeValue(n, base int64, unit string) (uint64, string, string) {
	if unit == "" {
		return uint64(n), "", ""
	}
	for _, u := range timeUnits {
		if !strings.Contains(u.names, " "+unit+" ") {
			continue
		}
		hi, lo := bits.Mul64(uint64(n), uint64(u.us))
		switch {
		case hi != 0 || lo > math.MaxInt64:
			return 0, "too large", ""
		case lo < uint64(base):
			return 0, "less than one second", "the kernel counts cpu time in seconds"
		}
		return lo / uint64(base), "", ""
	}
	return 0, fmt.Sprintf("unknown unit %q", unit), "units of time are us, ms, s, min, h, d and week"
}
