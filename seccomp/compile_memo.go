package seccomp

import (
	"bytes"
	"hash/maphash"
)

// A memo remembers the nodes of lists of residuals by their encodings, in memory of its own for few of them.
type memo struct {
	keys    []byte // one behind the other
	entries []memoEntry
	seed    maphash.Seed // so that nobody can choose keys that collide; nothing else depends on it
	table   []int32      // open-addressed hash table of entries; 0 is free, else the index + 1

	keyMemory   [512]byte
	entryMemory [24]memoEntry
	tableMemory [64]int32
}

type memoEntry struct {
	hash     uint32
	from, to int32 // of the key
	node     nodeID
}

// unset is the node of a list that is still being compiled. It is not asked for: a list is never part of itself.
const unset nodeID = -1

func (m *memo) prepare() {
	m.keys, m.entries, m.table = m.keyMemory[:0], m.entryMemory[:0], m.tableMemory[:]
	m.seed = maphash.MakeSeed()
}

func (m *memo) hash(key []byte) uint32 { return uint32(maphash.Bytes(m.seed, key)) }

func (m *memo) full() bool { return len(m.entries) >= maxStates || len(m.keys) > maxKeys }

func (m *memo) find(key []byte) (nodeID, bool) {
	h := m.hash(key)
	for slot := h; ; slot++ {
		i := m.table[slot&uint32(len(m.table)-1)]
		if i == 0 {
			return 0, false
		}
		if e := &m.entries[i-1]; e.hash == h && bytes.Equal(m.keys[e.from:e.to], key) {
			return e.node, e.node != unset
		}
	}
}

// reserve adds a key that find does not find and returns its place, for set.
func (m *memo) reserve(key []byte) int {
	if 2*len(m.entries) >= len(m.table) {
		m.grow()
	}
	from := int32(len(m.keys))
	m.keys = append(m.keys, key...)
	m.entries = append(m.entries, memoEntry{m.hash(key), from, int32(len(m.keys)), unset})
	m.insert(len(m.entries) - 1)
	return len(m.entries) - 1
}

func (m *memo) set(at int, id nodeID) { m.entries[at].node = id }

func (m *memo) insert(entry int) {
	slot := m.entries[entry].hash
	for m.table[slot&uint32(len(m.table)-1)] != 0 {
		slot++
	}
	m.table[slot&uint32(len(m.table)-1)] = int32(entry + 1)
}

func (m *memo) grow() {
	m.table = make([]int32, 4*len(m.table))
	for i := range m.entries {
		m.insert(i)
	}
}
