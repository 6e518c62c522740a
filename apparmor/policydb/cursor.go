package policydb

import (
	"encoding/binary"
	"fmt"
)

// Element tags of the stream (the kernel's enum aa_code).
const (
	tagU8 = iota
	tagU16
	tagU32
	tagU64
	tagName
	tagString
	tagBlob
	tagStruct
	tagStructEnd
	tagList
	tagListEnd
	tagArray
	tagArrayEnd
	tagOffset
)

func tagText(t byte) string {
	names := [...]string{"u8", "u16", "u32", "u64", "name", "string", "blob", "struct", "end of struct", "list", "end of list",
		"array", "end of array", "offset"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("tag %d", t)
}

// cursor reads elements. The first error sticks; reads after it return zero values.
type cursor struct {
	data    []byte
	pos     int
	profile string
	err     error
}

func (c *cursor) fail(at int, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{Offset: at, Profile: c.profile, Msg: fmt.Sprintf(format, args...)}
	}
}

// take returns the next n bytes.
func (c *cursor) take(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > len(c.data)-c.pos {
		c.fail(c.pos, "%d bytes expected, %d left", n, len(c.data)-c.pos)
		return nil
	}
	b := c.data[c.pos : c.pos+n]
	c.pos += n
	return b
}

// next reports whether the next element has the tag and the name, and steps over both if so. With name "" any name is
// skipped, as the kernel does for elements it looks up without one.
func (c *cursor) next(tag byte, name string) bool {
	if c.err != nil {
		return false
	}
	start := c.pos
	if c.pos < len(c.data) && c.data[c.pos] == tagName {
		c.pos++
		got := c.text16("name")
		if c.err != nil {
			return false
		}
		if name != "" && got != name {
			c.pos = start
			return false
		}
	} else if name != "" {
		return false
	}
	if c.pos < len(c.data) && c.data[c.pos] == tag {
		c.pos++
		return true
	}
	c.pos = start
	return false
}

// want is next for an element that must be there.
func (c *cursor) want(tag byte, name string) bool {
	if c.next(tag, name) {
		return true
	}
	if c.err == nil {
		got := "the end"
		if c.pos < len(c.data) {
			got = tagText(c.data[c.pos])
		}
		what := tagText(tag)
		if name != "" {
			what += fmt.Sprintf(" %q", name)
		}
		c.fail(c.pos, "%s expected, found %s", what, got)
	}
	return false
}

// text16 reads a 16-bit length, that many bytes, and drops the final NUL they must end with.
func (c *cursor) text16(what string) string {
	at := c.pos
	l := c.take(2)
	if l == nil {
		return ""
	}
	b := c.take(int(binary.LittleEndian.Uint16(l)))
	if c.err != nil {
		return ""
	}
	if len(b) == 0 || b[len(b)-1] != 0 {
		c.fail(at, "%s does not end in NUL", what)
		return ""
	}
	return string(b[:len(b)-1])
}

func (c *cursor) u8(name string) uint8 {
	if !c.want(tagU8, name) {
		return 0
	}
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) u16(name string) uint16 {
	if !c.want(tagU16, name) {
		return 0
	}
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u32(name string) uint32 {
	if !c.want(tagU32, name) {
		return 0
	}
	return c.rawU32()
}

func (c *cursor) rawU32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u64(name string) uint64 {
	if !c.want(tagU64, name) {
		return 0
	}
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (c *cursor) str(name string) string {
	if !c.want(tagString, name) {
		return ""
	}
	return c.text16("string")
}

// optU32 and optString read an element that may be missing.
func (c *cursor) optU32(name string) uint32 {
	if !c.next(tagU32, name) {
		return 0
	}
	return c.rawU32()
}

func (c *cursor) optString(name string) string {
	if !c.next(tagString, name) {
		return ""
	}
	return c.text16("string")
}

// array steps into an array and returns its length; -1 when there is none of the name.
func (c *cursor) array(name string) int {
	if !c.next(tagArray, name) {
		return -1
	}
	b := c.take(2)
	if b == nil {
		return -1
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n > len(c.data)-c.pos {
		c.fail(c.pos, "array of %d elements in %d bytes", n, len(c.data)-c.pos)
		return -1
	}
	return n
}

// blob reads a blob; nil when there is none of the name.
func (c *cursor) blob(name string) (b []byte, at int, ok bool) {
	if !c.next(tagBlob, name) {
		return nil, 0, false
	}
	n := c.rawU32()
	if c.err == nil && uint64(n) > uint64(len(c.data)-c.pos) {
		c.fail(c.pos, "blob of %d bytes, %d left", n, len(c.data)-c.pos)
	}
	at = c.pos
	b = c.take(int(n))
	return b, at, c.err == nil
}
