package rawsock

import (
	"os"

	"golang.org/x/sys/unix"
)

// Subreaper makes this process the parent of whatever its children leave behind (PR_SET_CHILD_SUBREAPER of
// prctl(2)).
func Subreaper() error {
	return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
}
