package rawsock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// zeroNice is what getpriority(2) returns for nice 0: the call itself gives 20 - nice, which is never
// negative.
const zeroNice = 20

// WithNice runs start on the calling thread with this nice value, -20 to 19, which a process that it starts
// inherits. Where the system refuses the value (setpriority(2) needs CAP_SYS_NICE, or RLIMIT_NICE) start
// runs all the same, and refused is the reason. The value is inherited, not set from outside: so each of
// the process's threads has it, in a user namespace without the capability too.
func WithNice(nice int, start func() error) (refused, err error) {
	runtime.LockOSThread()
	restore, refused := ThreadNice(nice)
	err = start()
	if restore() == nil {
		runtime.UnlockOSThread()
	} // else the thread stays the goroutine's own, and dies with it
	return refused, err
}

// ThreadNice gives the calling thread a nice value, -20 to 19, and returns what gives it the old one back,
// also where the value is refused. The goroutine must be locked to its thread.
func ThreadNice(nice int) (restore func() error, refused error) {
	before, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err == nil {
		err = unix.Setpriority(unix.PRIO_PROCESS, 0, nice)
	}
	if err != nil {
		return func() error { return nil }, os.NewSyscallError("setpriority", err)
	}
	return func() error {
		return os.NewSyscallError("setpriority", unix.Setpriority(unix.PRIO_PROCESS, 0, zeroNice-before))
	}, nil
}

// SetAutogroup gives the session that a process leads a nice value among all sessions, -20 to 19. A
// negative one needs CAP_SYS_NICE; the error wraps fs.ErrNotExist where the kernel was built without such
// groups.
func SetAutogroup(pid, nice int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte(strconv.Itoa(nice)), 0)
}

// OwnPriority is that of this process.
func OwnPriority() (Priority, error) { return priorityOf(os.Getpid()) }

// ThreadPriority is that of the calling thread.
func ThreadPriority() (Priority, error) { return priorityOf(0) }

func priorityOf(thread int) (Priority, error) {
	raw, err := unix.Getpriority(unix.PRIO_PROCESS, thread)
	if err != nil {
		return Priority{}, os.NewSyscallError("getpriority", err)
	}
	p := Priority{Nice: zeroNice - raw}
	if p.Session, err = unix.Getsid(0); err != nil {
		return Priority{}, os.NewSyscallError("getsid", err)
	}
	p.Autogroup, err = ownAutogroup()
	return p, err
}

// ownAutogroup is nil where sessions are not grouped: the kernel has no groups, or they are switched off.
func ownAutogroup() (*int, error) {
	on, err := os.ReadFile("/proc/sys/kernel/sched_autogroup_enabled")
	if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(bytes.TrimSpace(on), []byte("1")) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	line, err := os.ReadFile("/proc/self/autogroup")
	if err != nil {
		return nil, err
	}
	return parseAutogroup(line)
}

// parseAutogroup reads "/autogroup-25 nice -10"; a process in no group has an empty file.
func parseAutogroup(line []byte) (*int, error) {
	var group, nice int
	_, err := fmt.Sscanf(string(line), "/autogroup-%d nice %d", &group, &nice)
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("/proc/self/autogroup: %.40q: %w", line, err)
	}
	return &nice, nil
}
