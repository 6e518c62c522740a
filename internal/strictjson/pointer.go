package strictjson

import (
	"strconv"
	"strings"
)

// path is the way from the root to a value, as a list from the inside out: no string is built unless an error needs it.
type path struct {
	parent *path
	name   string
	index  int
	isKey  bool
}

// String returns the JSON pointer (RFC 6901); the nil path is the root, "".
func (p *path) String() string {
	if p == nil {
		return ""
	}
	if !p.isKey {
		return p.parent.String() + "/" + strconv.Itoa(p.index)
	}
	return p.parent.String() + "/" + EscapePointer(p.name)
}

// EscapePointer escapes one reference token of a JSON pointer: "~" as "~0" and "/" as "~1".
func EscapePointer(token string) string {
	const limit = 80 // a hostile key is shortened: the offset still finds it
	if len(token) > limit {
		token = strings.ToValidUTF8(token[:limit], "") + "..."
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}
