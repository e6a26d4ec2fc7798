//go:build !linux

package rawsock

import (
	"errors"
	"fmt"
	"runtime"
)

func unsupported(what string) error {
	return fmt.Errorf("%s on %s: %w", what, runtime.GOOS, errors.ErrUnsupported)
}

// WithNice runs start as it is: refused wraps errors.ErrUnsupported here.
func WithNice(_ int, start func() error) (refused, err error) {
	return unsupported("a priority for a process"), start()
}

// SetAutogroup wraps errors.ErrUnsupported here.
func SetAutogroup(int, int) error { return unsupported("groups of processes by session") }

// ThreadNice wraps errors.ErrUnsupported here.
func ThreadNice(int) (restore func() error, refused error) {
	return func() error { return nil }, unsupported("a priority for a thread")
}

// ThreadPriority wraps errors.ErrUnsupported here.
func ThreadPriority() (Priority, error) { return Priority{}, unsupported("the priority of a thread") }

// OwnPriority wraps errors.ErrUnsupported here.
func OwnPriority() (Priority, error) { return Priority{}, unsupported("the priority of a process") }
