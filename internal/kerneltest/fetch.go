package kerneltest

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// CacheDir returns where kernels are kept: $STOCKADE_KERNEL_CACHE, else stockade-kernels in the user's cache directory.
func CacheDir() (string, error) {
	if dir := os.Getenv("STOCKADE_KERNEL_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "stockade-kernels"), nil
}

// image is one fetched kernel: the files a boot needs.
type image struct {
	vmlinuz string
	busybox string
}

// fetch returns the files of a kernel, from the cache if it has them, else from the Debian packages. Progress goes to log.
func fetch(ctx context.Context, cache string, k Kernel, log io.Writer) (image, error) {
	dir := filepath.Join(cache, k.Name)
	img := image{vmlinuz: filepath.Join(dir, "vmlinuz"), busybox: filepath.Join(dir, "busybox")}
	if _, err := os.Stat(dir); err == nil {
		return img, nil
	}
	fmt.Fprintf(log, "kerneltest: fetching %s for %s from Debian %s\n", k.Package, k.Name, k.Suite)
	if err := download(ctx, cache, k, dir); err != nil {
		return image{}, fmt.Errorf("kerneltest: cannot fetch %s: %w", k.Name, err)
	}
	return img, nil
}

// download unpacks the packages beside the cache entry and moves it into place complete or not at all.
func download(ctx context.Context, cache string, k Kernel, dir string) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	a, err := newAPT(filepath.Join(work, "apt"), k.Suite, k.GOARCH)
	if err != nil {
		return err
	}
	if err := a.update(ctx); err != nil {
		return err
	}
	pkg, err := imagePackage(ctx, a, k)
	if err != nil {
		return err
	}
	root := filepath.Join(work, "root")
	for _, p := range []string{pkg, "busybox-static"} {
		if err := a.unpack(ctx, p, root); err != nil {
			return err
		}
	}
	entry := filepath.Join(work, "entry")
	if err := pick(root, entry); err != nil {
		return err
	}
	if err := os.Rename(entry, dir); err != nil {
		if _, other := os.Stat(filepath.Join(dir, "vmlinuz")); other == nil { // another run was faster
			return nil
		}
		return err
	}
	return nil
}

// pick moves the files that a boot needs from the unpacked packages to a new directory.
func pick(root, entry string) error {
	if err := os.Mkdir(entry, 0o755); err != nil {
		return err
	}
	busybox := "usr/bin/busybox"
	if _, err := os.Stat(filepath.Join(root, busybox)); err != nil {
		busybox = "bin/busybox"
	}
	for from, to := range map[string]string{"boot/vmlinuz-*": "vmlinuz", "boot/config-*": "config", busybox: "busybox"} {
		if err := moveOne(root, from, filepath.Join(entry, to)); err != nil {
			return err
		}
	}
	return nil
}

// imagePackage returns the package with the kernel itself, which the stable name k.Package depends on.
func imagePackage(ctx context.Context, a *apt, k Kernel) (string, error) {
	names, err := a.depends(ctx, k.Package)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if strings.HasPrefix(name, "linux-image-") {
			return name, nil
		}
	}
	return "", fmt.Errorf("package %s of Debian %s (%s) depends on no kernel image", k.Package, k.Suite, k.GOARCH)
}

// moveOne moves the one file that matches pattern below root.
func moveOne(root, pattern, to string) error {
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("the packages have %d files %s, not 1", len(found), pattern)
	}
	return os.Rename(found[0], to)
}
