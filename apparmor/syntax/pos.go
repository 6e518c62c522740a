package syntax

import "strconv"

// Pos is a place in a source file. The zero Pos means "nowhere": the thing was made by a program, not read from text.
type Pos struct {
	// File is the name Parse was given, or the path of the included file.
	File string
	// Line and Col count from 1. Col counts bytes, as editors' error parsers and go/token do.
	Line, Col int
	// Offset is the byte offset in the file, from 0.
	Offset int
}

// IsValid reports whether p points into a file.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String returns file:line:col, line:col when the file has no name, or "-" for the zero Pos.
func (p Pos) String() string {
	if !p.IsValid() {
		if p.File != "" {
			return p.File
		}
		return "-"
	}
	s := strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
	if p.File != "" {
		s = p.File + ":" + s
	}
	return s
}
