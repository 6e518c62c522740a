package seccomp

import (
	"slices"

	"github.com/gostockade/stockade/internal/syscalls"
)

//go:generate go run ../internal/cmd/gensets -in ../internal/cmd/gensets/testdata -out sets_systemd_gen.go

// A group is a named set: its own members in parts, which other groups may share, and sets it includes whole.
type group struct {
	name     Set
	parts    [][]Member
	includes []Set
}

// groupMembers returns the members of a named group.
func groupMembers(s Set) ([]Member, bool) {
	if s == GroupKnown {
		return []Member{{Names: slices.Collect(syscalls.Names())}}, true
	}
	g := findGroup(s)
	if g == nil {
		return nil, false
	}
	all := slices.Concat(g.parts...)
	for _, other := range g.includes {
		if members, ok := groupMembers(other); ok {
			all = append(all, members...)
		}
	}
	return all, true
}

func findGroup(s Set) *group {
	for i := range goGroups {
		if goGroups[i].name == s {
			return &goGroups[i]
		}
	}
	i, ok := slices.BinarySearchFunc(systemdGroups[:], s, func(g group, s Set) int {
		switch {
		case g.name < s:
			return -1
		case g.name > s:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &systemdGroups[i]
}

// Sets returns every named group of this package: those for Go programs first, then systemd's in alphabetical order.
func Sets() []Set {
	all := make([]Set, 0, len(goGroups)+len(systemdGroups)+1)
	for i := range goGroups {
		all = append(all, goGroups[i].name)
	}
	for i := range systemdGroups {
		all = append(all, systemdGroups[i].name)
	}
	return append(all, GroupKnown)
}
