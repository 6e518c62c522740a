package policydb

import "fmt"

// Error reports a stream that is not valid policy.
type Error struct {
	Offset  int    // byte offset in the stream
	Profile string // profile being read, "" before its name
	Msg     string // what is wrong
}

func (e *Error) Error() string {
	where := ""
	if e.Profile != "" {
		where = fmt.Sprintf(" in profile %q", e.Profile)
	}
	return fmt.Sprintf("policydb: byte %d%s: %s", e.Offset, where, e.Msg)
}
