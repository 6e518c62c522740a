package apparmor

import (
	"fmt"

	"github.com/gostockade/stockade/apparmor/syntax"
)

// abi applies an abi rule. The first one counts; a later one that names other features is only worth a warning.
func (r *resolver) abi(st *syntax.ABI, from *Origin) {
	f, err := r.abiFeatures(st)
	if err != nil {
		r.fail(st.Pos, from, err.Error(), "")
		return
	}
	if f == nil {
		return
	}
	if r.policy.Features == nil {
		r.policy.Features = f
		r.policy.ABI = abiText(st)
		return
	}
	if !f.Equal(r.policy.Features) {
		r.warn(st.Pos, from, "abi "+abiText(st)+" differs from the features already chosen, which stay in force")
	}
}

func abiText(st *syntax.ABI) string {
	if st.Magic {
		return "<" + st.Path + ">"
	}
	return `"` + st.Path + `"`
}

func (r *resolver) abiFeatures(st *syntax.ABI) (*Features, error) {
	if st.Magic {
		switch st.Path {
		case "kernel":
			if r.opts.Kernel == nil {
				return nil, fmt.Errorf("abi <kernel> needs the kernel's features, which were not given")
			}
			return r.opts.Kernel, nil
		case "default":
			return DefaultFeatures(), nil
		}
	}
	fsys, key, name, err := r.locate(st.Path, st.Magic)
	if err != nil {
		return nil, err
	}
	return r.opts.Cache.features(fsys, key, name)
}

// finishABI settles the features when the first profile, or the end of the file, comes before any abi rule.
func (r *resolver) finishABI() {
	if r.policy.Features != nil {
		return
	}
	r.policy.Features = r.opts.ABI
	if r.policy.Features == nil {
		r.policy.Features = r.opts.Cache.defaultFeatures()
	}
}
