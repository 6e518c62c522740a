//go:build !cgo

package main

import "errors"

func callC() error { return errors.New("built without cgo") }
