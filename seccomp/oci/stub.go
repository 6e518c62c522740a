package oci

import (
	"slices"

	"github.com/gostockade/stockade/seccomp"
)

// stub adds runc's answer to newer calls (patchbpf/enosys_linux.go): ENOSYS for numbers above the highest one the document
// names, by any rule, dropped ones included, unless the default lets calls through.
func (im *importer) stub() {
	if im.opts.Runtime == Crun || im.def >= seccomp.Trace {
		return
	}
	native := im.out.Arches[0].Primary()
	enosys, ok := native.ErrnoNumber("ENOSYS")
	if !ok {
		return
	}
	if im.opts.Runtime == Runc11 && !slices.Equal(im.listed, im.out.Arches) {
		im.note(Info, -1, "", CodeStub, "this runc answers ENOSYS to newer calls only for listed ABIs, and the machine's own is not: "+
			"taken here is the default for all")
		return
	}
	im.out.Newer = &seccomp.Newer{Action: seccomp.Errno(enosys)}
	for _, db := range im.dbs {
		im.keepHighest(db)
		im.checkStub(db)
	}
}

// keepHighest makes sure that the highest number the document names in an ABI is named by a rule of the profile too, because
// Newer counts from there: a rule with the default's action says nothing else.
func (im *importer) keepHighest(db *database) {
	highest, at := "", uint32(0)
	for _, name := range im.names {
		if nr, ok := im.number(db.arch, name); ok && nr >= at {
			highest, at = name, nr
		}
	}
	if highest == "" || db.calls[highest] != nil {
		return
	}
	im.out.Rules = append(im.out.Rules, seccomp.Rule{
		Names: []string{highest}, Action: im.def, Arches: []seccomp.Arch{db.arch}, Direct: true,
	})
}

// privateNumbers is where ARM's private calls begin (arch/arm/include/uapi/asm/unistd.h, __ARM_NR_BASE). runc counts from them,
// Newer from the last ordinary call.
const privateNumbers = 0xf0000

func (im *importer) checkStub(db *database) {
	switch db.arch {
	case seccomp.AMD64:
		if !slices.Contains(im.out.Arches, seccomp.X32) {
			im.note(Info, -1, "", CodeStub, "numbers from 0x80000000 to 0xbfffffff, which are no calls, get ENOSYS from runc, and -1 the default; taken "+
				"here is %v as for x32, and ENOSYS for -1", im.out.Foreign)
		}
	case seccomp.S390, seccomp.S390X:
		im.note(Info, -1, "", CodeStub, "on %v runc also answers ENOSYS to number 0, which programs use for no call", db.arch)
	case seccomp.ARM:
		for _, name := range im.names {
			if nr, ok := im.number(db.arch, name); ok && nr >= privateNumbers {
				im.note(Info, -1, "", CodeStub, "on arm runc counts newer calls from the private number of %s on, so that ordinary newer "+
					"calls get the default; taken here is ENOSYS", name)
				return
			}
		}
	}
}
