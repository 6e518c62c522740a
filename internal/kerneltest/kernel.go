package kerneltest

import (
	"fmt"
	"strings"
)

// Kernel names one kernel to test on and how to boot it.
type Kernel struct {
	Name    string   // what -kernel takes, e.g. debian-6.12-amd64
	Suite   string   // Debian release the packages come from
	Package string   // Debian package that depends on the newest kernel image of that release
	GOARCH  string   // architecture of the test binary; also Debian's name for it
	Command string   // emulator
	Machine []string // emulator arguments that choose the machine and its processor
	Console string   // kernel's name for the serial console
}

// Kernels lists what tests run on. The AppArmor system calls lsm_get_self_attr and lsm_set_self_attr exist from 6.8 on, so the
// 6.12 kernels have them and the 6.1 kernels have only the files in /proc.
func Kernels() []Kernel {
	return []Kernel{
		amd64("debian-6.1-amd64", "bookworm"),
		amd64("debian-6.12-amd64", "trixie"),
		arm64("debian-6.1-arm64", "bookworm"),
		arm64("debian-6.12-arm64", "trixie"),
	}
}

func amd64(name, suite string) Kernel {
	return Kernel{
		Name: name, Suite: suite, Package: "linux-image-amd64", GOARCH: "amd64",
		Command: "qemu-system-x86_64", Machine: []string{"-cpu", "max"}, Console: "ttyS0",
	}
}

func arm64(name, suite string) Kernel {
	return Kernel{
		Name: name, Suite: suite, Package: "linux-image-arm64", GOARCH: "arm64",
		Command: "qemu-system-aarch64", Machine: []string{"-M", "virt", "-cpu", "cortex-a57"}, Console: "ttyAMA0",
	}
}

// Find returns the kernel of that name; the error of an unknown one lists the names there are.
func Find(name string) (Kernel, error) {
	var names []string
	for _, k := range Kernels() {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kernel{}, fmt.Errorf("kerneltest: no kernel %q; there are %s", name, strings.Join(names, ", "))
}
