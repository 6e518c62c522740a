package apparmor

import "math"

// CapabilityRule is "capability," or "capability net_admin sys_ptrace,".
type CapabilityRule struct {
	Qualifiers
	// Caps has bit 1<<n set for capability n (linux/capability.h). AllCapabilities for "capability,".
	Caps uint64
}

// AllCapabilities is every capability, known or not.
const AllCapabilities uint64 = math.MaxUint64

// Class returns ClassCapability.
func (*CapabilityRule) Class() Class { return ClassCapability }

// Resource is a resource limit's number, as setrlimit(2) has it on most architectures (asm-generic/resource.h).
type Resource uint8

// The resources.
const (
	RlimitCPU Resource = iota
	RlimitFsize
	RlimitData
	RlimitStack
	RlimitCore
	RlimitRss
	RlimitNproc
	RlimitNofile
	RlimitMemlock
	RlimitAs
	RlimitLocks
	RlimitSigpending
	RlimitMsgqueue
	RlimitNice
	RlimitRtprio
	RlimitRttime
)

// RlimitInfinity is the value "infinity".
const RlimitInfinity uint64 = math.MaxUint64

// RlimitRule is "set rlimit nofile <= 1024,": entering the profile lowers the hard limit. Qualifiers other than Origin are
// always those of a plain allow rule. When a resource is set twice, the later rule in source order holds.
type RlimitRule struct {
	Qualifiers
	Resource Resource
	// Value is in the kernel's unit: seconds for cpu, microseconds for rttime, bytes for sizes, a count otherwise. For nice
	// it is the written number plus 20: "nice <= -5" is 15.
	Value uint64
}

// Class returns ClassRlimit.
func (*RlimitRule) Class() Class { return ClassRlimit }
