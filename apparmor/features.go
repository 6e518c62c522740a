package apparmor

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// MaxFeaturesSize bounds a feature set's text, in bytes. libapparmor's own limit was 8192 up to 4.x; current kernels
// need about 6000.
const MaxFeaturesSize = 64 << 10

// maxFeaturesDepth bounds the nesting of a feature set; the kernel's deepest is 5.
const maxFeaturesDepth = 16

// Features is a feature set: what a kernel mediates, or what a policy was written for. It is a tree whose leaves hold
// words, read from an ABI file ("/etc/apparmor.d/abi/4.0") or from /sys/kernel/security/apparmor/features. It does not change
// once made.
type Features struct {
	root featureNode
}

type featureNode struct {
	name     string
	value    string // of a leaf, words separated by single spaces
	children []*featureNode
}

// ParseFeatures reads the file form of a feature set: "caps {mask {chown kill\n}\n}\n". Name is for error messages.
// A file that is not in this form is a *FeaturesError.
func ParseFeatures(name string, data []byte) (*Features, error) {
	if len(data) > MaxFeaturesSize {
		return nil, &FeaturesError{File: name, Line: 1, Message: fmt.Sprintf("%d bytes are more than a feature set may have (%d)", len(data), MaxFeaturesSize)}
	}
	p := featuresParser{name: name, src: string(data), line: 1}
	f := &Features{}
	if err := p.parseInto(&f.root, 0); err != nil {
		return nil, err
	}
	f.root.sort()
	return f, nil
}

// ReadFeatures reads a live feature tree, such as os.DirFS("/sys/kernel/security/apparmor/features"): directories are
// inner nodes and files are leaves.
func ReadFeatures(fsys fs.FS) (*Features, error) {
	f := &Features{}
	budget := MaxFeaturesSize
	if err := readFeatureDir(fsys, ".", &f.root, 0, &budget); err != nil {
		return nil, err
	}
	f.root.sort()
	return f, nil
}

func readFeatureDir(fsys fs.FS, dir string, into *featureNode, depth int, budget *int) error {
	if depth > maxFeaturesDepth {
		return &FeaturesError{File: dir, Message: fmt.Sprintf("nested deeper than %d", maxFeaturesDepth)}
	}
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return fmt.Errorf("apparmor: read features: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		n := &featureNode{name: e.Name()}
		full := path.Join(dir, e.Name())
		if e.IsDir() {
			if err := readFeatureDir(fsys, full, n, depth+1, budget); err != nil {
				return err
			}
		} else {
			data, err := fs.ReadFile(fsys, full)
			if err != nil {
				return fmt.Errorf("apparmor: read features: %w", err)
			}
			n.value = strings.Join(strings.Fields(string(data)), " ")
		}
		if *budget -= len(n.name) + len(n.value) + 4; *budget < 0 {
			return &FeaturesError{File: full, Message: fmt.Sprintf("the tree has more than %d bytes", MaxFeaturesSize)}
		}
		into.children = append(into.children, n)
	}
	return nil
}

// FeaturesError says where a feature set is malformed.
type FeaturesError struct {
	File    string
	Line    int // from 1; 0 when the whole file is meant
	Message string
}

// Error returns "apparmor: file:line: message".
func (e *FeaturesError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("apparmor: %s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("apparmor: %s: %s", e.File, e.Message)
}

// Has reports whether the set has the feature: a path of names, whose last element may be a word of a leaf. Examples: "dbus",
// "network_v8/af_inet", "caps/mask/bpf", "policy/versions/v7".
func (f *Features) Has(feature string) bool {
	if f == nil || feature == "" {
		return false
	}
	n := &f.root
	names := strings.Split(feature, "/")
	for i, name := range names {
		next := n.child(name)
		if next == nil {
			return i == len(names)-1 && len(n.children) == 0 && hasWord(n.value, name)
		}
		n = next
	}
	return true
}

// Value returns the words of a leaf, separated by single spaces: Value("caps/mask") is "chown dac_override ...". The second
// result is false when there is no such leaf.
func (f *Features) Value(leaf string) (string, bool) {
	if f == nil {
		return "", false
	}
	n := &f.root
	for _, name := range strings.Split(leaf, "/") {
		if n = n.child(name); n == nil {
			return "", false
		}
	}
	return n.value, len(n.children) == 0
}

// Intersect returns the features both sets have. It is what rules are generated for: what policy f asks for and the kernel
// offers. Leaves keep the words both have.
func (f *Features) Intersect(kernel *Features) *Features {
	out := &Features{}
	if f != nil && kernel != nil {
		out.root.children = intersectNodes(&f.root, &kernel.root)
	}
	return out
}

func intersectNodes(a, b *featureNode) []*featureNode {
	var out []*featureNode
	for _, ca := range a.children {
		cb := b.child(ca.name)
		if cb == nil {
			continue
		}
		n := &featureNode{name: ca.name, children: intersectNodes(ca, cb)}
		var words []string
		for _, w := range strings.Fields(ca.value) {
			if hasWord(cb.value, w) {
				words = append(words, w)
			}
		}
		n.value = strings.Join(words, " ")
		out = append(out, n)
	}
	return out
}

// Equal reports whether two sets have the same features. Nil equals only nil.
func (f *Features) Equal(g *Features) bool {
	if f == g || f == nil || g == nil {
		return f == g
	}
	return f.String() == g.String()
}

// String returns the set in file form with names sorted, so that equal sets print alike.
func (f *Features) String() string {
	if f == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range f.root.children {
		c.print(&b)
	}
	return b.String()
}

func (n *featureNode) print(b *strings.Builder) {
	b.WriteString(n.name + " {")
	for _, c := range n.children {
		c.print(b)
	}
	if n.value != "" {
		b.WriteString(n.value + "\n")
	}
	b.WriteString("}\n")
}

func (n *featureNode) child(name string) *featureNode {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (n *featureNode) sort() {
	sort.SliceStable(n.children, func(i, j int) bool { return n.children[i].name < n.children[j].name })
	for _, c := range n.children {
		c.sort()
	}
}

func hasWord(value, word string) bool {
	for _, w := range strings.Fields(value) {
		if w == word {
			return true
		}
	}
	return false
}
