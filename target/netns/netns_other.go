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

// KillGroup ends the process itself; without process groups its children end when their standard input closes.
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
