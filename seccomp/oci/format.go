package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Format writes a document as JSON, indented with tabs. Unlike encoding/json with the type of the specification it keeps an empty
// array of flags, which is not the same as none. It fails only for nil and for a document that JSON cannot hold.
func Format(s *specs.LinuxSeccomp) ([]byte, error) {
	type document struct {
		*specs.LinuxSeccomp
		Flags []specs.LinuxSeccompFlag `json:"flags,omitzero"`
	}
	if s == nil {
		return nil, errors.New("oci: no document")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(document{s, s.Flags}); err != nil {
		return nil, fmt.Errorf("oci: %w", err)
	}
	return b.Bytes(), nil
}
