package apparmor

import (
	"fmt"

	"github.com/gostockade/stockade/internal/dfa"
)

// A question about automata must not be answered with something no kernel asks: a path with two slashes, signal 120, a
// family without a number. The universe of a class is the set of inputs the kernel can form.

const (
	onePath  = `/([^/\x00]+/)*([^/\x00]+|)` // absolute, no empty component; a directory ends in /
	oneLabel = `[^/ \x00][^ \x00]*|/[^/\x00][^ \x00]*`
)

// universe describes the inputs of one class and which permissions are asked there.
type universe struct {
	name  string
	files bool   // in the file automaton, else in the classes' one
	expr  string // inputs
	perms uint32 // permissions asked at them
	names func() []permName
	// request turns an input back into a question. owner is meaningful for files only.
	request func(input string, perms uint32, owner bool) Request
}

// automaton returns the inputs as an automaton.
func (u *universe) automaton() (*dfa.DFA, error) {
	x, err := dfa.Parse(u.expr)
	if err != nil {
		return nil, fmt.Errorf("apparmor: inputs of %s: %w", u.name, err)
	}
	b := dfa.NewBuilder(dfa.Limits{})
	if err := b.Add(x, 0); err != nil {
		return nil, fmt.Errorf("apparmor: inputs of %s: %w", u.name, err)
	}
	d, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("apparmor: inputs of %s: %w", u.name, err)
	}
	return d.Minimize(), nil
}

// fileUniverses are what the file automaton is asked.
func fileUniverses() []universe {
	const accesses = uint32(ownerMask &^ Link)
	links := uint32(Link) | uint32(Link)<<otherShift
	return []universe{
		{name: "file", files: true, expr: onePath, perms: accesses | accesses<<otherShift, request: fileRequest},
		{name: "link", files: true, expr: onePath + `\x00` + onePath, perms: links, request: linkRequest},
		{name: "change_profile", files: true, expr: oneLabel, perms: permChangeProf, names: changeProfileWords,
			request: func(in string, _ uint32, _ bool) Request { return ProfileChange{Target: in} }},
		{name: "change_onexec", files: true, expr: onePath + `\x00(` + oneLabel + `)`, perms: permOnexec, names: changeProfileWords,
			request: func(in string, _ uint32, _ bool) Request {
				f := splitFields(in, 2)
				return ProfileChange{Exec: f[0], Target: f[1]}
			}},
	}
}

func fileRequest(in string, perms uint32, owner bool) Request {
	return File{Path: in, Access: half(perms, owner), Owner: owner}
}

func linkRequest(in string, _ uint32, owner bool) Request {
	f := splitFields(in, 2)
	return HardLink{Path: f[0], Target: f[1], Owner: owner}
}

// classUniverses are what the automaton of the classes is asked, under the network classes of the features.
func classUniverses(net, unix byte, inet bool) []universe {
	out := []universe{
		{name: "signal", expr: hexByte(dbSignal) + `[\x01-\x20\x23\x80-\xa0](` + oneLabel + `)`, perms: uint32(SignalAll), names: signalWords,
			request: func(in string, p uint32, _ bool) Request {
				return Signal{Signal: SignalNumber(in[1]), Access: SignalPerms(p), Peer: in[2:]}
			}},
		{name: "ptrace", expr: hexByte(dbPtrace) + "(" + oneLabel + ")", perms: uint32(PtraceAll), names: ptraceWords,
			request: func(in string, p uint32, _ bool) Request { return Ptrace{Access: PtracePerms(p), Peer: in[1:]} }},
		{name: "userns", expr: hexByte(dbUserns), perms: uint32(UsernsCreate), names: usernsWords,
			request: func(string, uint32, bool) Request { return Userns{} }},
		{name: "io_uring", expr: hexByte(dbIOUring), perms: uint32(IOUringSqpoll), names: ioUringWords,
			request: func(_ string, p uint32, _ bool) Request { return IOUring{Access: IOUringPerms(p)} }},
		{name: "io_uring", expr: hexByte(dbIOUring) + "(" + oneLabel + ")", perms: uint32(IOUringOverrideCreds), names: ioUringWords,
			request: func(in string, p uint32, _ bool) Request { return IOUring{Access: IOUringPerms(p), Label: in[1:]} }},
	}
	out = append(out, dbusUniverses()...)
	out = append(out, mountUniverses()...)
	out = append(out, mqueueUniverses()...)
	if net != 0 {
		// Families 1 to 45, types stream, dgram, raw, rdm, seqpacket, dccp and packet.
		families := `\x02-\x2d`
		if inet {
			families = `\x03-\x09\x0b-\x2d`
			out = append(out, inetUniverses(net)...)
		}
		out = append(out, universe{name: "network", expr: hexByte(net) + `\x00[` + families + `]\x00[\x01-\x06\x0a]`, perms: uint32(NetAll), names: netWords,
			request: func(in string, p uint32, _ bool) Request {
				return Network{Family: int(in[2]), Type: int(in[4]), Access: NetPerms(p)}
			}})
	}
	if unix != 0 {
		out = append(out, unixUniverses(unix)...)
	}
	return out
}
