package apparmor

import "github.com/gostockade/stockade/apparmor/syntax"

// IncludedSize returns the size of a file with all its includes, as often as they are included.
func IncludedSize(f *syntax.File, opts *ResolveOptions) (int, error) {
	texts, err := includedText(f, opts)
	n := 0
	for _, s := range texts {
		n += len(s)
	}
	return n, err
}

// IncludedText returns the text of a file and of all its includes, as often as they are included.
func IncludedText(name string, data []byte, opts *ResolveOptions) ([]string, error) {
	f, err := syntax.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return includedText(f, opts)
}

func includedText(f *syntax.File, opts *ResolveOptions) ([]string, error) {
	texts := []string{string(syntax.Print(f))}
	o := *opts
	onInclude := func(frag *fragment) { texts = append(texts, string(syntax.Print(frag.file))) }
	r := newResolver(&o)
	r.onInclude = onInclude
	_, err := r.run(f)
	return texts, err
}
