//go:build !linux

package link

import (
	"errors"
	"fmt"
	"runtime"
)

// Join wraps errors.ErrUnsupported here: there are no network namespaces.
func Join(_, _ int, _ Options) (*Link, error) {
	return nil, fmt.Errorf("link: joining namespaces on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
