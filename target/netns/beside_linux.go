package netns

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Beside is a network namespace beside the one that this process lives in, for the other end of a link. It
// lasts until it is closed and no process is in it.
type Beside struct{ home, there *os.File }

// NewBeside makes one, with nothing in it but a lo that is down. It belongs to the user namespace of this
// process, in which that needs CAP_SYS_ADMIN.
func NewBeside() (*Beside, error) {
	home, err := os.Open(currentNamespace)
	if err != nil {
		return nil, err
	}
	b := &Beside{home: home}
	err = onThread(func() (back bool, err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return true, os.NewSyscallError("unshare", err)
		}
		b.there, err = os.Open(currentNamespace)
		return false, err // the thread has done its work, and dies
	})
	if err != nil {
		return nil, errors.Join(err, home.Close())
	}
	return b, nil
}

// BesideOf returns the network namespace of a process, such as one in a container; nil where this process
// lives in the same. It stays when the process ends. To do something there needs CAP_SYS_ADMIN in both
// (setns(2)).
func BesideOf(pid int) (*Beside, error) {
	home, err := os.Open(currentNamespace)
	if err != nil {
		return nil, err
	}
	there, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, errors.Join(err, home.Close())
	}
	b := &Beside{home: home, there: there}
	ours, err := home.Stat()
	theirs, err2 := there.Stat()
	if err = errors.Join(err, err2); err != nil || os.SameFile(ours, theirs) {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Do runs f on a thread that is there. What f starts lives there: processes, and sockets.
func (b *Beside) Do(f func() error) error { return Inside(b.There(), f) }

// Home returns a descriptor of this process's namespace, open until Close.
func (b *Beside) Home() int { return int(b.home.Fd()) }

// There returns a descriptor of the other namespace, open until Close.
func (b *Beside) There() int { return int(b.there.Fd()) }

// Close closes both descriptors.
func (b *Beside) Close() error { return errors.Join(b.home.Close(), b.there.Close()) }

// currentNamespace is the network namespace of the calling thread.
const currentNamespace = "/proc/thread-self/ns/net"

// Inside runs f on a thread in a network namespace, given by an open descriptor of /proc/PID/ns/net.
func Inside(namespace int, f func() error) error {
	return onThread(func() (back bool, err error) {
		home, err := os.Open(currentNamespace)
		if err != nil {
			return true, err
		}
		defer home.Close()
		if err := setns(namespace); err != nil {
			return true, err
		}
		err = f()
		restored := setns(int(home.Fd()))
		return restored == nil, errors.Join(err, restored)
	})
}

func setns(namespace int) error {
	return os.NewSyscallError("setns", unix.Setns(namespace, unix.CLONE_NEWNET))
}

// onThread runs f on a thread of its own. A thread that did not come back to its namespace dies: its
// goroutine ends without unlocking it.
func onThread(f func() (back bool, err error)) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		back, err := f()
		if back {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}
