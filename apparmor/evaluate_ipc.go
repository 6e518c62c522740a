package apparmor

import (
	"encoding/binary"

	"github.com/gostockade/stockade/internal/dfa"
)

func (q Dbus) evaluate(c *compiled, d *Decision) {
	s, ok := c.class(dbDbus, d)
	if !ok {
		return
	}
	bus := c.db.walk(s, q.Bus)
	name := c.db.walk(bus, "", q.Name)
	message := c.db.walk(name, "", q.PeerLabel, q.Path, q.Interface, q.Member)
	d.Allowed = q.Access != 0
	for _, part := range [...]struct {
		perms DbusPerms
		state dfa.State
	}{{DbusEavesdrop, bus}, {DbusBind, name}, {DbusSend | DbusReceive, message}} {
		if p := q.Access & part.perms; p != 0 && (d.Allowed || d.probe) {
			d.answer(c.db, part.state, uint32(p), dbusWords)
		}
	}
}

func (q Signal) evaluate(c *compiled, d *Decision) {
	s, ok := c.class(dbSignal, d)
	if !ok {
		return
	}
	s = c.db.walk(c.db.d.Step(s, byte(q.Signal)), q.Peer)
	d.answer(c.db, s, uint32(q.Access), signalWords)
}

func (q Ptrace) evaluate(c *compiled, d *Decision) {
	s, ok := c.class(dbPtrace, d)
	if !ok {
		return
	}
	s = c.db.walk(s, q.Peer)
	d.answer(c.db, s, uint32(q.Access), ptraceWords)
}

func (q Userns) evaluate(c *compiled, d *Decision) {
	if s, ok := c.class(dbUserns, d); ok {
		d.answer(c.db, s, uint32(UsernsCreate), usernsWords)
	}
}

func (q Mqueue) evaluate(c *compiled, d *Decision) {
	class := byte(dbPosixMq)
	name := q.Name
	if q.Type == MqueueSysV {
		class = dbSysvMq
		name = string(binary.BigEndian.AppendUint32(nil, uint32(q.Key)))
	}
	s, ok := c.class(class, d)
	if !ok {
		return
	}
	s = c.db.walk(s, name, q.Label)
	d.answer(c.db, s, uint32(q.Access), mqueueWords)
}

func (q IOUring) evaluate(c *compiled, d *Decision) {
	s, ok := c.class(dbIOUring, d)
	if !ok {
		return
	}
	state := s
	if q.Access&IOUringOverrideCreds != 0 {
		state = c.db.walk(s, q.Label)
	}
	d.answer(c.db, state, uint32(q.Access), ioUringWords)
}
