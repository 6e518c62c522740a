package apparmor_test

import "testing"

// TestClassConflicts: apparmor_parser before 4.0 takes a character class for a wildcard, later ones do not. Resolve accepts
// transitions only if they do not conflict in either reading.
func TestClassConflicts(t *testing.T) {
	for text, ok := range map[string]bool{
		"/a[b] ix, /a* px,":       false, // before 4.0
		"/a[b] ix, /ab px,":       false, // since 4.0
		"/[ab] px, /{a,b} ix,":    false, // since 4.0
		"/a[b] ix, /a* ix,":       true,
		"/a[b] ix, /c* px,":       true,
		"/{ab,c} ix, /a* px,":     true,
		"/a[^b] ix, /abc px,":     true,
		"/a[^b] ix, /a* px,":      false,
		"owner /a[b] ix, /a* ix,": true,
	} {
		if _, err := resolve("profile p { "+text+" }", nil); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
