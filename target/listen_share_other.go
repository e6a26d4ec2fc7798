//go:build unix && !linux

package target

import (
	"errors"
	"fmt"
	"runtime"
)

// sharePort: elsewhere SO_REUSEPORT gives all connections to the last socket that was bound, or does not
// exist.
func sharePort(int) error {
	return fmt.Errorf("several sockets on one port on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
