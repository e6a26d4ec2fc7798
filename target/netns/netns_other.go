//go:build !linux

package netns

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

func unsupported(what string) error {
	return fmt.Errorf("%s on %s: %w", what, runtime.GOOS, errors.ErrUnsupported)
}

// Attributes has nothing to add here: there are no namespaces, and only Host is played.
func Attributes(Mode) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// KillGroup ends the process itself; without process groups its children end when their standard input
// closes.
func KillGroup(pid int) error {
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return process.Kill()
}

// LoopbackUp wraps errors.ErrUnsupported here.
func LoopbackUp() error { return unsupported("bringing up lo") }

// SetSysctl wraps errors.ErrUnsupported here.
func SetSysctl(name, _ string) error { return unsupported("setting " + name) }

// Beside is a network namespace beside this process's; there is none here.
type Beside struct{}

// NewBeside wraps errors.ErrUnsupported here.
func NewBeside() (*Beside, error) { return nil, unsupported("a network namespace") }

// BesideOf wraps errors.ErrUnsupported here.
func BesideOf(int) (*Beside, error) { return nil, unsupported("a network namespace") }

// Do wraps errors.ErrUnsupported here.
func (*Beside) Do(func() error) error { return unsupported("a network namespace") }

// Home is no descriptor here.
func (*Beside) Home() int { return -1 }

// There is no descriptor here.
func (*Beside) There() int { return -1 }

// Close does nothing here.
func (*Beside) Close() error { return nil }
