package strictjson

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// Value is one JSON value of a document, with its place. Its methods return the zero value for a value of the wrong
// type and record the error, so a reader runs to the end and reports everything at once; nothing it returns may be
// used before [Document.Err] has said nil.
type Value struct {
	doc  *Document
	n    *node
	path *path
}

// Root returns the outermost value.
func (d *Document) Root() Value { return Value{doc: d, n: &d.root} }

// RefuseNull makes fields that are null errors, for a format that has no null.
func (d *Document) RefuseNull() { d.noNull = true }

// Err returns everything found wrong so far, an [Errors] sorted by place, or nil.
func (d *Document) Err() error {
	if len(d.errs) == 0 {
		return nil
	}
	out := append(Errors(nil), d.errs...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].Offset < out[j].Offset })
	if d.dropped > 0 {
		last := *out[len(out)-1]
		last.Msg += fmt.Sprintf(" (and %d more errors)", d.dropped)
		out[len(out)-1] = &last
	}
	return out
}

func (d *Document) report(off int, at *path, msg string) {
	if len(d.errs) == MaxErrors {
		d.dropped++
		return
	}
	d.errs = append(d.errs, newError(d.src, off, at.String(), msg))
}

// Kind returns the kind of the value.
func (v Value) Kind() Kind { return v.n.kind }

// Pointer returns the JSON pointer of the value.
func (v Value) Pointer() string { return v.path.String() }

// Errorf records an error at the value.
func (v Value) Errorf(format string, args ...any) {
	v.doc.report(v.n.off, v.path, fmt.Sprintf(format, args...))
}

// Wrap records an error at the value that unwraps to err.
func (v Value) Wrap(err error) {
	if n := len(v.doc.errs); n < MaxErrors {
		v.Errorf("%v", err)
		v.doc.errs[n].Err = err
		return
	}
	v.doc.dropped++
}

// Error returns an error at the value without recording it.
func (v Value) Error(format string, args ...any) *Error {
	return newError(v.doc.src, v.n.off, v.path.String(), fmt.Sprintf(format, args...))
}

func (v Value) want(k Kind) bool {
	if v.n.kind == k {
		return true
	}
	v.Errorf("found %s where %s is expected", v.n.kind, k)
	return false
}

// Text returns a string.
func (v Value) Text() string {
	if !v.want(String) {
		return ""
	}
	return v.n.text
}

// Bool returns a boolean.
func (v Value) Bool() bool { return v.want(Bool) && v.n.text == "true" }

// Uint returns an unsigned integer of at most limit, exact over all 64 bits. It has to be written in plain digits: a
// fraction or an exponent is an error, because readers that go through a float disagree about its value.
func (v Value) Uint(limit uint64) uint64 {
	if !v.want(Number) {
		return 0
	}
	n, err := strconv.ParseUint(v.n.text, 10, 64)
	switch {
	case strings.HasPrefix(v.n.text, "-"):
		v.Errorf("%s is negative; write the unsigned 64-bit value", quote(v.n.text))
	case strings.ContainsAny(v.n.text, ".eE"):
		v.Errorf("%s is not an integer in plain digits", quote(v.n.text))
	case err != nil || n > limit:
		v.Errorf("%s is more than %d", quote(v.n.text), limit)
	default:
		return n
	}
	return 0
}

// Uint32 returns an unsigned integer of at most 32 bits.
func (v Value) Uint32() uint32 { return uint32(v.Uint(math.MaxUint32)) }

// Array calls read for every element, in order, and returns their number. A null element is handed on like any other.
func (v Value) Array(read func(Value)) int {
	if !v.want(Array) {
		return 0
	}
	for i := range v.n.elems {
		read(Value{doc: v.doc, n: &v.n.elems[i], path: &path{parent: v.path, index: i}})
	}
	return len(v.n.elems)
}

// Texts returns an array of strings, never nil.
func (v Value) Texts() []string {
	out := []string{}
	v.Array(func(e Value) { out = append(out, e.Text()) })
	return out
}

// Field is one field an object may have. Read is called with its value unless that is null, which is an error after
// [Document.RefuseNull].
type Field struct {
	Name     string
	Required bool
	Read     func(Value)
}

// Object reads an object: each field that is present and not null is handed to its Read, in the order of the input. A
// field not listed is an error, and so is a required one that is absent or null.
func (v Value) Object(fields ...Field) {
	if !v.want(Object) {
		return
	}
	present := make([]bool, len(fields))
	for i, k := range v.n.keys {
		at := &path{parent: v.path, name: k.name, isKey: true}
		f := indexField(fields, k.name)
		if f < 0 {
			v.doc.report(k.off, at, unknownField(fields, k.name))
			continue
		}
		member := Value{doc: v.doc, n: &v.n.elems[i], path: at}
		if member.n.kind == Null {
			if v.doc.noNull {
				present[f] = true // one error is enough
				member.Errorf("null is no value for this field; leave it out")
			}
			continue
		}
		present[f] = true
		fields[f].Read(member)
	}
	for i, f := range fields {
		if f.Required && !present[i] {
			v.Errorf("field %q is missing", f.Name)
		}
	}
}

func indexField(fields []Field, name string) int {
	for i, f := range fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

func unknownField(fields []Field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return fmt.Sprintf("unknown field %s; it is spelt %q", quote(name), f.Name)
		}
	}
	return fmt.Sprintf("unknown field %s", quote(name))
}
