//go:build !libseccomp

package interop

func cgoPeers() []peer { return nil }
