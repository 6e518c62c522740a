package apparmor

import (
	"fmt"
	"slices"
	"strings"
)

// MaxName is the longest profile name or stack of names, in bytes, that can be entered. The kernel takes a command and its
// name in one page and would cut a longer one short, and so enter another profile than the one named.
const MaxName = 4000

// Label is what confines a task: a profile, several stacked ones, or nothing. The zero value is no label at all.
type Label struct {
	// Name of the profile ("web", ":ns:web", "web//hat"), names joined with "//&" when profiles are stacked, or "unconfined".
	Name string
	// Mode is the kernel's word: "enforce", "complain", "kill", "unconfined" (a profile that allows everything), "prompt" or "user",
	// "mixed" for a stack of several; "" for the label unconfined, which has none.
	Mode string
}

// ParseLabel reads the kernel's form of a label, "name (mode)" or "unconfined", with or without a trailing newline or NUL.
// It never fails: text without a mode is all name.
func ParseLabel(s string) Label {
	s = strings.TrimRight(s, "\n\x00")
	open := strings.LastIndex(s, " (")
	if open < 0 || !strings.HasSuffix(s, ")") {
		return Label{Name: s}
	}
	return Label{Name: s[:open], Mode: s[open+2 : len(s)-1]}
}

// String returns the kernel's form.
func (l Label) String() string {
	if l.Mode == "" {
		return l.Name
	}
	return l.Name + " (" + l.Mode + ")"
}

// Enforced reports whether every profile of the label is in enforce or kill mode, so that what it does not allow fails.
func (l Label) Enforced() bool { return l.Mode == "enforce" || l.Mode == "kill" }

// Profiles returns the names of the label's stacked profiles in the kernel's order, without those of the name "unconfined".
func (l Label) Profiles() []string {
	var out []string
	for name := range strings.SplitSeq(l.Name, "//&") {
		if name != "" && name != "unconfined" {
			out = append(out, name)
		}
	}
	return out
}

// Has reports whether the label has all the profiles of a name or stack of names.
func (l Label) Has(name string) bool {
	mine := l.Profiles()
	for _, want := range (Label{Name: name}).Profiles() {
		if !slices.ContainsFunc(mine, func(got string) bool { return sameProfile(want, got) }) {
			return false
		}
	}
	return true
}

// is reports whether the label consists of the profiles of the given labels and no others.
func (l Label) is(names ...string) bool {
	want := Label{Name: strings.Join(names, "//&")}
	return l.Has(want.Name) && want.Has(l.Name)
}

// sameProfile compares a name that was asked for with one the kernel tells. Seen from inside, the kernel leaves out the namespace
// of the reader, so a name with a namespace may come back without.
func sameProfile(a, b string) bool {
	nsA, nameA := cutNamespace(a)
	nsB, nameB := cutNamespace(b)
	return nameA == nameB && (nsA == nsB || nsA == "" || nsB == "")
}

// cutNamespace splits ":ns:name" and ":ns://name".
func cutNamespace(s string) (ns, name string) {
	rest, ok := strings.CutPrefix(s, ":")
	if !ok {
		return "", s
	}
	ns, name, ok = strings.Cut(rest, ":")
	if !ok {
		return "", s
	}
	return ns, strings.TrimPrefix(name, "//")
}

// checkName refuses what is no name of a profile, or of several joined with "//&", before the kernel makes something else of it.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrName)
	case len(name) > MaxName:
		return fmt.Errorf("%w: %d bytes are more than %d", ErrName, len(name), MaxName)
	case strings.ContainsAny(name, "\x00\n"):
		return fmt.Errorf("%w: it has a NUL or a newline", ErrName)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("%w: it begins or ends with white space, which the kernel drops", ErrName)
	case strings.HasPrefix(name, "&"):
		return fmt.Errorf("%w: it begins with &; use Stack", ErrName)
	}
	for part := range strings.SplitSeq(name, "//&") {
		_, bare := cutNamespace(part)
		if bare == "" {
			return fmt.Errorf("%w: a part of it is empty", ErrName)
		}
		if bare == "unconfined" {
			return fmt.Errorf("%w: unconfined confines nothing", ErrName)
		}
	}
	return nil
}
