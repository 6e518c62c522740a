package seccomptest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"

	"github.com/gostockade/stockade/internal/bpf"
	"github.com/gostockade/stockade/internal/sys"
	"github.com/gostockade/stockade/seccomp"
)

// What the child tells the parent, each message with one of these in front.
const (
	saysError    = 'e' // the filter could not be loaded
	saysListener = 'l' // it is on; the listener comes with the message
	saysDone     = 'd' // fn returned
	saysPanic    = 'p' // fn panicked, or ended its goroutine
)

const (
	childSocket = 3 // where the parent puts the socket
	// reportFD is the lowest number the child's own socket gets, out of the way of what fn opens. On it the filter allows
	// sendmsg and close, whatever the profile says.
	reportFD = 700
	// exitCode marks the child's own exit_group: the status is its low byte.
	exitCode = 0x5ecc0d << 8
)

// liveChild runs fn under the profile, reports, and ends the process.
func liveChild(p *seccomp.Profile, fn func()) {
	var k sys.Kernel
	sock, err := k.DupAbove(childSocket, reportFD)
	if err != nil {
		syscall.Exit(1) // the parent will see that nothing was said
	}
	_ = k.Close(childSocket)
	say := func(what byte, text string, fd int) {
		_ = k.SendMessage(sock, string(what)+text[:min(len(text), maxMessage-1)], fd) // nobody to tell if it fails
	}
	listener, err := loadReporting(p, sock)
	if err != nil {
		say(saysError, err.Error(), -1)
		syscall.Exit(1)
	}
	say(saysListener, "", listener)
	_ = k.Close(listener)
	returned := false
	defer func() {
		if returned {
			say(saysDone, "", -1)
		} else {
			say(saysPanic, fmt.Sprint(recover()), -1)
		}
		syscall.Exit(exitCode)
	}()
	fn()
	returned = true
}

// loadReporting loads the profile's program with every action but allow replaced by a notification, and returns the listener.
func loadReporting(p *seccomp.Profile, sock int) (int, error) {
	prog, err := reportingProgram(p, sock)
	if err != nil {
		return -1, err
	}
	features, err := seccomp.Probe()
	if err != nil {
		return -1, err
	}
	flags := p.Flags&seccomp.FlagSpecAllow | seccomp.FlagNewListener
	if features.Flags(seccomp.FlagWaitKillableRecv) == nil {
		flags |= seccomp.FlagWaitKillableRecv // signals, of which Go's scheduler sends many, do not break a call off
	}
	// The result can be read back only if the profile lets fn's process do that, which is not the question here.
	loaded, err := seccomp.Load(prog, &seccomp.LoadOptions{Flags: flags, AllowUnreadable: true})
	if err != nil {
		return -1, err
	}
	return loaded.Listener, nil
}

// An insn is a struct sock_filter.
type insn struct {
	op     uint16
	jt, jf uint8
	k      uint32
}

// reportingProgram compiles the profile and changes it as loadReporting says. In front are the calls that the child needs to
// report.
func reportingProgram(p *seccomp.Profile, sock int) (*seccomp.Program, error) {
	prog, err := seccomp.Compile(p, nil)
	if err != nil {
		return nil, err
	}
	closeNr, ok := seccomp.NativeArch().Number("close")
	if !ok {
		return nil, errors.New("this ABI has no call close")
	}
	arg0 := uint32(bpf.OffsetArgs)
	if seccomp.NativeArch().BigEndian() {
		arg0 += 4 // its low half
	}
	const jeq, shift = bpf.ClassJump | bpf.TestEq, bpf.ClassALU | bpf.OpRsh
	wire := encode([]insn{
		{op: bpf.LdAbs, k: bpf.OffsetArch},
		{op: jeq, jf: 10, k: seccomp.NativeArch().AuditArch()},
		{op: bpf.LdAbs, k: bpf.OffsetNr},
		{op: jeq, jt: 2, k: sys.SendMessageNr},
		{op: jeq, jt: 1, k: closeNr},
		{op: jeq, jt: 2, jf: 6, k: sys.ExitGroupNr},
		{op: bpf.LdAbs, k: arg0},
		{op: jeq, jt: 3, jf: 4, k: uint32(sock)},
		{op: bpf.LdAbs, k: arg0},
		{op: shift, k: 8},
		{op: jeq, jf: 1, k: exitCode >> 8},
		{op: bpf.RetK, k: seccomp.Allow.Ret()},
	})
	body := prog.Bytes()
	for i := 0; i < len(body); i += 8 {
		if binary.NativeEndian.Uint16(body[i:]) == bpf.RetK && binary.NativeEndian.Uint32(body[i+4:]) != seccomp.Allow.Ret() {
			binary.NativeEndian.PutUint32(body[i+4:], seccomp.Notify.Ret())
		}
	}
	return seccomp.ParseProgram(append(wire, body...), seccomp.NativeArch())
}

func encode(insns []insn) []byte {
	var wire []byte
	for _, in := range insns {
		wire = binary.NativeEndian.AppendUint16(wire, in.op)
		wire = append(wire, in.jt, in.jf)
		wire = binary.NativeEndian.AppendUint32(wire, in.k)
	}
	return wire
}
