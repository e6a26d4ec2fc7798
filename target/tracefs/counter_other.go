//go:build !linux

package tracefs

import (
	"errors"
	"fmt"
	"runtime"

	"agistorm/analysis/record"
)

// Counter counts the reasons with which the kernel frees packets. Linux only.
type Counter struct{ account }

// Start always fails here, with an error that wraps errors.ErrUnsupported.
func Start() (*Counter, error) {
	return nil, fmt.Errorf("drop reasons on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Read returns nothing here.
func (c *Counter) Read() record.DropReasons { return c.reasons() }

// Close does nothing here.
func (*Counter) Close() error { return nil }
