package apparmor

import (
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// Cache keeps parsed include files between calls of Resolve. It grows to what the include directory holds and is never
// invalidated: make a new one when files may have changed. It is safe for concurrent use.
type Cache struct {
	mu       sync.Mutex
	files    map[string]*cached
	abis     map[string]*Features
	expanded map[string]*expansions
}

// cached is a file's fragment, or a directory's file names.
type cached struct {
	frag  *fragment
	names []string
	err   error
}

// NewCache returns an empty cache.
func NewCache() *Cache {
	return &Cache{files: map[string]*cached{}, abis: map[string]*Features{}, expanded: map[string]*expansions{}}
}

// load returns the fragment of a file, or the names of the files in a directory.
func (c *Cache) load(fsys fs.FS, key, name string) (*fragment, []string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if got, ok := c.files[key]; ok {
		return got.frag, got.names, got.err
	}
	got := &cached{}
	got.frag, got.names, got.err = readInclude(fsys, name)
	c.files[key] = got
	return got.frag, got.names, got.err
}

func readInclude(fsys fs.FS, name string) (*fragment, []string, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		entries, err := fs.ReadDir(fsys, name)
		if err != nil {
			return nil, nil, err
		}
		var names []string
		for _, e := range entries {
			if !ignoredFile(e.Name()) {
				names = append(names, e.Name())
			}
		}
		return nil, names, nil
	}
	data, err := readFile(fsys, name, syntax.MaxFileSize)
	if err != nil {
		return nil, nil, err
	}
	f, err := syntax.Parse(name, data)
	frag := lowerFile(f)
	if list, ok := err.(syntax.ErrorList); ok {
		frag.errs = append(frag.errs, list...)
	}
	return frag, nil, nil
}

// readFile reads a regular file of at most max bytes.
func readFile(fsys fs.FS, name string, max int) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(max)+1))
	if err == nil && len(data) > max {
		err = fmt.Errorf("file is larger than the limit of %d bytes", max)
	}
	return data, err
}

// features reads a feature set an abi rule names.
func (c *Cache) features(fsys fs.FS, key, name string) (*Features, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.abis[key]; ok {
		return f, nil
	}
	data, err := readFile(fsys, name, MaxFeaturesSize)
	if err != nil {
		return nil, fmt.Errorf("cannot open feature set %q: %w", name, cause(err))
	}
	f, err := ParseFeatures(name, data)
	if err != nil {
		return nil, err
	}
	c.abis[key] = f
	return f, nil
}

func (c *Cache) defaultFeatures() *Features {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.abis[""]
	if f == nil {
		f = DefaultFeatures()
		c.abis[""] = f
	}
	return f
}

// expansions returns the strings already expanded under one set of variables.
func (c *Cache) expansions(envKey string) *expansions {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.expanded[envKey]
	if e == nil {
		e = &expansions{known: map[string]string{}}
		c.expanded[envKey] = e
	}
	return e
}

// expansions maps strings with variables to what they expand to.
type expansions struct {
	mu    sync.RWMutex
	known map[string]string
}

func (e *expansions) get(s string) (string, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out, ok := e.known[s]
	return out, ok
}

func (e *expansions) put(s, out string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known[s] = out
}
