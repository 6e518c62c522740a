// Package interop compares stockade with the libraries and profiles other projects publish: programs compiled by its peers are
// proved equal to the profile, or shown to differ by a concrete call, and measured beside ours; Docker's own code resolves its
// own template beside ours. It is a module of its own so that the peers are no dependencies of stockade.
package interop
