package probe

import "fmt"

// LinuxAtLeast reports whether the release of a kernel, such as "6.18.1-rc2", is of that version or a later
// one; known is false where it cannot be read.
func LinuxAtLeast(release string, major, minor int) (atLeast, known bool) {
	var a, b int
	n, _ := fmt.Sscanf(release, "%d.%d", &a, &b) // n is the count of numbers read
	return a > major || a == major && b >= minor, n == 2
}
