//go:build !linux

package sys

import "os"

// SecurityFS fails.
func (Kernel) SecurityFS() (string, error) { return "", ErrUnsupported }

// OpenAppArmorFile fails.
func (Kernel) OpenAppArmorFile(string, int) (*os.File, error) { return nil, ErrUnsupported }

// ModuleParameter fails.
func (Kernel) ModuleParameter(string, string) (string, error) { return "", ErrUnsupported }
