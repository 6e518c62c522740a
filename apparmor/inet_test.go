package apparmor

import (
	"net/netip"
	"testing"
)

// inetFeatures is testFeatures with mediated addresses.
func inetFeatures(t testing.TB) *Features {
	t.Helper()
	f, err := ParseFeatures("inet", []byte("network_v8 {af_mask {inet} af_inet {yes}} policy {versions {v7 {yes}}}"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func inetPolicy() *Profile {
	tcp := []NetworkSockets{{familyInet, 1 << 1, 1 << 6}, {familyInet6, 1 << 1, 1 << 6}}
	return &Profile{Name: "net", Rules: []Rule{
		&NetworkRule{Qualifiers: at(1, Allow), Perms: NetAll, Sockets: tcp, Local: NetworkAddr{IP: netip.MustParseAddr("127.0.0.1"), HasPort: true, FromPort: 1000, ToPort: 2500}},
		&NetworkRule{Qualifiers: at(2, Allow), Perms: NetSend | NetConnect, Sockets: tcp, Peer: NetworkAddr{IP: netip.MustParseAddr("2001:db8::1"), HasPort: true, FromPort: 443, ToPort: 443}},
		&NetworkRule{Qualifiers: at(3, Deny), Perms: NetBind, Sockets: tcp, Local: NetworkAddr{HasPort: true, FromPort: 2000, ToPort: 2000}},
	}}
}

func TestInet(t *testing.T) {
	p := inetPolicy()
	addr := netip.MustParseAddrPort
	for _, tt := range []struct {
		q       Network
		fine    bool // under features with addresses
		coarse  bool // without
		because int
	}{
		{Network{Family: 2, Type: 1}, true, true, 1},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetBind, Local: addr("127.0.0.1:1000")}, true, false, 1},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetBind, Local: addr("127.0.0.1:2500")}, true, false, 1},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetBind, Local: addr("127.0.0.1:2501")}, false, false, 0},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetBind, Local: addr("127.0.0.1:999")}, false, false, 0},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetBind, Local: addr("127.0.0.1:2000")}, false, false, 3},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetBind, Local: addr("10.0.0.1:1000")}, false, false, 0},
		{Network{Family: 2, Type: 1, Protocol: 17, Access: NetBind, Local: addr("127.0.0.1:1000")}, false, false, 0},
		{Network{Family: 2, Type: 1, Protocol: 6, Access: NetListen, Local: addr("127.0.0.1:1000")}, true, true, 1},
		{Network{Family: 10, Type: 1, Protocol: 6, Access: NetConnect, Local: addr("[::]:4000"), Peer: addr("[2001:db8::1]:443")}, true, true, 2},
		{Network{Family: 10, Type: 1, Protocol: 6, Access: NetConnect, Local: addr("[::]:4000"), Peer: addr("[2001:db8::1]:80")}, false, true, 0},
		{Network{Family: 10, Type: 1, Protocol: 6, Access: NetConnect, Local: addr("[::]:4000"), Peer: addr("[2001:db8::2]:443")}, false, true, 0},
	} {
		d, err := p.Evaluate(tt.q, inetFeatures(t))
		if err != nil || d.Allowed != tt.fine {
			t.Errorf("%v with addresses: %v, %v", tt.q, d, err)
		}
		if tt.because != 0 && (len(d.Because) == 0 || d.Because[0].Rule.Quals().Origin.Line != tt.because) {
			t.Errorf("%v: because %v, want line %d", tt.q, d.Because, tt.because)
		}
		if d, err := p.Evaluate(tt.q, testFeatures(t)); err != nil || d.Allowed != tt.coarse {
			t.Errorf("%v without addresses: %v, %v", tt.q, d, err)
		}
	}
}

func TestDiffInet(t *testing.T) {
	f := inetFeatures(t)
	old, new := inetPolicy(), inetPolicy()
	new.Rules = new.Rules[:2]
	changes, err := Diff(old, new, &DiffOptions{OldFeatures: f, NewFeatures: f})
	if err != nil || len(changes) != 1 {
		t.Fatalf("%v, %v; want one change", changes, err)
	}
	q := changes[0].Request.(Network)
	if changes[0].Kind != NewlyAllowed || q.Access != NetBind || q.Local != netip.MustParseAddrPort("127.0.0.1:2000") {
		t.Errorf("%v; want bind to 127.0.0.1:2000 newly allowed", changes[0])
	}
	for _, c := range changes {
		if r, err := ParseRequest(c.Request.String()); err != nil || r != c.Request {
			t.Errorf("%v reads back as %v, %v", c.Request, r, err)
		}
	}
}
