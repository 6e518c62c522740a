package apparmor

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gostockade/stockade/internal/sys"
)

func TestParseLabel(t *testing.T) {
	for in, want := range map[string]Label{
		"unconfined":                     {Name: "unconfined"},
		"unconfined\n":                   {Name: "unconfined"},
		"web (enforce)\n":                {Name: "web", Mode: "enforce"},
		"web (enforce)\x00":              {Name: "web", Mode: "enforce"},
		"a b (c) (complain)":             {Name: "a b (c)", Mode: "complain"},
		"web (beta":                      {Name: "web (beta"},
		"web(enforce)":                   {Name: "web(enforce)"},
		":ns:web//hat (kill)":            {Name: ":ns:web//hat", Mode: "kill"},
		"web//&unconfined (enforce)\n":   {Name: "web//&unconfined", Mode: "enforce"},
		"/usr/bin/x//&web (mixed)\n\x00": {Name: "/usr/bin/x//&web", Mode: "mixed"},
		"":                               {},
		" (x)":                           {Mode: "x"},
	} {
		if got := ParseLabel(in); got != want {
			t.Errorf("ParseLabel(%q) = %+v, want %+v", in, got, want)
		}
	}
}

func FuzzParseLabel(f *testing.F) {
	f.Add("web (enforce)\n")
	f.Add("a (b) (c)")
	f.Fuzz(func(t *testing.T, s string) {
		l := ParseLabel(s)
		if again := ParseLabel(l.String()); l.Mode != "" && again != l {
			t.Errorf("%q: %+v printed and parsed is %+v", s, l, again)
		}
		l.Profiles()
	})
}

func TestLabelIs(t *testing.T) {
	for _, tt := range []struct {
		label string
		names []string
		want  bool
	}{
		{"web", []string{"web"}, true},
		{"web", []string{"we"}, false},
		{"web//&unconfined", []string{"web"}, true},
		{"web//&site", []string{"site//&web"}, true},
		{"web//&site", []string{"site", "web"}, true},
		{"web//&site", []string{"web"}, false},
		{"web", []string{"web", "site"}, false},
		{"unconfined", []string{"web"}, false},
		{":ns:web", []string{":ns://web"}, true},
		{"web", []string{":ns:web"}, true},
		{":other:web", []string{":ns:web"}, false},
		{"web//hat", []string{"web"}, false},
	} {
		if got := (Label{Name: tt.label}).is(tt.names...); got != tt.want {
			t.Errorf("%q is %q: %v", tt.label, tt.names, got)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"web", "/usr/bin/web", ":ns:web", ":ns://web", "web//hat", "web//&site", "with space", "prefix-unconfined"} {
		if err := checkName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", " web", "web ", "web\n", "web\x00", "a\nb", "&web", "unconfined", ":ns:unconfined", "web//&unconfined", "web//&", ":ns:", strings.Repeat("x", MaxName+1)} {
		if err := checkName(bad); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v, want ErrName", bad, err)
		}
	}
}

