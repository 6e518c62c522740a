// Package syntax is the AppArmor policy language as text: a lossless tree with positions and comments, read by Parse and
// written by Print and Format.
package syntax
