package rawsock

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tableSize is the room of this process's table of descriptors.
func tableSize(t *testing.T) (size int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "FDSize:")
	if _, err := fmt.Sscan(rest, &size); err != nil {
		t.Fatal(err)
	}
	return size
}

// TestGrowFiles: there is room for as many as asked for, no descriptor is left open, and what the limit
// forbids is not tried.
func TestGrowFiles(t *testing.T) {
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	const n = 900
	GrowFiles(n)
	if got := tableSize(t); got < n {
		t.Errorf("room for %d descriptors, want %d", got, n)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	lower := unix.Rlimit{Cur: min(limit.Cur, 4096), Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lower); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit) }()
	GrowFiles(int(lower.Cur) + 1000)
	if got := tableSize(t); got < int(lower.Cur) {
		t.Errorf("room for %d descriptors, want as many as the limit of %d allows", got, lower.Cur)
	}
	if after, err := os.ReadDir("/proc/self/fd"); err != nil || len(after) != len(before) {
		t.Errorf("%d descriptors were open and %d are (%v)", len(before), len(after), err)
	}
}
