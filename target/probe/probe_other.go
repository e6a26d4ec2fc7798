//go:build !linux

package probe

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

func checkSupport(what string) error {
	return fmt.Errorf("%s on %s: %w", what, runtime.GOOS, errors.ErrUnsupported)
}

// Monotonic is the time since a moment that all processes of a host share, on Linux the
// boot (CLOCK_MONOTONIC). Elsewhere it is the wall clock's time since 1970.
func Monotonic() time.Duration { return time.Duration(time.Now().UnixNano()) }

// Boottime is Monotonic here.
func Boottime() time.Duration { return Monotonic() }

type queueProbe struct{}

func openProbe(int) (*queueProbe, error) { return nil, checkSupport("accept queue") }

func (*queueProbe) sample() (rawSample, error) { return rawSample{}, checkSupport("accept queue") }

func sleepUntil(at time.Duration) { time.Sleep(at - Monotonic()) }

// ProcessCPU wraps errors.ErrUnsupported here.
func ProcessCPU(int) (time.Duration, error) { return 0, checkSupport("CPU time of a process") }

func threadCPU() time.Duration { return 0 }
