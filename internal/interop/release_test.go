package interop

import "fmt"

// sscanRelease reads the first two numbers of a kernel release such as "6.12.3-amd64".
func sscanRelease(release string, major, minor *uint8) (int, error) {
	return fmt.Sscanf(release, "%d.%d", major, minor)
}
