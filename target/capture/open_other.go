//go:build !linux

package capture

import (
	"errors"
	"fmt"
	"runtime"
)

// open wraps errors.ErrUnsupported here.
func open([]Place) (source, error) {
	return nil, fmt.Errorf("a recording on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
