// Package docker reads the seccomp templates of Docker (moby) and Podman (containers/common): documents from which the engine
// makes the OCI section for one container, depending on the machine, its kernel and the container's capabilities.
//
// [Parse] reads a template strictly and keeps all of it; [Template.Format] writes it back. [Template.ResolveOCI] does what the
// engine does before it starts a runtime, and [Template.Resolve] goes on to what the runtime makes of that (package oci).
//
// A template adds to the OCI section: archMap (the ABIs to cover on each machine), includes and excludes on each rule
// (capabilities, machines, minimal kernel), comment, a single name in place of names, and in Podman's form errors by name.
// The two engines do not read all of them alike; see [Engine].
//
// Sources: moby/profiles seccomp/seccomp_linux.go, containers/common pkg/seccomp/seccomp_linux.go.
package docker
