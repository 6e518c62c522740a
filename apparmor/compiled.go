package apparmor

import (
	"fmt"

	"github.com/gostockade/stockade/internal/dfa"
)

// compiled is one profile as automata, under one feature set.
type compiled struct {
	profile *Profile
	file    *automaton // files, links, change_profile
	db      *automaton // every other class; the first byte is the class
	caps    capVerdict
	// families are socket permissions by address family where the features know no finer way; nil otherwise.
	families *families
	net      byte // class of network rules in db, 0 when families or nothing holds them
	unix     byte // class of unix rules in db, 0 when they are not mediated
	inet     bool // addresses of inet and inet6 sockets are mediated
	features *Features

	alone aloneCache // see reasons.go
}

// compile builds a profile's automata.
func compile(p *Profile, f *Features, limits dfa.Limits) (*compiled, error) {
	c := &compiled{profile: p, features: f}
	c.net, c.unix = networkClasses(f)
	c.inet = f.Has("network_v8/af_inet") && c.net == dbNetV8 || f.Has("network_v9/af_inet") && c.net == dbNetV9
	file, db := newAutomatonBuilder(limits), newAutomatonBuilder(limits)
	for _, r := range p.Rules {
		c.addRule(file, db, r)
	}
	c.marks(db)
	var err error
	if c.file, err = file.build(limits); err != nil {
		return nil, wrapProfile(p, err)
	}
	if c.db, err = db.build(limits); err != nil {
		return nil, wrapProfile(p, err)
	}
	c.caps = combineCaps(p.Rules)
	if c.net == 0 && f.Has("network") {
		c.families = combineFamilies(p.Rules)
	}
	return c, nil
}

func wrapProfile(p *Profile, err error) error {
	return fmt.Errorf("profile %s: %w", p.FullName(), err)
}

func (c *compiled) addRule(file, db *automatonBuilder, r Rule) {
	f := c.features
	switch r := r.(type) {
	case *FileRule:
		file.addFile(r)
	case *ChangeProfileRule:
		file.addChangeProfile(r)
	case *NetworkRule:
		if c.net != 0 {
			db.addNetwork(r, c.net, c.inet)
		}
	case *UnixRule:
		if c.unix != 0 {
			db.addUnix(r, c.unix)
		}
	case *MountRule:
		if f.Has("mount") {
			db.addMount(r)
		}
	case *UmountRule:
		if f.Has("mount") {
			db.addUmount(r)
		}
	case *PivotRootRule:
		if f.Has("mount") {
			db.addPivotRoot(r)
		}
	default:
		c.addIPC(db, r)
	}
}

func (c *compiled) addIPC(db *automatonBuilder, r Rule) {
	f := c.features
	switch r := r.(type) {
	case *DbusRule:
		if f.Has("dbus") {
			db.addDbus(r)
		}
	case *SignalRule:
		if f.Has("signal") {
			db.addSignal(r)
		}
	case *PtraceRule:
		if f.Has("ptrace") {
			db.addPtrace(r)
		}
	case *MqueueRule:
		if mediatesQueue(f, r.Type) {
			db.addMqueue(r)
		}
	case *UsernsRule:
		if f.Mediates(ClassUserns) {
			db.addUserns(r)
		}
	case *IOUringRule:
		if f.Mediates(ClassIOUring) {
			db.addIOUring(r)
		}
	}
}

// mediatesQueue reports whether the features know the kind of message queue.
func mediatesQueue(f *Features, t MqueueType) bool {
	posix, sysv := f.Has("ipc/posix_mqueue"), f.Has("ipc/sysv_mqueue")
	switch t {
	case MqueuePosix:
		return posix
	case MqueueSysV:
		return sysv
	}
	return posix || sysv
}

// networkClasses returns the classes that hold network and unix rules: version 9 where the features have it (written by
// apparmor_parser since 5.0), else version 8 (kernel 4.17), else 0 and class 4 for unix sockets.
func networkClasses(f *Features) (net, unix byte) {
	switch {
	case f.Has("network_v9"):
		net = dbNetV9
	case f.Has("network_v8"):
		net = dbNetV8
	}
	switch {
	case f.Has("network_v9/af_unix"):
		unix = dbNetV9
	case f.Has("network/af_unix") && net == dbNetV8:
		unix = dbNetV8
	case f.Has("network/af_unix"):
		unix = dbNet
	}
	return net, unix
}

// Priorities of the marks: above any rule, so that no rule can hide that a class is mediated, except where the mark shares
// its place with permissions.
const (
	markPriority      = MaxPriority + 1
	markPriorityClass = MinPriority - 1
)

// marks adds the mark of every class the features mediate. A profile that only labels has none.
func (c *compiled) marks(db *automatonBuilder) {
	f := c.features
	if f.Mediates(ClassUserns) {
		db.mark(hexByte(dbUserns), markPriorityClass)
	}
	if m := c.profile.Mode; m == Unconfined || m == DefaultAllow {
		return
	}
	for _, m := range [...]struct {
		feature string
		class   byte
	}{
		{"policy/versions/v6", dbFile}, {"mount", dbMount}, {"dbus", dbDbus}, {"signal", dbSignal}, {"ptrace", dbPtrace},
		{"network_v8", dbNetV8}, {"network_v9", dbNetV9}, {"network/af_unix", dbNet}, {"ipc/posix_mqueue", dbPosixMq}, {"ipc/sysv_mqueue", dbSysvMq},
	} {
		if f.Has(m.feature) {
			db.mark(hexByte(m.class), markPriority)
		}
	}
	if f.Has("network/af_unix") {
		// apparmor_parser means class 4, family 1, but writes the digits.
		db.mark(`4\x001`, markPriority)
	}
	if f.Mediates(ClassIOUring) {
		db.mark(hexByte(dbIOUring), markPriorityClass)
	}
}
