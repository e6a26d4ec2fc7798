//go:build !linux

package wire

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"agistorm/target/netns"
)

// Link joins two namespaces. Linux only.
type Link struct{}

// Join always fails here, with an error that wraps errors.ErrUnsupported.
func Join(*netns.Beside, time.Duration) (*Link, error) {
	return nil, fmt.Errorf("a link between namespaces on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Close does nothing here.
func (*Link) Close() Statistics { return Statistics{} }
