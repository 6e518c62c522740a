package seccomp

import (
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
)

//go:generate go run ../internal/cmd/gensets -in ../internal/cmd/gensets/testdata -out sets_systemd_gen.go

// goSets are the sets for Go programs, those that goMembers knows.
var goSets = [...]Set{GoRuntime, GoStart, Cgo, FileRead, FileWrite, NetClient, TCPServer, UDP, UnixSocket, Exec, Signals, Time, MemoryExec}

// A group is one of systemd's: its own names, and the groups it includes whole.
type group struct {
	name     Set
	names    []string
	includes []Set
}

// Sets returns every named group of this package: those for Go programs first, then systemd's in alphabetical order.
func Sets() []Set {
	all := slices.Clone(goSets[:])
	for i := range systemdGroups {
		all = append(all, systemdGroups[i].name)
	}
	return append(all, GroupKnown)
}

// groupMembers returns the members of a named group.
func groupMembers(s Set) ([]Member, bool) {
	if s == GroupKnown {
		return []Member{{Names: slices.Collect(syscalls.Names())}}, true
	}
	if members := goMembers(s); members != nil {
		return members, true
	}
	for i := range systemdGroups {
		if g := &systemdGroups[i]; g.name == s {
			members := []Member{{Names: g.names}}
			for _, included := range g.includes {
				more, _ := groupMembers(included) // the generator has checked that it exists
				members = append(members, more...)
			}
			return members, true
		}
	}
	return nil, false
}

// goMembers returns the members of a set for Go programs, nil if it is none. They are built when asked for, so that programs
// which import this package do no work for them before main.
func goMembers(s Set) []Member {
	switch s {
	case GoRuntime:
		return runtimeMembers()
	case GoStart:
		return append(openReadMembers(), Member{Names: startNames})
	case Cgo:
		return cgoMembers()
	case FileRead:
		return fileReadMembers()
	case FileWrite:
		return fileWriteMembers()
	case NetClient:
		return append(append(streamMembers(), datagramMembers()...),
			Member{Names: connectNames}, Member{Names: connectionNames}, Member{Names: messageNames})
	case TCPServer:
		return append(streamMembers(), Member{Names: acceptNames}, Member{Names: connectionNames})
	case UDP:
		return append(datagramMembers(), Member{Names: connectNames}, Member{Names: connectionNames}, Member{Names: messageNames})
	case UnixSocket:
		return append(unixMembers(), Member{Names: acceptNames}, Member{Names: connectNames}, Member{Names: connectionNames}, Member{Names: messageNames})
	case Exec:
		return slices.Concat(execMembers(), runtimeMembers(), goMembers(GoStart))
	case Signals:
		return []Member{{Names: signalNames}}
	case Time:
		return []Member{{Names: timeNames}}
	case MemoryExec:
		return memoryExecMembers()
	}
	return nil
}
