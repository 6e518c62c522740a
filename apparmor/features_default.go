package apparmor

// defaultFeatures is what apparmor_parser assumes for policy without an abi rule (its default_features.c, unchanged since
// 3.0): roughly Ubuntu's 5.4 kernel, with network mediation by family (and unix sockets finely), without network_v8.
const defaultFeatures = `
caps {mask {chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
 net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct
 sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap
 mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf}}
capability {0xffffff}
dbus {mask {acquire send receive}}
domain {version {1.2} computed_longest_left {yes} post_nnp_subset {yes} fix_binfmt_elf_mmap {yes} stack {yes}
 change_profile {yes} change_onexec {yes} change_hatv {yes} change_hat {yes}}
file {mask {create read write exec append mmap_exec link lock}}
mount {mask {mount umount pivot_root}}
namespaces {pivot_root {no} profile {yes}}
network {af_unix {yes} af_mask {unspec unix inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose netbeui
 security key netlink packet ash econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn
 phonet ieee802154 caif alg nfc vsock kcm qipcrtr smc xdp}}
policy {set_load {yes} versions {v8 {yes} v7 {yes} v6 {yes} v5 {yes}}}
ptrace {mask {read trace}}
query {label {multi_transaction {yes} data {yes} perms {allow deny audit quiet}}}
rlimit {mask {cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime}}
signal {mask {hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont stop stp ttin ttou
 urg xcpu xfsz vtalrm prof winch io pwr sys emt lost}}
`

// DefaultFeatures returns the feature set of policy without an abi rule, the same that "abi <default>," names.
func DefaultFeatures() *Features {
	f, err := ParseFeatures("<default>", []byte(defaultFeatures))
	if err != nil {
		// The text is a constant above; a test parses it.
		panic(err)
	}
	return f
}

// Mediates reports whether policy written for this feature set is enforced for the class at all. A class that is not
// mediated is allowed. File, capability, change_profile and rlimit rules always are.
func (f *Features) Mediates(c Class) bool {
	switch c {
	case ClassFile, ClassCapability, ClassChangeProfile, ClassRlimit:
		return true
	case ClassNetwork:
		return f.Has("network") || f.Has("network_v8") || f.Has("network_v9")
	case ClassUnix:
		return f.Has("network/af_unix") || f.Has("network_v9/af_unix")
	case ClassMqueue:
		return f.Has("ipc/posix_mqueue") || f.Has("ipc/sysv_mqueue")
	case ClassUserns:
		return f.Has("namespaces/mask/userns_create")
	case ClassMount, ClassDbus, ClassSignal, ClassPtrace, ClassIOUring:
		return f.Has(c.String())
	}
	return false
}
