// Package strictjson reads JSON that decides what a sandbox allows, where a forgiving reader is a hole: a misspelt
// field that is skipped, a second key that overrides the first, or a number rounded to a float changes the policy
// without a word.
//
// [Parse] checks the syntax and the limits; a [Value] then hands out one typed value at a time and collects what is
// wrong with it. Every [Error] carries a JSON pointer (RFC 6901) and the place in the source. Syntax stops at the first
// error, because nothing after it can be trusted; everything else is reported together, up to [MaxErrors].
//
// Differences from encoding/json, all on the strict side: field names match exactly, unknown fields and duplicate keys
// are errors, text must be valid UTF-8 without lone surrogates, integers keep 64 bits, and nothing may follow the value.
// null means absent, unless the reader refuses it.
package strictjson

// Limits of what Parse accepts. They bound the memory and time a hostile input can cost: the largest profile known to
// be in use is below 100 KB, nested 6 deep, with some 1500 values.
const (
	MaxSize   = 4 << 20 // bytes of input
	MaxDepth  = 32      // arrays and objects inside one another
	MaxValues = 1 << 18 // values of any kind, keys not counted
	MaxErrors = 20      // errors reported for one input
)
