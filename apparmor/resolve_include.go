package apparmor

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// locate finds the file system an include or abi path belongs to, a key that identifies the file, and its name there.
func (r *resolver) locate(p string, magic bool) (fsys fs.FS, key, name string, err error) {
	switch {
	case magic, r.opts.Root == nil && !strings.HasPrefix(p, "/"):
		fsys, key, name = r.opts.Includes, "<", strings.TrimLeft(p, "/")
	case strings.HasPrefix(p, "/"):
		fsys, name = r.opts.Root, strings.TrimLeft(p, "/")
	default:
		fsys, name = r.opts.Root, path.Join(r.opts.Dir, p)
	}
	name = path.Clean(name)
	if fsys == nil {
		return nil, "", "", fmt.Errorf("cannot open %q: no files were given for this kind of path", p)
	}
	if !fs.ValidPath(name) {
		return nil, "", "", fmt.Errorf("cannot open %q: the path leaves the include directory", p)
	}
	return fsys, key + name, name, nil
}

// include reads what an include statement names and hands each file to run. A file that the current block has included
// already is left out, as apparmor_parser does.
func (r *resolver) include(st *syntax.Include, from *Origin, run func(*fragment, *Origin)) {
	fsys, key, name, err := r.locate(st.Path, st.Magic)
	if err != nil {
		if !st.IfExists {
			r.fail(st.Pos, from, err.Error(), "")
		}
		return
	}
	if r.once[key] {
		if r.onStack(key) {
			r.warn(st.Pos, from, fmt.Sprintf("include of %q inside itself has no effect", st.Path))
		}
		return
	}
	frag, names, err := r.opts.Cache.load(fsys, key, name)
	if err != nil {
		if st.IfExists && errors.Is(err, fs.ErrNotExist) {
			return
		}
		r.fail(st.Pos, from, fmt.Sprintf("cannot open %q: %v", st.Path, cause(err)), includeHint(st))
		return
	}
	r.once[key] = true
	if frag != nil {
		if strings.HasSuffix(st.Path, "/") {
			r.fail(st.Pos, from, fmt.Sprintf("cannot open %q: not a directory", st.Path), "")
			return
		}
		r.runInclude(st, key, frag, from, run)
		return
	}
	for _, n := range names {
		r.includeEntry(st, fsys, key+"/"+n, path.Join(name, n), from, run)
	}
}

func includeHint(st *syntax.Include) string {
	if st.Magic {
		return `<path> is looked up in the include directory; "include if exists" makes it optional`
	}
	return ""
}

// cause strips the operation and path that fs errors repeat.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// includeEntry reads one file of an included directory.
func (r *resolver) includeEntry(st *syntax.Include, fsys fs.FS, key, name string, from *Origin, run func(*fragment, *Origin)) {
	if r.once[key] {
		return
	}
	frag, _, err := r.opts.Cache.load(fsys, key, name)
	if err != nil {
		r.fail(st.Pos, from, fmt.Sprintf("cannot open %q: %v", name, cause(err)), "")
		return
	}
	if frag != nil { // directories in a directory are left out
		r.once[key] = true
		r.runInclude(st, key, frag, from, run)
	}
}

// runInclude guards against includes without end, then runs a file.
func (r *resolver) runInclude(st *syntax.Include, key string, frag *fragment, from *Origin, run func(*fragment, *Origin)) {
	r.includes++
	r.bytes += frag.size
	switch {
	case len(r.stack) >= MaxIncludeDepth:
		r.stop(st.Pos, from, fmt.Sprintf("includes nested deeper than %d%s", MaxIncludeDepth, r.cycle(key)))
		return
	case r.includes > MaxIncludes:
		r.stop(st.Pos, from, fmt.Sprintf("more than %d includes", MaxIncludes))
		return
	case r.bytes > MaxIncludedBytes:
		r.stop(st.Pos, from, fmt.Sprintf("more than %d bytes of included text", MaxIncludedBytes))
		return
	}
	if r.onInclude != nil {
		r.onInclude(frag)
	}
	r.stack = append(r.stack, key)
	run(frag, &Origin{Pos: st.Pos, From: from})
	r.stack = r.stack[:len(r.stack)-1]
}

// stop records an error after which nothing more is worth reading.
func (r *resolver) stop(pos syntax.Pos, from *Origin, message string) {
	r.fail(pos, from, message, "")
	r.stopped = true
}

func (r *resolver) onStack(key string) bool {
	for _, k := range r.stack {
		if k == key {
			return true
		}
	}
	return false
}

// cycle says which file includes itself, if one does.
func (r *resolver) cycle(key string) string {
	if r.onStack(key) {
		return fmt.Sprintf(": %q includes itself", strings.TrimLeft(key, "<"))
	}
	return ""
}

// ignoredFile reports whether a directory include leaves out a file by its name: editors' and package managers' leftovers
// (libapparmor's private.c).
func ignoredFile(name string) bool {
	if name == "README" || strings.HasPrefix(name, ".") {
		return true
	}
	for _, suffix := range [...]string{".dpkg-new", ".dpkg-old", ".dpkg-dist", ".dpkg-bak", ".dpkg-remove", ".pacsave", ".pacnew",
		".rpmnew", ".rpmsave", ".orig", ".rej", "~"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
