package apparmor

import (
	"fmt"
	"strconv"
	"strings"
)

// Classes as the kernel's automaton numbers them: the first byte of every match (apparmor_parser's policydb.h, the kernel's
// apparmor.h).
const (
	dbFile       = 2
	dbNet        = 4
	dbMount      = 7
	dbPtrace     = 9
	dbSignal     = 10
	dbNetV8      = 14
	dbNetV9      = 15
	dbLabel      = 16
	dbPosixMq    = 17
	dbSysvMq     = 18
	dbUserns     = 21
	dbIOUring    = 22
	dbDbus       = 32
	markMediated = 0x4 // AA_MAY_READ, the permission on the class byte alone
)

func hexByte(b byte) string { return fmt.Sprintf(`\x%02x`, b) }

func hex16(n uint16) string { return hexByte(byte(n>>8)) + hexByte(byte(n)) }

// addSignal adds a signal rule: the class, the signal's number, the peer's label. A rule for every signal also stands for
// the peer as such.
func (a *automatonBuilder) addSignal(r *SignalRule) {
	peer := a.globOr(r, r.Peer, someText)
	head := "(" + hexByte(dbLabel) + hexByte(dbSignal) + "|" + hexByte(dbSignal) + ".)"
	if r.Signals != nil {
		var set strings.Builder
		for _, s := range r.Signals {
			set.WriteString(hexByte(byte(s)))
		}
		head = hexByte(dbSignal) + "[" + set.String() + "]"
	}
	a.add(head+peer, entryFor(r, uint32(r.Perms)))
}

// addPtrace adds a ptrace rule: the class and the peer's label.
func (a *automatonBuilder) addPtrace(r *PtraceRule) {
	head := "(" + hexByte(dbLabel) + "|)" + hexByte(dbPtrace)
	a.add(head+a.globOr(r, r.Peer, someText), entryFor(r, uint32(r.Perms)))
}

// addDbus adds a D-Bus rule: bus, name, label, path, interface, member. Owning a name looks at the first two,
// eavesdropping at the bus alone.
func (a *automatonBuilder) addDbus(r *DbusRule) {
	name := r.Name
	if name == "" {
		name = r.PeerName
	}
	vec := [...]string{
		hexByte(dbDbus) + a.globOr(r, r.Bus, anyText),
		a.globOr(r, name, anyText),
		a.globOr(r, r.PeerLabel, anyText),
		a.globOr(r, r.Path, anyText),
		a.globOr(r, r.Interface, anyText),
		a.globOr(r, r.Member, anyText),
	}
	for _, part := range [...]struct {
		perms DbusPerms
		n     int
	}{{DbusBind, 2}, {DbusSend | DbusReceive, 6}, {DbusEavesdrop, 1}} {
		if p := r.Perms & part.perms; p != 0 {
			a.add(fields(vec[:part.n]...), entryFor(r, uint32(p)))
		}
	}
}

// addMqueue adds a message queue rule: the name or key, and the queue's label.
func (a *automatonBuilder) addMqueue(r *MqueueRule) {
	label := a.globOr(r, r.Label, someText)
	add := func(name string) {
		if r.Label == "" {
			a.add(name, entryFor(r, uint32(r.Perms)))
		}
		a.add(fields(name, label), entryFor(r, uint32(r.Perms)))
	}
	if r.Type != MqueueSysV {
		add(hexByte(dbPosixMq) + a.globOr(r, r.Name, anyText))
	}
	if r.Type == MqueuePosix {
		return
	}
	key := "...."
	if r.Name != "" {
		n, err := strconv.ParseInt(r.Name, 10, 64)
		if err != nil {
			a.fail(r, fmt.Errorf("key of a System V queue: %w", err))
			return
		}
		key = hex16(uint16(uint32(n)>>16)) + hex16(uint16(n))
	}
	add(hexByte(dbSysvMq) + key)
}

// addUserns adds a user namespace rule, which has no conditions.
func (a *automatonBuilder) addUserns(r *UsernsRule) {
	a.add(hexByte(dbUserns), entryFor(r, uint32(r.Perms)))
	a.mark(hexByte(dbUserns), r.Priority)
}

// addIOUring adds an io_uring rule: the class, and for override_creds the label.
func (a *automatonBuilder) addIOUring(r *IOUringRule) {
	class := hexByte(dbIOUring)
	a.add(class, entryFor(r, uint32(r.Perms)))
	a.mark(class, r.Priority)
	if r.Perms&IOUringOverrideCreds != 0 {
		a.add(class+a.globOr(r, r.Label, anyText), entryFor(r, uint32(r.Perms)))
	}
}

// mark says that a class is mediated. Without the mark the kernel allows everything of the class.
func (a *automatonBuilder) mark(class string, priority int) {
	a.add(class, entry{action: Allow, perms: markMediated, priority: priority})
}
