package dfa

import "fmt"

// SyntaxError reports a pattern that is not well formed.
type SyntaxError struct {
	Pattern string // the pattern as given
	Offset  int    // byte offset of the offending character
	Msg     string // what is wrong
}

func (e *SyntaxError) Error() string {
	p := e.Pattern
	if len(p) > 80 {
		p = p[:80] + "..."
	}
	return fmt.Sprintf("pattern %q, byte %d: %s", p, e.Offset, e.Msg)
}

// LimitError reports a construction that was stopped because it grew past a limit. The patterns are legal; the
// automaton they ask for is too large to be built.
type LimitError struct {
	What  string // what grew: "nodes", "states", "bytes", "steps" or "pairs"
	Limit int64  // the limit that was reached
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("automaton needs more than %d %s", e.Limit, e.What)
}