func TestParseAccess(t *testing.T) {
	got, err := parseAccess("allow 0x00000014\ndeny 0x00000010\naudit 0xffffffff\nquiet 0x00000000\n")
	want := Access{Allow: 0x14, Deny: 0x10, Audit: 0xffffffff}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if !got.Allowed(QueryRead) || got.Allowed(QueryCreate) || got.Allowed(QueryRead|QueryWrite) || !got.Allowed(0) {
		t.Error("Allowed does not take allow without deny")
	}
	for _, bad := range []string{"", "allow 0x1\n", "allow 0x1\ndeny 0x1\naudit 0x1\nquiet 1\n", "deny 0x1\nallow 0x1\naudit 0x1\nquiet 0x1\n", "allow 0x100000000\ndeny 0x1\naudit 0x1\nquiet 0x1\n"} {
		if _, err := parseAccess(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzParseAccess(f *testing.F) {
	f.Add("allow 0x00000014\ndeny 0x00000010\naudit 0xffffffff\nquiet 0x00000000\n")
	f.Fuzz(func(t *testing.T, s string) { parseAccess(s) })
}

func TestParseProfiles(t *testing.T) {
	got := parseProfiles("web (enforce)\nweb//a hat (complain)\n/usr/bin/x y (kill)\n\n")
	want := []Label{{"web", "enforce"}, {"web//a hat", "complain"}, {"/usr/bin/x y", "kill"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// fakeKernel is a kernel with a few threads and profiles. Each step can be made to fail by name, from its nth time on.
type fakeKernel struct {
	labels   map[int]string // by thread
	pending  string
	nnp      map[int]string
	modes    map[string]string
	fail     map[string]error // step to error
	after    map[string]int   // step to how many times it works before
	noCalls  bool             // as before Linux 6.8
	legacy   bool             // attr/apparmor does not exist
	enabled  string
	lies     map[int]string // label a thread has after a change, instead of the right one
	fds      map[int]func() string
	write    map[int]func(string) error
	next     int
	changes  []string
	execs    [][]string
	cloexec  map[int]bool
	execHook func(path string, args, env []string) error
}

func newFake() *fakeKernel {
	return &fakeKernel{
		labels: map[int]string{10: "unconfined", 11: "unconfined", 12: "unconfined"}, nnp: map[int]string{}, enabled: "Y",
		modes: map[string]string{"web": "enforce", "site": "enforce", "trial": "complain"},
		fail:  map[string]error{}, after: map[string]int{}, lies: map[int]string{},
		fds: map[int]func() string{}, write: map[int]func(string) error{}, cloexec: map[int]bool{},
	}
}

func (f *fakeKernel) step(name string) error {
	err, ok := f.fail[name]
	if !ok {
		return nil
	}
	if f.after[name] > 0 {
		f.after[name]--
		return nil
	}
	return err
}

func (f *fakeKernel) Gettid() int               { return 10 }
func (f *fakeKernel) NoNewPrivs() (bool, error) { return f.nnp[10] == "1", f.step("NoNewPrivs") }

func (f *fakeKernel) text(label string) string {
	if mode := f.modes[label]; mode != "" {
		return label + " (" + mode + ")"
	}
	if strings.Contains(label, "//&") {
		return label + " (enforce)"
	}
	return label
}

func (f *fakeKernel) LSMSelfAttr(attr uint32, id uint64) (string, error) {
	if f.noCalls {
		return "", syscall.ENOSYS
	}
	if err := f.step("LSMSelfAttr"); err != nil {
		return "", err
	}
	switch attr {
	case sys.LSMAttrCurrent:
		return f.text(f.labels[10]), nil
	case sys.LSMAttrExec:
		if f.pending != "" {
			return f.text(f.pending), nil
		}
	}
	return "", syscall.ENOENT
}

// apply does what the kernel does with a command.
func (f *fakeKernel) apply(tid int, attr, command string) error {
	verb, name, _ := strings.Cut(command, " ")
	if f.modes[name] == "" {
		return syscall.ENOENT
	}
	if verb == "permprofile" {
		return nil
	}
	if verb == "stack" {
		name += "//&" + f.labels[tid]
	}
	if lie, ok := f.lies[tid]; ok {
		name = lie
	}
	f.changes = append(f.changes, fmt.Sprintf("%d %s %s", tid, attr, command))
	if attr == "exec" {
		f.pending = name
	} else {
		f.labels[tid] = name
	}
	return nil
}

func (f *fakeKernel) SetLSMSelfAttr(attr uint32, id uint64, value string) error {
	if err := f.step("SetLSMSelfAttr"); err != nil {
		return err
	}
	return f.apply(10, map[uint32]string{sys.LSMAttrCurrent: "current", sys.LSMAttrExec: "exec"}[attr], value)
}

func (f *fakeKernel) SetLSMSelfAttrAll(attr uint32, id uint64, value string) error {
	if err := f.step("SetLSMSelfAttrAll"); err != nil {
		return err
	}
	for tid := range f.labels {
		if err := f.apply(tid, "current", value); err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeKernel) OpenTaskFile(t sys.Task, name string, write bool) (int, error) {
	if err := f.step("OpenTaskFile"); err != nil {
		return -1, err
	}
	tid := t.TID
	if tid == 0 {
		tid = 10
	}
	f.next++
	switch dir := map[bool]string{false: "attr/apparmor/", true: "attr/"}[f.legacy]; {
	case name == "status":
		f.fds[f.next] = func() string { return "Name:\tx\nNoNewPrivs:\t" + f.nnp[tid] + "\n" }
	case f.enabled != "Y" && strings.HasPrefix(name, "attr/apparmor/"):
		return -1, syscall.EINVAL
	case name == dir+"current" && write:
		f.write[f.next] = func(s string) error { return f.apply(tid, "current", s) }
	case name == dir+"exec" && write:
		f.write[f.next] = func(s string) error { return f.apply(tid, "exec", s) }
	case name == dir+"current":
		f.fds[f.next] = func() string { return f.text(f.labels[tid]) + "\n" }
	case name == dir+"exec":
		f.fds[f.next] = func() string { return f.text(f.pending) + "\n" }
	default:
		return -1, syscall.ENOENT
	}
	return f.next, nil
}

func (f *fakeKernel) Pread(fd int, buf []byte) (int, error) {
	if err := f.step("Pread"); err != nil {
		return 0, err
	}
	return copy(buf, f.fds[fd]()), nil
}

func (f *fakeKernel) Write(fd int, data string) error {
	if err := f.step("Write"); err != nil {
		return err
	}
	return f.write[fd](data)
}

func (f *fakeKernel) Close(fd int) error {
	delete(f.fds, fd)
	delete(f.write, fd)
	return nil
}

func (f *fakeKernel) OpenTasks(pid int) (int, error) { return 1000, f.step("OpenTasks") }

func (f *fakeKernel) ThreadIDs(tasks int) ([]int, error) {
	return slices.Sorted(maps.Keys(f.labels)), f.step("ThreadIDs")
}

func (f *fakeKernel) ModuleParameter(module, name string) (string, error) {
	if f.enabled == "" {
		return "", syscall.ENOENT
	}
	return f.enabled, f.step("ModuleParameter")
}

func (f *fakeKernel) Exec(path string, args, env []string) error {
	if err := f.step("Exec"); err != nil {
		return err
	}
	f.execs = append(f.execs, append(slices.Clone(args), env...))
	return f.execHook(path, args, env)
}

func (f *fakeKernel) SetCloseOnExec(fd int, on bool) error {
	f.cloexec[fd] = on
	return f.step("SetCloseOnExec")
}

func change(f *fakeKernel, name string, opts *EnterOptions) (*Entered, error) {
	return enterAll(f, enterRequest{op: "change profile", command: "changeprofile ", name: name, options: opts, modes: func() map[string]string { return nil }})
}

func TestChangeProfile(t *testing.T) {
	f := newFake()
	got, err := change(f, "web", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Entered{Before: Label{Name: "unconfined"}, After: Label{"web", "enforce"}, Threads: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(f.fds) != 0 {
		t.Errorf("%d descriptors left open", len(f.fds))
	}
}

func TestStackReachesBothLabels(t *testing.T) {
	f := newFake()
	for tid := range f.labels {
		f.labels[tid] = "site"
	}
	r := enterRequest{op: "stack", command: "stack ", name: "web", stack: true, modes: func() map[string]string { return nil }}
	got, err := enterAll(f, r)
	if err != nil || got.After.Name != "web//&site" {
		t.Errorf("%+v, %v", got, err)
	}
	f.lies = map[int]string{10: "web", 11: "web", 12: "web"}
	for tid := range f.labels {
		f.labels[tid] = "site"
	}
	if _, err := enterAll(f, r); !errors.Is(err, ErrNotConfined) {
		t.Errorf("stacking that lost the first profile: %v, want ErrNotConfined", err)
	}
}

func TestChangeProfileErrors(t *testing.T) {
	modes := func() map[string]string { return map[string]string{"trial": "complain"} }
	for _, tt := range []struct {
		name    string
		set     func(*fakeKernel)
		profile string
		want    error
		errno   error // also expected, if not nil
		changed bool  // whether any label may have changed
	}{
		{"not loaded", func(f *fakeKernel) {}, "nosuch", ErrNotLoaded, syscall.ENOENT, false},
		{"bad name", func(f *fakeKernel) {}, "unconfined", ErrName, nil, false},
		{"rule missing", func(f *fakeKernel) { f.fail["SetLSMSelfAttrAll"] = syscall.EACCES }, "web", ErrNotAllowed, syscall.EACCES, false},
		{"no_new_privs", func(f *fakeKernel) {
			f.nnp = map[int]string{10: "1", 11: "1", 12: "1"}
			f.fail["SetLSMSelfAttrAll"] = syscall.EPERM
		}, "web", ErrNoNewPrivs, syscall.EPERM, false},
		{"refused by a filter", func(f *fakeKernel) { f.fail["SetLSMSelfAttrAll"] = syscall.EPERM }, "web", ErrNotPermitted, syscall.EPERM, false},
		{"cgo", func(f *fakeKernel) { f.fail["SetLSMSelfAttrAll"] = syscall.ENOTSUP }, "web", ErrNeedsExec, nil, false},
		{"old kernel", func(f *fakeKernel) { f.noCalls = true }, "web", ErrNeedsExec, nil, false},
		{"disabled", func(f *fakeKernel) { f.fail["LSMSelfAttr"] = syscall.EOPNOTSUPP; f.enabled = "N" }, "web", ErrDisabled, syscall.EOPNOTSUPP, false},
		{"disabled, old kernel", func(f *fakeKernel) { f.noCalls = true; f.enabled = "N" }, "web", ErrDisabled, syscall.EINVAL, false},
		{"another module", func(f *fakeKernel) { f.noCalls, f.legacy, f.enabled = true, true, "N" }, "web", ErrOtherLSM, nil, false},
		{"not in the kernel", func(f *fakeKernel) { f.noCalls, f.enabled = true, "" }, "web", ErrNotSupported, nil, false},
		{"not Linux", func(f *fakeKernel) { f.fail["LSMSelfAttr"] = sys.ErrUnsupported }, "web", ErrNotSupported, sys.ErrUnsupported, false},
		{"one thread differs in label", func(f *fakeKernel) { f.labels[12] = "site" }, "web", ErrThreadsDiffer, nil, false},
		{"one thread differs in no_new_privs", func(f *fakeKernel) { f.nnp[12] = "1" }, "web", ErrThreadsDiffer, nil, false},
		{"threads cannot be listed", func(f *fakeKernel) { f.fail["ThreadIDs"] = syscall.EACCES }, "web", syscall.EACCES, nil, false},
		{"threads cannot be found", func(f *fakeKernel) { f.fail["OpenTasks"] = syscall.ENODEV }, "web", syscall.ENODEV, nil, false},
		{"thread files cannot be opened", func(f *fakeKernel) { f.fail["OpenTaskFile"] = syscall.EXDEV }, "web", syscall.EXDEV, nil, false},
		{"too many threads", func(f *fakeKernel) { f.fail["OpenTaskFile"] = syscall.EMFILE; f.after["OpenTaskFile"] = 3 }, "web", syscall.EMFILE, nil, false},
		{"complain mode, known before", func(f *fakeKernel) {}, "trial", ErrNotEnforced, nil, false},
		{"one thread did not follow", func(f *fakeKernel) { f.lies[12] = "unconfined" }, "web", ErrNotConfined, nil, true},
		{"this thread did not follow", func(f *fakeKernel) { f.lies[10] = "unconfined" }, "web", ErrNotConfined, nil, true},
		{"label cannot be read back", func(f *fakeKernel) { f.fail["LSMSelfAttr"] = syscall.EIO; f.after["LSMSelfAttr"] = 1 }, "web", ErrNotConfined, syscall.EIO, true},
		{"threads cannot be read back", func(f *fakeKernel) { f.fail["Pread"] = syscall.EIO; f.after["Pread"] = 6 }, "web", ErrNotConfined, syscall.EIO, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			tt.set(f)
			got, err := enterAll(f, enterRequest{op: "change profile", command: "changeprofile ", name: tt.profile, modes: modes})
			if got != nil || !errors.Is(err, tt.want) || tt.errno != nil && !errors.Is(err, tt.errno) {
				t.Fatalf("%+v, %v; want %v with %v", got, err, tt.want, tt.errno)
			}
			var e *EnterError
			if !errors.As(err, &e) || e.Profile != tt.profile {
				t.Errorf("%v is no EnterError for the profile", err)
			}
			if !tt.changed && len(f.changes) > 0 {
				t.Errorf("changed although it failed: %q", f.changes)
			}
			if len(f.fds) != 0 {
				t.Errorf("%d descriptors left open", len(f.fds))
			}
		})
	}
}

func TestNotEnforced(t *testing.T) {
	f := newFake()
	if _, err := change(f, "trial", nil); !errors.Is(err, ErrNotEnforced) {
		t.Errorf("complain mode: %v", err)
	}
	f = newFake()
	if _, err := change(f, "trial", &EnterOptions{AllowNotEnforced: true}); err != nil {
		t.Errorf("complain mode, accepted: %v", err)
	}
	mixed := Label{"web//&trial", "mixed"}
	r := enterRequest{name: "web", stack: true}
	if r.enforced(mixed, nil) {
		t.Error("a mixed stack counts as enforced without knowing which profile is")
	}
	if !r.enforced(mixed, map[string]string{"web": "enforce"}) {
		t.Error("a stack on a profile in complain mode does not count as enforced")
	}
	r.name = "trial"
	if r.enforced(mixed, map[string]string{"trial": "complain", "web": "enforce"}) {
		t.Error("a profile in complain mode on top of an enforced one counts as enforced")
	}
}

func TestOnExec(t *testing.T) {
	for name, set := range map[string]func(*fakeKernel){
		"system call":     func(f *fakeKernel) {},
		"apparmor files":  func(f *fakeKernel) { f.noCalls = true },
		"only attr/exec":  func(f *fakeKernel) { f.noCalls, f.legacy = true, true },
		"calls forbidden": func(f *fakeKernel) { f.fail["LSMSelfAttr"] = syscall.EPERM },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			set(f)
			if err := onExec(f, enterRequest{op: "change on exec", command: "exec ", name: "web"}); err != nil {
				t.Fatal(err)
			}
			if f.pending != "web" || f.labels[10] != "unconfined" {
				t.Errorf("pending %q, label %q", f.pending, f.labels[10])
			}
			f.lies[10] = "site"
			if err := onExec(f, enterRequest{op: "change on exec", command: "exec ", name: "web"}); !errors.Is(err, ErrNotConfined) {
				t.Errorf("the kernel arranged something else: %v, want ErrNotConfined", err)
			}
		})
	}
}

func TestReexec(t *testing.T) {
	p := program{path: "/bin/web", args: []string{"web", "-x", "a b"}, env: []string{"A=1"}}
	fresh := func() *fakeKernel {
		f := newFake()
		f.execHook = func(path string, args, env []string) error { return errors.New("stop here") }
		return f
	}
	t.Run("starts again with arguments, environment and files", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		f := fresh()
		_, err = reexec(f, "web", &ReexecOptions{Files: []*os.File{r, w}}, p)
		if err == nil || len(f.execs) != 1 {
			t.Fatalf("%v, %d execs", err, len(f.execs))
		}
		want := []string{"web", "-x", "a b", "A=1", "STOCKADE_REEXEC=web", fmt.Sprintf("STOCKADE_REEXEC_FILES=%d,%d", r.Fd(), w.Fd())}
		if diff := cmp.Diff(want, f.execs[0]); diff != "" {
			t.Error(diff)
		}
		if f.pending != "web" || !f.cloexec[int(r.Fd())] || !f.cloexec[int(w.Fd())] {
			t.Errorf("pending %q; files must close on exec again after a failure: %v", f.pending, f.cloexec)
		}
	})
	t.Run("is content when the profile is in effect", func(t *testing.T) {
		f := fresh()
		f.labels = map[int]string{10: "web", 11: "web"}
		got, err := reexec(f, "web", &ReexecOptions{}, program{env: []string{"STOCKADE_REEXEC=web"}})
		if err != nil || got.Threads != 2 || len(f.execs) > 0 {
			t.Errorf("%+v, %v, %d execs", got, err, len(f.execs))
		}
	})
	t.Run("does not loop", func(t *testing.T) {
		f := fresh()
		_, err := reexec(f, "web", &ReexecOptions{}, program{env: []string{"STOCKADE_REEXEC=web"}})
		if !errors.Is(err, ErrReexecLoop) || len(f.execs) > 0 || len(f.changes) > 0 {
			t.Errorf("%v, %d execs, changes %q", err, len(f.execs), f.changes)
		}
	})
	for name, tt := range map[string]struct {
		set  func(*fakeKernel)
		want error
	}{
		"not loaded":                 {func(f *fakeKernel) { delete(f.modes, "web") }, ErrNotLoaded},
		"exec fails":                 {func(f *fakeKernel) { f.fail["Exec"] = syscall.ENOEXEC }, syscall.ENOEXEC},
		"complain mode":              {func(f *fakeKernel) { f.modes["web"] = "complain"; f.labels[10] = "web" }, ErrNotEnforced},
		"one thread is outside":      {func(f *fakeKernel) { f.labels[10] = "web" }, ErrThreadsDiffer},
		"disabled":                   {func(f *fakeKernel) { f.noCalls = true; f.enabled = "N" }, ErrDisabled},
		"attribute cannot be opened": {func(f *fakeKernel) { f.noCalls = true; f.fail["OpenTaskFile"] = syscall.ELOOP }, syscall.ELOOP},
	} {
		t.Run(name, func(t *testing.T) {
			f := fresh()
			tt.set(f)
			if got, err := reexec(f, "web", &ReexecOptions{}, p); got != nil || !errors.Is(err, tt.want) {
				t.Errorf("%+v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestHatChecks(t *testing.T) {
	for _, bad := range [][]string{nil, {""}, {"a//b"}, {":ns:a"}, slices.Repeat([]string{"h"}, maxHats+1), {strings.Repeat("x", MaxName), "y"}} {
		if err := checkHats(bad); !errors.Is(err, ErrName) {
			t.Errorf("%.40q: %v, want ErrName", bad, err)
		}
	}
	if got, want := hatCommand(0xaa, []string{"a", "b"}), "changehat 00000000000000aa^a\x00b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, tt := range []struct {
		outer, after string
		want         bool
	}{{"web", "web//h", true}, {"web//other", "web//h", true}, {"web", "web", false}, {"web", "site", false}} {
		if got := inHat(Label{Name: tt.outer}, Label{Name: tt.after}, []string{"x", "h"}); got != tt.want {
			t.Errorf("from %q to %q: %v", tt.outer, tt.after, got)
		}
	}
}
