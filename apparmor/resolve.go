package apparmor

import (
	"fmt"
	"io/fs"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// Limits on resolving, so that hostile policy costs bounded memory and time. Exceeding one is an error that names it.
const (
	// MaxIncludeDepth is how deep includes may nest.
	MaxIncludeDepth = 100
	// MaxIncludes is how many files one policy may include, counting a file again each time it is read.
	MaxIncludes = 10000
	// MaxIncludedBytes is how many bytes of included text one policy may consist of.
	MaxIncludedBytes = 256 << 20
	// MaxRules is how many rules one policy may resolve to.
	MaxRules = 4 << 20
	// MaxProfiles is how many profiles, children and hats one policy may have, and MaxAliases how many aliases.
	MaxProfiles = 1 << 16
	MaxAliases  = 4096
	// MaxExpansion is how many bytes a string may grow to when its variables are replaced, and how many bytes the values of
	// one variable may take.
	MaxExpansion = 1 << 20
	// MaxMountOptions is how many pairs of "options=" and "options in" one mount rule may have, repeated ones not counted.
	MaxMountOptions = 4096
	// MaxTransitions is how many different named exec transitions a profile may have: the kernel's table has 16 entries, 4 of
	// them taken (apparmor_parser's AA_EXEC_COUNT).
	MaxTransitions = 12
)

// ResolveOptions says where Resolve finds what policy refers to. The zero value has no files and no features: policy that
// includes something is an error.
type ResolveOptions struct {
	// Includes holds what "include <path>" and "abi <path>" name, such as os.DirFS("/etc/apparmor.d").
	Includes fs.FS
	// Root holds what one with a path in quotes names, such as os.DirFS("/"): absolute paths from its root, relative ones from
	// Dir, which stands for the working directory and has no leading slash. With a nil Root, relative paths are looked up in
	// Includes, and there are no absolute ones.
	Root fs.FS
	Dir  string
	// ABI is the feature set for policy without an abi rule. Nil means DefaultFeatures.
	ABI *Features
	// Kernel is the feature set that "abi <kernel>" names, and which decides whether a capability is known to the kernel. Nil
	// means that abi <kernel> is an error, and that every capability is known.
	Kernel *Features
	// Cache, if not nil, keeps what was read from Includes and Root, so that files that many profiles include are read and
	// parsed once. It must only ever be used with the same two.
	Cache *Cache
}

// Resolve turns a parsed file into policy: it reads the includes, sets variables, decides conditionals, applies aliases,
// flattens child profiles and hats, adds the rules that others imply, and checks everything apparmor_parser checks. It does
// not touch the operating system but through the file systems in opts; opts may be nil.
//
// The error is a syntax.ErrorList, each error with its position and the includes that led there. There is no policy then.
func Resolve(file *syntax.File, opts *ResolveOptions) (*Policy, error) {
	if opts == nil {
		opts = &ResolveOptions{}
	}
	return newResolver(opts).run(file)
}

func newResolver(opts *ResolveOptions) *resolver {
	r := &resolver{opts: *opts, policy: &Policy{}, vars: newSymbols(), once: map[string]bool{}}
	if r.opts.Cache == nil {
		r.opts.Cache = NewCache()
	}
	return r
}

func (r *resolver) run(file *syntax.File) (*Policy, error) {
	r.top(lowerFile(file), nil)
	r.finishABI()
	if len(r.errs) == 0 {
		r.finish()
	}
	if err := r.errs.Err(); err != nil {
		return nil, err
	}
	return r.policy, nil
}

// resolver is the state of one Resolve.
type resolver struct {
	opts    ResolveOptions
	policy  *Policy
	vars    *symbols
	envKey  string // identifies the variables' values, once the first profile is seen
	ownRefs bool   // some of the values depend on the profile

	aliases []alias
	once    map[string]bool // files included in the current block already
	stack   []string        // files being included

	inProfiles bool // a profile was seen: the preamble is over
	includes   int
	bytes      int
	rules      int
	stopped    bool

	heads []*profileBuilder          // profiles in source order
	names map[string]*profileBuilder // top-level profiles: namespace, NUL, name
	errs  syntax.ErrorList
	files map[string]*syntax.File // every file read, for source lines

	fileRules []FileRule // memory for the next file rules

	onInclude func(*fragment) // if not nil, is told of every file included
}

// fail records an error at a position; from is the chain of includes that led to its file.
func (r *resolver) fail(pos syntax.Pos, from *Origin, message, hint string) {
	e := &syntax.Error{Pos: pos, Message: message, Hint: hint}
	r.add(e, from)
}

// add records an error that may come from a shared fragment; the include chain is this policy's own.
func (r *resolver) add(e *syntax.Error, from *Origin) {
	if r.stopped {
		return
	}
	c := *e
	for f := from; f != nil; f = f.From {
		c.Includes = append(c.Includes, f.Pos)
	}
	if c.Line == "" {
		if f := r.files[c.Pos.File]; f != nil {
			c.Line = f.LineAt(c.Pos.Line)
		}
	}
	r.errs = append(r.errs, &c)
	if len(r.errs) >= syntax.MaxErrors {
		r.stopped = true
	}
}

func (r *resolver) warn(pos syntax.Pos, from *Origin, message string) {
	r.policy.Warnings = append(r.policy.Warnings, Warning{Origin: Origin{Pos: pos, From: from}, Message: message})
}

// top runs the statements of a file outside of any profile.
func (r *resolver) top(frag *fragment, from *Origin) {
	r.remember(frag)
	for _, e := range frag.errs {
		r.add(e, from)
	}
	for i := range frag.items {
		if r.stopped {
			return
		}
		r.topItem(&frag.items[i], from)
	}
}

func (r *resolver) remember(frag *fragment) {
	if r.files == nil {
		r.files = map[string]*syntax.File{}
	}
	r.files[frag.file.Name] = frag.file
}

func (r *resolver) topItem(it *item, from *Origin) {
	switch st := it.stmt.(type) {
	case *syntax.Include:
		r.include(st, from, func(frag *fragment, from *Origin) { r.top(frag, from) })
	case *syntax.Profile:
		r.finishABI()
		r.inProfiles = true
		r.profile(it, st, nil, from)
	case *syntax.ABI, *syntax.Alias, *syntax.VarAssign, *syntax.BoolAssign:
		if r.inProfiles {
			r.fail(st.Base().Pos, from, "statement after a profile", "abi, alias and variables stand before the first profile")
			return
		}
		r.preamble(st, from)
	case *syntax.Bad:
		if from == nil { // of an included file, the errors are at hand already
			r.fail(st.Pos, from, "text that is not policy", "Parse says what is wrong with it")
		}
	default:
		r.fail(st.Base().Pos, from, "rule outside of a profile", "rules stand in a profile: profile name { rule, }")
	}
}

func (r *resolver) preamble(st syntax.Stmt, from *Origin) {
	switch st := st.(type) {
	case *syntax.ABI:
		r.abi(st, from)
	case *syntax.Alias:
		if r.aliases = append(r.aliases, alias{st.From, st.To}); len(r.aliases) > MaxAliases {
			r.stop(st.Pos, from, fmt.Sprintf("more than %d aliases", MaxAliases))
		}
	case *syntax.VarAssign:
		r.assign(st, from)
	case *syntax.BoolAssign:
		r.assignBool(st, from)
	}
}

// finish does what needs all profiles: implied rules, aliases, the checks over whole profiles.
func (r *resolver) finish() {
	for _, b := range r.heads {
		r.finishProfile(b)
		if r.stopped {
			return
		}
	}
}
