package netns

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Attributes makes an exec.Cmd start its process in a session of its own, and in fresh namespaces by the
// mode. The terminal's Ctrl-C does not reach the session, it is a process group of its own, and the kernel
// gives it its share of the CPU as a group (sched(7)).
func Attributes(mode Mode) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	switch mode {
	case User:
		attr.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	case Net:
		attr.Cloneflags = syscall.CLONE_NEWNET
	}
	return attr
}

// KillGroup ends a process that was started with Attributes, and all that it started.
func KillGroup(pid int) error {
	return os.NewSyscallError("kill", unix.Kill(-pid, unix.SIGKILL))
}

// LoopbackUp brings up lo, which a fresh namespace has switched off.
func LoopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("bring up lo: %w", err)
	}
	return nil
}

// SetSysctl writes a sysctl by its dotted name in the namespace of the calling
// thread. Callers must live in a namespace of their own: on a host this changes the host.
// The error is an *os.PathError; it wraps fs.ErrNotExist where the namespace has no such sysctl.
func SetSysctl(name, value string) error {
	path := filepath.Join("/proc/sys", filepath.FromSlash(strings.ReplaceAll(name, ".", "/")))
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value + "\n")
	return cmp.Or(err, f.Close())
}
