//go:build !unix && !windows

package target

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

func open(*net.TCPAddr, Backlog) (*net.TCPListener, error) {
	return nil, fmt.Errorf("a backlog of one's own on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
