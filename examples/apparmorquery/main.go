// Command apparmorquery asks AppArmor profiles what they allow, and says which rules decide. It needs no AppArmor, no
// privileges and no other program; it runs on any operating system.
//
//	apparmorquery [flags] FILE REQUEST...
//
// A request has the form of a rule: "/etc/shadow r", "owner /home/u/x rw", "/usr/bin/id x", "capability sys_admin", "network inet raw",
// "signal send set=term peer=other". Without a file it asks a profile of its own. The exit status is 0 when everything asked is
// allowed, 1 when something is denied, 2 when something cannot be read.
package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

//go:embed policy
var sample embed.FS

// sampleRequests are asked when no file is named.
var sampleRequests = []string{"/srv/web/index.html r", "/etc/shadow r", "/usr/bin/convert x", "capability net_bind_service", "network inet raw",
	"signal receive set=term peer=unconfined"}

func main() {
	status, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintf(os.Stderr, "apparmorquery: %+v\n", err)
	}
	os.Exit(status)
}

type query struct {
	dir, profile, features string
	peers                  bool
}

func run(args []string, out io.Writer) (int, error) {
	var q query
	flags := flag.NewFlagSet("apparmorquery", flag.ContinueOnError)
	flags.StringVar(&q.dir, "d", "/etc/apparmor.d", "directory of abstractions, tunables and abi files")
	flags.StringVar(&q.profile, "profile", "", "full name of the profile to ask; the file's first by default")
	flags.StringVar(&q.features, "features", "", "file of the feature set to evaluate under; the policy's own by default")
	flags.BoolVar(&q.peers, "peers", false, "ask the other side of signals, traces and unix sockets too")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0, nil
		}
		return 2, nil // flag has printed it
	}
	policy, requests, err := q.load(flags.Args())
	if err != nil {
		return 2, err
	}
	return q.ask(policy, requests, out)
}

// load reads and resolves the policy.
func (q *query) load(args []string) (*apparmor.Policy, []string, error) {
	name, requests := "policy/web", sampleRequests
	includes, err := fs.Sub(sample, "policy")
	if err != nil {
		return nil, nil, err
	}
	read := func() ([]byte, error) { return sample.ReadFile(name) }
	if len(args) > 0 {
		name, requests, includes = args[0], args[1:], os.DirFS(q.dir)
		read = func() ([]byte, error) { return os.ReadFile(name) }
	}
	src, err := read()
	if err != nil {
		return nil, nil, err
	}
	file, err := syntax.Parse(name, src)
	if err != nil {
		return nil, nil, err
	}
	policy, err := apparmor.Resolve(file, &apparmor.ResolveOptions{Includes: includes, Root: os.DirFS("/")})
	return policy, requests, err
}

// ask evaluates the requests and prints the answers.
func (q *query) ask(policy *apparmor.Policy, requests []string, out io.Writer) (int, error) {
	opts := &apparmor.EvaluateOptions{}
	if q.features != "" {
		data, err := os.ReadFile(q.features)
		if err != nil {
			return 2, err
		}
		if opts.Features, err = apparmor.ParseFeatures(q.features, data); err != nil {
			return 2, err
		}
	}
	eval, err := apparmor.NewEvaluator(policy, opts)
	if err != nil {
		return 2, err
	}
	if q.profile == "" {
		if len(policy.Profiles) == 0 {
			return 2, errors.New("the file has no profile")
		}
		q.profile = policy.Profiles[0].FullName()
	}
	status := 0
	for _, text := range requests {
		r, err := apparmor.ParseRequest(text)
		if err != nil {
			return 2, err
		}
		x, err := eval.Explain(q.profile, r)
		if err != nil {
			return 2, err
		}
		d := x.Decision
		fmt.Fprint(out, x)
		if d.Transition != nil && d.Transition.Enters != "" {
			fmt.Fprintf(out, "    runs as %s\n", d.Transition.Enters)
		}
		if c := r.Class(); q.peers && (c == apparmor.ClassSignal || c == apparmor.ClassPtrace || c == apparmor.ClassUnix) {
			if d, err = eval.EvaluatePeers(q.profile, r); err != nil {
				return 2, err
			}
			fmt.Fprintf(out, "    both sides: %v\n", d)
		}
		if !d.Allowed {
			status = 1
		}
	}
	return status, nil
}
