package oci

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/gostockade/stockade/seccomp"
	"github.com/gostockade/stockade/seccomp/internal/scmp"
)

// Runtime is the program that turns a document into a filter.
type Runtime uint8

const (
	// Runc is runc 1.2 and later: ENOSYS for newer calls of every covered ABI.
	Runc Runtime = iota
	// Runc11 is runc 1.0.0-rc93 to 1.1: as Runc, but only for ABIs the document lists, and no flags when it gives none.
	Runc11
	// Crun is crun, which leaves everything to libseccomp.
	Crun
)

// String returns the runtime's name.
func (r Runtime) String() string {
	switch r {
	case Runc:
		return "runc"
	case Runc11:
		return "runc 1.1"
	case Crun:
		return "crun"
	}
	return fmt.Sprintf("runtime(%d)", uint8(r))
}

// ImportOptions say where a document will be enforced. The nil pointer and the zero value are the newest runc with a
// libseccomp that knows every call, on the machine of the first ABI the document lists.
type ImportOptions struct {
	// Arch is an ABI of the machine; its kernel's primary one is covered whether it is listed or not. It has to be given for a
	// document without architectures.
	Arch seccomp.Arch
	// Runtime is the program that starts the container.
	Runtime Runtime
	// Known is the newest Linux whose calls the runtime's libseccomp knows: it skips rules for later ones. libseccomp 2.5.4 knows
	// {5, 17}, 2.5.5 {6, 7}, 2.5.6 and 2.6.0 {6, 13}, 2.6.1 {7, 1} (its CHANGELOG). The zero value means it knows all.
	Known seccomp.KernelVersion
}

// ErrNoArch is a document without architectures imported without ImportOptions.Arch.
var ErrNoArch = errors.New("no architectures: say which machine it is for in ImportOptions.Arch")

// Import returns the profile that a runtime enforces for the document, and what it does differently from what the document
// says. See the package comment for the rules; with the option's runtime the result is exact unless there is a diagnostic
// [CodeConflictOrder], [CodeRangeOrder] or [CodeStub].
//
// A document beyond the limits of a profile (seccomp.MaxRules, seccomp.MaxNames), or with more than 256 rules with conditions and different
// actions for one call, is seccomp.ErrTooLarge.
//
// Every rule's Origin is the JSON pointer of the rule it comes from. The error joins a *[RefusedError] for each reason for which the runtime
// would not start a container.
//
// A document with neither default action nor rules means no filter at all to runc and Docker; here that is an error.
func Import(s *specs.LinuxSeccomp, opts *ImportOptions) (*seccomp.Profile, []Diagnostic, error) {
	if opts == nil {
		opts = &ImportOptions{}
	}
	im := &importer{spec: s, opts: *opts, told: make(map[Code]int)}
	if err := im.head(); err != nil {
		return nil, nil, fmt.Errorf("oci: %w", err)
	}
	if err := im.tooLarge(); err != nil {
		return nil, nil, fmt.Errorf("oci: %w", err)
	}
	im.rules()
	if len(im.refused) > 0 {
		return nil, im.diags, fmt.Errorf("oci: %w", errors.Join(im.refused...))
	}
	im.lost()
	if err := im.overlaps(); err != nil {
		return nil, im.diags, fmt.Errorf("oci: %w", err)
	}
	im.emit()
	im.stub()
	im.lint()
	return &im.out, im.diags, nil
}

// importer carries one document through the stages head, rules, lost, overlaps, emit, stub, lint.
type importer struct {
	spec    *specs.LinuxSeccomp
	opts    ImportOptions
	def     seccomp.Action
	listed  []seccomp.Arch // as the document has them
	dbs     []*database    // one for each covered ABI
	names   []string       // every name the library knows, in order of appearance
	seen    map[string]bool
	entries int // names of all rules, as often as they occur
	muxed   []muxed
	actions map[string][]specs.LinuxSeccompAction // of the rules for a name; made when first asked for

	overlapping findings
	told        map[Code]int // how many overlaps were found
	out         seccomp.Profile
	diags       []Diagnostic
	refused     []error
}

func (im *importer) note(sev Severity, rule int, suffix string, code Code, format string, args ...any) {
	im.diags = append(im.diags, Diagnostic{Severity: sev, Pointer: pointer(rule, suffix), Rule: rule, Code: code, Message: fmt.Sprintf(format, args...)})
}

// noteNames is note about some calls, which end the message.
func (im *importer) noteNames(sev Severity, rule int, suffix string, code Code, names []string, format string, args ...any) {
	im.note(sev, rule, suffix, code, format+": %s", append(args, listed(names))...)
	im.diags[len(im.diags)-1].Names = names
}

func (im *importer) refuse(rule int, suffix, format string, args ...any) {
	im.refused = append(im.refused, &RefusedError{pointer(rule, suffix), rule, fmt.Sprintf(format, args...)})
}

// pointer returns the JSON pointer of a rule, or of the document for -1, with a suffix.
func pointer(rule int, suffix string) string {
	if rule < 0 {
		return suffix
	}
	return fmt.Sprintf("/syscalls/%d%s", rule, suffix)
}

// action converts an action's word and number as runc does (getAction): the number is cut to 16 bits and defaults to EPERM.
func (im *importer) action(word specs.LinuxSeccompAction, errno *uint, rule int, field, errnoField string) (seccomp.Action, bool) {
	kind, ok := scmp.Action(word)
	if !ok {
		im.refuse(rule, field, "unknown action %q", word)
		return 0, false
	}
	if !kind.IsErrno() && kind != seccomp.Trace {
		if errno != nil {
			im.note(Warning, rule, errnoField, CodeErrnoIgnored, "%s has no error number; runc ignores it, crun and the specification refuse it", word)
		}
		return kind, true
	}
	data := uint16(1) // EPERM
	if errno != nil {
		data = uint16(*errno)
		if *errno > 0xffff {
			im.note(Warning, rule, errnoField, CodeErrnoCast, "%d is cut to 16 bits: %d", *errno, data)
		}
	}
	if kind == seccomp.Trace {
		return seccomp.TraceWith(data), true
	}
	if data >= seccomp.MaxErrno {
		im.refuse(rule, errnoField, "libseccomp takes error numbers below %d, not %d", seccomp.MaxErrno, data)
		return 0, false
	}
	return seccomp.Errno(data), true
}
