package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// places are where tracefs is mounted (the kernel's Documentation/trace/ftrace.rst).
var places = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// mount is where tracefs can be read.
type mount struct {
	dir string
	// fd of a mount that is at no place of any namespace, and ends with its last descriptor; -1 for one that others made.
	fd int
}

// openTracefs finds tracefs. Where it is not mounted it mounts it for this process alone.
func openTracefs() (*mount, error) {
	for _, dir := range places {
		_, err := os.Stat(filepath.Join(dir, "events"))
		switch {
		case err == nil:
			return &mount{dir, -1}, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("tracefs: %w", err)
		}
	}
	return mountTracefs()
}

// mountTracefs mounts it without a place, by what Linux 5.2 has for that: nothing is left to be unmounted, however this
// process ends.
func mountTracefs() (*mount, error) {
	fd, err := detached()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTracefs, err)
	}
	return &mount{fmt.Sprintf("/proc/self/fd/%d", fd), fd}, nil
}

func detached() (fd int, err error) {
	context, err := unix.Fsopen("tracefs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, os.NewSyscallError("fsopen", err)
	}
	defer unix.Close(context)
	if err := unix.FsconfigCreate(context); err != nil {
		return -1, os.NewSyscallError("fsconfig", err)
	}
	fd, err = unix.Fsmount(context, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|
		unix.MOUNT_ATTR_NOEXEC)
	return fd, os.NewSyscallError("fsmount", err)
}

func (m *mount) close() error {
	if m.fd < 0 {
		return nil
	}
	return os.NewSyscallError("close", unix.Close(m.fd))
}
