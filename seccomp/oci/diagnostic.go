package oci

import (
	"fmt"
	"strings"
)

// Severity says how much a diagnostic matters.
type Severity uint8

const (
	// Info is a rewriting that changes nothing its author could have meant otherwise.
	Info Severity = iota
	// Warning is a place where what is enforced probably differs from what was meant.
	Warning
)

// String returns "info" or "warning".
func (s Severity) String() string {
	if s == Info {
		return "info"
	}
	return "warning"
}

// Code names a kind of diagnostic. It is stable; messages are not.
type Code string

// What Import reports. The rule is the one the runtime treats differently from what it says.
const (
	CodeEqualsDefault     Code = "equals-default"     // the rule's action is the default: dropped
	CodeUnknownName       Code = "unknown-name"       // no such call, or newer than the runtime's libseccomp: skipped
	CodeSameArgument      Code = "same-argument"      // two conditions on one argument: each condition a rule of its own
	CodeUnconditionalWins Code = "unconditional-wins" // conditional, but another rule for the call has no conditions
	CodeFirstWins         Code = "first-wins"         // a second rule without conditions for the call
	CodeOverlap           Code = "overlap"            // overlaps a rule with another action, which wins
	CodeConflictOrder     Code = "conflict-order"     // the same, where it is not known which one wins
	CodeLostRules         Code = "lost-rules"         // an error of libseccomp's: no rule has any effect on an ABI
	CodeMaskedValue       Code = "masked-value"       // MASKED_EQ value has bits outside the mask: ignored
	CodeEmptyMask         Code = "empty-mask"         // MASKED_EQ with no bits in the mask: always true
	CodeTruncated         Code = "truncated"          // value or mask beyond 32 bits, cut on 32-bit ABIs
	CodeMultiplexed       Code = "multiplexed"        // conditions that do not hold through socketcall or ipc
	CodeErrnoIgnored      Code = "errno-ignored"      // an error number with an action that has none
	CodeErrnoCast         Code = "errno-cast"         // an error number beyond 16 bits, cut
	CodeValueTwoIgnored   Code = "value-two-ignored"  // valueTwo without MASKED_EQ
	CodeNativeAdded       Code = "native-added"       // the machine's own ABI is not listed, and covered all the same
	CodeFlagsDefault      Code = "flags-default"      // no flags given: SPEC_ALLOW
	CodeFlagIgnored       Code = "flag-ignored"       // TSYNC, which runtimes ignore
	CodeListener          Code = "listener"           // NOTIFY without listenerPath, or listenerMetadata without it
	CodeStub              Code = "enosys-stub"        // runc's ENOSYS for newer calls is not exactly as Newer says it
	CodeKillThread        Code = "kill-thread"        // ends one thread, which leaves a multi-threaded program hanging
	CodeRangeOrder        Code = "range-order"        // several rules with ordering comparisons: libseccomp miscompiles some
	CodeNeedsRuntime      Code = "needs-runtime"      // calls a runtime makes under the filter before the program starts
	CodeNeedsGo           Code = "needs-go"           // calls every Go program makes
	CodeFallback          Code = "fallback"           // a call whose refusal with EPERM breaks the fallback of libraries
)

// What Export reports.
const (
	CodeForeign  Code = "foreign"  // the action for foreign ABIs is the runtime's: kill the thread
	CodeNewer    Code = "newer"    // the action for newer calls is the runtime's
	CodeNarrowed Code = "narrowed" // refused, because the document cannot say what is asked
)

// Diagnostic is something Import, Export or a template's Resolve has to say about one place of a document.
type Diagnostic struct {
	Severity Severity
	Pointer  string   // JSON pointer of the place, "" for the whole document
	Rule     int      // index in Syscalls, -1 if it is not about one rule
	Code     Code     // the kind
	Names    []string // the calls concerned, where they are a part of the rule's or none is
	Message  string   // for people: what happens, to which calls
}

// String returns "warning: /syscalls/3: message [code]".
func (d Diagnostic) String() string {
	if d.Pointer == "" {
		return fmt.Sprintf("%v: %s [%s]", d.Severity, d.Message, d.Code)
	}
	return fmt.Sprintf("%v: %s: %s [%s]", d.Severity, d.Pointer, d.Message, d.Code)
}

// RefusedError is a document with which the runtime does not start a container.
type RefusedError struct {
	Pointer string // JSON pointer of the place
	Rule    int    // index in Syscalls, -1 if it is not about one rule
	Msg     string // why
}

// Error returns "/syscalls/3: the runtime refuses this: why".
func (e *RefusedError) Error() string {
	return strings.TrimPrefix(e.Pointer+": the runtime refuses this: "+e.Msg, ": ")
}

// listed joins names for a message, the first of very many.
func listed(names []string) string {
	const most = 50
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
