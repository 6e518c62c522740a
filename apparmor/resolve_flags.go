package apparmor

import (
	"fmt"
	"strings"
)

// flags reads the flags of a profile's header.
func (r *resolver) flags(b *profileBuilder) {
	haveMode := false
	for _, word := range b.st.Flags {
		if m, ok := modeByName(word); ok {
			if haveMode && m != b.Mode {
				r.fail(b.st.Pos, b.from, fmt.Sprintf("flag %s conflicts with %s", m, b.Mode), "a profile has one mode")
			}
			b.Mode, haveMode = m, true
			continue
		}
		if msg, hint := b.Flags.set(word); msg != "" {
			r.fail(b.st.Pos, b.from, msg, hint)
		}
	}
	if msg := b.Flags.conflict(); msg != "" {
		r.fail(b.st.Pos, b.from, msg, "keep one of them")
	}
}

func modeByName(word string) (Mode, bool) {
	for m := Enforce; m <= DefaultAllow; m++ {
		if m.String() == word {
			return m, true
		}
	}
	return 0, false
}

// set applies one flag that is no mode.
func (f *Flags) set(word string) (message, hint string) {
	name, value, hasValue := strings.Cut(word, "=")
	if hasValue {
		return f.setValue(name, value)
	}
	for _, x := range [...]struct {
		name string
		flag *bool
	}{
		{"audit", &f.Audit}, {"debug", &f.Debug}, {"interruptible", &f.Interruptible},
		{"chroot_relative", &f.ChrootRelative}, {"namespace_relative", &f.NamespaceRelative},
		{"mediate_deleted", &f.MediateDeleted}, {"delegate_deleted", &f.DelegateDeleted},
		{"attach_disconnected", &f.AttachDisconnected}, {"no_attach_disconnected", &f.NoAttachDisconnected},
		{"chroot_attach", &f.ChrootAttach}, {"chroot_no_attach", &f.ChrootNoAttach},
		{"attach_disconnected.ipc", &f.AttachDisconnectedIPC},
	} {
		if x.name == word {
			*x.flag = true
			return "", ""
		}
	}
	return fmt.Sprintf("unknown profile flag %q", word), "flags are a mode such as complain, audit, attach_disconnected and others; several are separated by commas"
}

func (f *Flags) setValue(name, value string) (message, hint string) {
	conflict := func(old any) (string, string) {
		return fmt.Sprintf("flag %s set to both %v and %s", name, old, value), "keep one of them"
	}
	switch name {
	case "attach_disconnected.path", "attach_disconnected.ipc":
		to, flag := &f.DisconnectedPath, &f.AttachDisconnected
		if name == "attach_disconnected.ipc" {
			to, flag = &f.DisconnectedIPC, &f.AttachDisconnectedIPC
		}
		if *to != "" && *to != value {
			return conflict(*to)
		}
		if value == "" {
			return fmt.Sprintf("flag %s without a path", name), name + "=/path"
		}
		*to, *flag = value, true
	case "kill.signal":
		n, ok := SignalByName(value)
		if !ok {
			return fmt.Sprintf("unknown signal %q", value), "kill.signal=term"
		}
		if f.KillSignal != 0 && f.KillSignal != n {
			return conflict(f.KillSignal)
		}
		f.KillSignal = n
	case "error":
		n, ok := errnoByName(value)
		if !ok {
			return fmt.Sprintf("unknown error %q", value), "error=EPERM"
		}
		if f.Errno != 0 && f.Errno != n {
			return conflict(f.Errno)
		}
		f.Errno = n
	default:
		return fmt.Sprintf("unknown profile flag %q", name+"="+value), "flags with a value are attach_disconnected.path, attach_disconnected.ipc, kill.signal and error"
	}
	return "", ""
}

// conflict names two flags that exclude each other.
func (f *Flags) conflict() string {
	for _, x := range [...]struct {
		a, b bool
		msg  string
	}{
		{f.ChrootRelative, f.NamespaceRelative, "chroot_relative conflicts with namespace_relative"},
		{f.MediateDeleted, f.DelegateDeleted, "mediate_deleted conflicts with delegate_deleted"},
		{f.AttachDisconnected, f.NoAttachDisconnected, "attach_disconnected conflicts with no_attach_disconnected"},
		{f.AttachDisconnectedIPC, f.NoAttachDisconnected, "attach_disconnected.ipc conflicts with no_attach_disconnected"},
		{f.ChrootAttach, f.ChrootNoAttach, "chroot_attach conflicts with chroot_no_attach"},
	} {
		if x.a && x.b {
			return "flag " + x.msg
		}
	}
	return ""
}

// disconnected brings the path of an attach_disconnected flag into its final form.
func (r *resolver) disconnected(b *profileBuilder, path *string) {
	if *path == "" {
		return
	}
	out, err := r.vars.expand(*path)
	if err != nil {
		r.fail(b.st.Pos, b.from, err.Error(), "")
		return
	}
	out = squeezeSlashes(out)
	if !strings.HasPrefix(out, "/") {
		r.fail(b.st.Pos, b.from, fmt.Sprintf("attach_disconnected path %q is not absolute", *path), "it begins with /")
		return
	}
	*path = strings.TrimRight(out, "/")
}
