package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// OpenDiagOf is as OpenDiag, but looks in the network namespace of a process, such as one in a container; the address is as that
// namespace has it. That needs CAP_SYS_ADMIN there and here (setns(2)); the error wraps EPERM without it.
func OpenDiagOf(pid int, address netip.AddrPort) (d *Diag, err error) {
	err = inNamespaceOf(pid, func() error {
		d, err = OpenDiag(address) // its socket stays in the namespace that it was made in
		return err
	})
	return d, err
}

// inNamespaceOf runs f on a thread in the network namespace of a process. A thread that cannot come back dies: its
// goroutine ends without giving it up.
func inNamespaceOf(pid int, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		back, err := visit(pid, f)
		if back {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}

// visit runs f in the namespace, and reports whether the thread is back in its own.
func visit(pid int, f func() error) (back bool, err error) {
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return true, fmt.Errorf("accept queue: %w", err)
	}
	defer home.Close()
	away, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return true, fmt.Errorf("accept queue: %w", err)
	}
	defer away.Close()
	if err := unix.Setns(int(away.Fd()), unix.CLONE_NEWNET); err != nil {
		return true, fmt.Errorf("accept queue: the network namespace of process %d: %w", pid, os.NewSyscallError("setns", err))
	}
	err = f()
	restored := os.NewSyscallError("setns", unix.Setns(int(home.Fd()), unix.CLONE_NEWNET))
	return restored == nil, errors.Join(err, restored)
}
