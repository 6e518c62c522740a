package sys

import (
	"encoding/binary"
	"errors"
)

// LSM identifiers and attributes, include/uapi/linux/lsm.h, Linux 6.8.
const (
	LSMIDAppArmor = 104

	LSMAttrCurrent = 100 // label of the thread
	LSMAttrExec    = 101 // label to take at the next execve
	LSMAttrPrev    = 104 // label to return to with change_hat
)

// lsmCtxHeader is the size of struct lsm_ctx before its data: four native-endian 64-bit numbers id, flags, len, ctx_len.
const lsmCtxHeader = 32

// ErrLSMCtx is a struct lsm_ctx whose lengths contradict each other or the buffer.
var ErrLSMCtx = errors.New("malformed lsm_ctx from the kernel")

// encodeLSMCtx returns a struct lsm_ctx for lsm_set_self_attr(2).
func encodeLSMCtx(id uint64, value string) []byte {
	n := (lsmCtxHeader + len(value) + 7) &^ 7
	b := make([]byte, n)
	binary.NativeEndian.PutUint64(b[0:], id)
	binary.NativeEndian.PutUint64(b[16:], uint64(n))
	binary.NativeEndian.PutUint64(b[24:], uint64(len(value)))
	copy(b[lsmCtxHeader:], value)
	return b
}

// decodeLSMCtx returns what the struct lsm_ctx at the start of b says for the security module id.
func decodeLSMCtx(b []byte, id uint64) (string, error) {
	if len(b) < lsmCtxHeader {
		return "", ErrLSMCtx
	}
	size, n := binary.NativeEndian.Uint64(b[16:]), binary.NativeEndian.Uint64(b[24:])
	if binary.NativeEndian.Uint64(b) != id || size > uint64(len(b)) || size < lsmCtxHeader || n > size-lsmCtxHeader {
		return "", ErrLSMCtx
	}
	return string(b[lsmCtxHeader : lsmCtxHeader+n]), nil
}
