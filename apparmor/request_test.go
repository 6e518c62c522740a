package apparmor

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	for text, want := range map[string]Request{
		"/etc/shadow r":                    File{Path: "/etc/shadow", Access: Read},
		"owner /home/u/x rwk":              File{Path: "/home/u/x", Access: Read | Write | Lock, Owner: true},
		`"/a b" cd`:                        File{Path: "/a b", Access: Write},
		"link /a -> /b":                    HardLink{Path: "/a", Target: "/b"},
		"owner link /a -> /b":              HardLink{Path: "/a", Target: "/b", Owner: true},
		"capability sys_admin":             Capability{21},
		"network inet raw":                 Network{Family: 2, Type: 3},
		"network inet tcp":                 Network{Family: 2, Type: 1},
		"network send receive inet6 dgram": Network{Family: 10, Type: 2, Access: NetSend | NetReceive},
		"unix connect type=stream addr=@x label=app peer=(addr=@y label=other)": Unix{Type: 1, Access: NetConnect, Addr: "@x", Label: "app",
			PeerAddr: "@y", PeerLabel: "other"},
		"mount options=(ro, nosuid) fstype=ext4 /dev/sda -> /mnt/": Mount{Source: "/dev/sda", MountPoint: "/mnt/", FSType: "ext4", Flags: MsRdonly | MsNosuid},
		"mount options=(remount, ro) -> /":                         Mount{MountPoint: "/", Flags: MsRemount | MsRdonly},
		"umount /mnt/":                                             Umount{"/mnt/"},
		"pivot_root oldroot=/new/old/ /new/":                       PivotRoot{"/new/", "/new/old/"},
		"signal send set=term peer=other":                          Signal{15, SignalSend, "other"},
		"signal receive set=rtmin+3 peer=a//b":                     Signal{131, SignalReceive, "a//b"},
		"ptrace read trace peer=unconfined":                        Ptrace{PtraceRead | PtraceTrace, "unconfined"},
		"change_profile -> t":                                      ProfileChange{Target: "t"},
		"change_profile /bin/x -> t":                               ProfileChange{Target: "t", Exec: "/bin/x"},
		"userns create":                                            Userns{},
		"mqueue read label=app /q":                                 Mqueue{Type: MqueuePosix, Name: "/q", Label: "app", Access: MqueueRead},
		"mqueue create -5":                                         Mqueue{Type: MqueueSysV, Key: -5, Access: MqueueCreate},
		"io_uring override_creds label=x":                          IOUring{Access: IOUringOverrideCreds, Label: "x"},
		"dbus send bus=system path=/x interface=i member=m name=n peer=(label=o)": Dbus{Bus: "system", Access: DbusSend, Name: "n", PeerLabel: "o",
			Path: "/x", Interface: "i", Member: "m"},
	} {
		got, err := ParseRequest(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got != want {
			t.Errorf("%s: %#v, want %#v", text, got, want)
		}
		again, err := ParseRequest(got.String())
		if err != nil || again != got {
			t.Errorf("%s: printed as %q, which reads as %#v, %v", text, got, again, err)
		}
	}
}

func TestParseRequestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "byte 0",
		"etc r":                      "path beginning with /",
		"/etc/shadow":                "permissions expected",
		"/etc/shadow rz":             `permission "z"`,
		"/etc/shadow r x":            `unexpected "x"`,
		"capability flying":          `no capability "flying"`,
		"network inet":               "socket type expected",
		"network mars raw":           `no address family "mars"`,
		"signal send peer=x":         "set=SIGNAL expected",
		"signal send set=boo peer=x": `no signal "boo"`,
		"link /a /b":                 "-> expected",
		"ptrace read pear=x":         "no condition pear=",
		`"/a r`:                      "without its end",
		"unix peer=(addr=@x":         "without its end",
		"mqueue read 99999999999":    "does not fit",
		"mount options=(fast) -> /":  `no mount option "fast"`,
	} {
		q, err := ParseRequest(text)
		var re *RequestError
		if !errors.As(err, &re) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, q, err, want)
		}
	}
	if _, err := ParseRequest("/" + strings.Repeat("a", MaxRequest) + " r"); err == nil {
		t.Error("endless request accepted")
	}
}

// FuzzParseRequest: what is accepted prints to something that reads back the same.
func FuzzParseRequest(f *testing.F) {
	for _, s := range []string{"/etc/shadow r", `"/a \"b" rw`, "unix connect type=stream peer=(label=x)", "mount options=(rbind, make-private) /a -> /b", "mqueue read 12",
		`change_profile "->" -> x`, "dbus send bus=x", "signal send set=rtmin+3 peer=(x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseRequest(s)
		if err != nil {
			return
		}
		again, err := ParseRequest(q.String())
		if err != nil {
			t.Fatalf("%q is %#v, printed as %q: %v", s, q, q, err)
		}
		if !reflect.DeepEqual(again, q) {
			t.Fatalf("%q is %#v, printed as %q, read as %#v", s, q, q, again)
		}
	})
}

func ExampleParseRequest() {
	q, err := ParseRequest("owner /home/u/.ssh/id r")
	fmt.Printf("%+v %v\n", q, err)
	_, err = ParseRequest("/etc/shadow rz")
	fmt.Println(err)
	// Output:
	// owner /home/u/.ssh/id r <nil>
	// request "/etc/shadow rz", byte 12: permission "z"; r, w, a, k, l, m, x, c and d are known
}
