package sys

import (
	"encoding/binary"
	"errors"
	"testing"
)

func TestLSMCtx(t *testing.T) {
	for _, value := range []string{"", "x", "changeprofile web", "changehat 00000000000000aa^a\x00b"} {
		b := encodeLSMCtx(LSMIDAppArmor, value)
		if len(b)%8 != 0 {
			t.Errorf("%q: %d bytes, not a multiple of 8", value, len(b))
		}
		got, err := decodeLSMCtx(append(b, "what follows in the buffer"...), LSMIDAppArmor)
		if err != nil || got != value {
			t.Errorf("decode(encode(%q)) = %q, %v", value, got, err)
		}
	}
}

func TestLSMCtxMalformed(t *testing.T) {
	change := func(at int, v uint64) []byte {
		b := encodeLSMCtx(LSMIDAppArmor, "label")
		binary.NativeEndian.PutUint64(b[at:], v)
		return b
	}
	for name, b := range map[string][]byte{
		"empty":              nil,
		"short":              make([]byte, lsmCtxHeader-1),
		"other module":       change(0, 101),
		"longer than buffer": change(16, 1<<40),
		"shorter than head":  change(16, 8),
		"data beyond len":    change(24, 9),
		"data length wraps":  change(24, 1<<64-1),
	} {
		if _, err := decodeLSMCtx(b, LSMIDAppArmor); !errors.Is(err, ErrLSMCtx) {
			t.Errorf("%s: err = %v, want ErrLSMCtx", name, err)
		}
	}
}

func FuzzLSMCtx(f *testing.F) {
	f.Add(encodeLSMCtx(LSMIDAppArmor, "web (enforce)"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeLSMCtx(b, LSMIDAppArmor)
		if err == nil && len(s) > len(b)-lsmCtxHeader {
			t.Errorf("%d bytes out of %d", len(s), len(b))
		}
	})
}

func TestTaskDir(t *testing.T) {
	for _, tt := range []struct {
		task Task
		want string
	}{
		{Task{}, "thread-self"},
		{Task{TID: 7}, "self/task/7"},
		{Task{PID: 5}, "5"},
		{Task{PID: 5, TID: 7}, "5/task/7"},
	} {
		if got := tt.task.dir(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.task, got, tt.want)
		}
	}
}

func TestValidAttr(t *testing.T) {
	for name, want := range map[string]bool{
		"attr/current": true, "attr/apparmor/exec": true, "status": true, "mounts": true,
		"": false, "attr/": false, "attr/../status": false, "attr/a/b": false, "mem": false, "attr/apparmor/": false, "attr/apparmor/..": false,
	} {
		if validAttr(name) != want {
			t.Errorf("validAttr(%q) = %v", name, !want)
		}
	}
}
