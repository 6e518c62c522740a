package kerneltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// apt is a private apt installation: its own sources, lists, status and configuration below dir, so that packages of another
// Debian release or architecture can be downloaded while the machine's own apt stays as it was and nothing is installed.
type apt struct {
	dir string
}

// newAPT writes the private configuration for one release and architecture. The sources are the machine's own with the name
// of the release changed, so a machine with a mirror uses its mirror.
func newAPT(dir, suite, arch string) (*apt, error) {
	for _, sub := range []string{"state/lists/partial", "cache/archives/partial", "sources.list.d", "download"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := writeSources(filepath.Join(dir, "sources.list.d"), suite); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "status"), nil, 0o644); err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(`Dir::State "%[1]s/state";
Dir::State::status "%[1]s/status";
Dir::Cache "%[1]s/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "%[1]s/sources.list.d";
Dir::Etc::preferencesparts "/dev/null";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "%[2]s";
APT::Architectures { "%[2]s"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
`, dir, arch)
	return &apt{dir: dir}, os.WriteFile(filepath.Join(dir, "apt.conf"), []byte(conf), 0o644)
}

// writeSources fills dir with the machine's own sources, changed to serve suite.
func writeSources(dir, suite string) error {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return err
	}
	from := osReleaseField(string(release), "VERSION_CODENAME")
	files, err := filepath.Glob("/etc/apt/sources.list.d/*")
	if err != nil {
		return err
	}
	var written int
	for _, file := range append(files, "/etc/apt/sources.list") {
		if ext := filepath.Ext(file); ext != ".sources" && ext != ".list" {
			continue
		}
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		out := rewriteSources(file, string(text), from, suite)
		if out == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), []byte(out), 0o644); err != nil {
			return err
		}
		written++
	}
	if written == 0 {
		return fmt.Errorf("the apt sources of this machine name no suite of %q with the component main, so there is nowhere to get %s from", from, suite)
	}
	return nil
}

// osReleaseField returns one field of os-release(5), without quotes.
func osReleaseField(text, field string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, field+"="); ok {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}

// run runs an apt program in the download directory and returns its standard output.
func (a *apt) run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, append([]string{"-c", filepath.Join(a.dir, "apt.conf")}, args...)...)
	cmd.Dir = filepath.Join(a.dir, "download")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, lastLines(stderr.String(), 5))
	}
	return string(out), nil
}

// update fetches the package lists.
func (a *apt) update(ctx context.Context) error {
	_, err := a.run(ctx, "apt-get", "-q", "update")
	return err
}

// depends returns the packages that the newest version of a package depends on, without versions and alternatives.
func (a *apt) depends(ctx context.Context, pkg string) ([]string, error) {
	out, err := a.run(ctx, "apt-cache", "show", "--no-all-versions", pkg)
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(out) {
		value, ok := strings.CutPrefix(line, "Depends:")
		if !ok {
			continue
		}
		for dep := range strings.SplitSeq(value, ",") {
			if fields := strings.Fields(dep); len(fields) > 0 {
				names = append(names, fields[0])
			}
		}
	}
	return names, nil
}

// unpack downloads the newest version of a package and unpacks its files into dir. Nothing of it is installed or run.
func (a *apt) unpack(ctx context.Context, pkg, dir string) error {
	download := filepath.Join(a.dir, "download")
	if err := os.RemoveAll(download); err != nil {
		return err
	}
	if err := os.MkdirAll(download, 0o755); err != nil {
		return err
	}
	if _, err := a.run(ctx, "apt-get", "-q", "download", pkg); err != nil {
		return err
	}
	debs, err := filepath.Glob(filepath.Join(download, "*.deb"))
	if err != nil || len(debs) != 1 {
		return fmt.Errorf("apt-get download %s left %d packages, not 1", pkg, len(debs))
	}
	out, err := exec.CommandContext(ctx, "dpkg-deb", "-x", debs[0], dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("dpkg-deb -x %s: %w\n%s", filepath.Base(debs[0]), err, lastLines(string(out), 5))
	}
	return os.RemoveAll(download)
}

// lastLines returns the last n lines of s.
func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
