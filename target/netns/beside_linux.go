package netns

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Beside is a network namespace beside the one that this process lives in, for the other end of a link. It lasts until
// it is closed and nobody lives in it.
type Beside struct{ home, there *os.File }

// NewBeside makes one, with nothing in it but a lo that is switched off. It belongs to the user namespace of this process, in which
// that needs CAP_SYS_ADMIN.
func NewBeside() (*Beside, error) {
	b := &Beside{}
	return b, onThread(func() (back bool, err error) {
		if b.home, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return true, err
		}
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return true, errors.Join(os.NewSyscallError("unshare", err), b.home.Close())
		}
		if b.there, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return false, errors.Join(err, b.home.Close())
		}
		return false, nil // the thread has done its work, and dies
	})
}

// BesideOf is the network namespace of a process, such as one in a container; nil where this process lives in the same. It stays
// when the process ends. To do something there needs CAP_SYS_ADMIN in both (setns(2)).
func BesideOf(pid int) (*Beside, error) {
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	there, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, errors.Join(err, home.Close())
	}
	b := &Beside{home: home, there: there}
	if same, err := b.isCurrent(); same || err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Beside) isCurrent() (bool, error) {
	home, err := b.home.Stat()
	there, err2 := b.there.Stat()
	if err := errors.Join(err, err2); err != nil {
		return false, err
	}
	return os.SameFile(home, there), nil
}

// Do runs f on a thread that is there. What f starts lives there: processes, and sockets.
func (b *Beside) Do(f func() error) error {
	return onThread(func() (back bool, err error) {
		if err := unix.Setns(int(b.there.Fd()), unix.CLONE_NEWNET); err != nil {
			return true, os.NewSyscallError("setns", err)
		}
		err = f()
		restored := os.NewSyscallError("setns", unix.Setns(int(b.home.Fd()), unix.CLONE_NEWNET))
		return restored == nil, errors.Join(err, restored)
	})
}

// Home and There are descriptors of both namespaces, open until Close.
func (b *Beside) Home() int { return int(b.home.Fd()) }

// There is the other's.
func (b *Beside) There() int { return int(b.there.Fd()) }

// Close lets go of the namespace.
func (b *Beside) Close() error { return errors.Join(b.home.Close(), b.there.Close()) }

// onThread runs f on a thread of its own. One that did not come back to its namespace dies: its goroutine ends without giving it up.
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
