package seccomp

// ApplyOptions are those of the two steps Apply takes. The zero value, and nil, are the strictest.
type ApplyOptions struct {
	Compile CompileOptions // Target must be zero or an ABI of the running kernel
	Load    LoadOptions    // its Flags are added to the profile's; FlagNewListener and ThisThread are for Load alone
}

// Apply confines the calling process with the profile, on all its threads and for good: it compiles the profile for the running
// machine and loads the program. Call it when everything that the profile forbids is done: sockets bound, files opened.
//
// It returns nil only if every thread is confined, as Load does, and has the errors of Compile and of Load.
func Apply(p *Profile, opts *ApplyOptions) error {
	if opts == nil {
		opts = &ApplyOptions{}
	}
	if p == nil {
		return stepError("check the request", invalid("no profile"))
	}
	load := opts.Load
	load.Flags |= p.Flags
	if load.Flags&FlagNewListener != 0 {
		return stepError("check the request", invalid("flag NEW_LISTENER with Apply, which has nowhere to put the listener; use Load"))
	}
	if load.ThisThread {
		return stepError("check the request", invalid("ThisThread with Apply, which confines all threads; use Load"))
	}
	prog, err := Compile(p, &opts.Compile)
	if err != nil {
		return err
	}
	_, err = Load(prog, &load)
	return err
}
