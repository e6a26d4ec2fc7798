package target

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Winsock's SOMAXCONN, which net passes to listen, is the same number: this compiles only then.
var _ = [1]struct{}{}[syscall.SOMAXCONN-MaxBacklog]

// open listens with Winsock's SOMAXCONN; net has no way to another backlog.
func open(where *net.TCPAddr, b Backlog) (*net.TCPListener, error) {
	if b != MaxBacklog {
		return nil, fmt.Errorf("backlog %v on Windows, where only \"max\" can be had: %w", b, errors.ErrUnsupported)
	}
	return net.ListenTCP("tcp", where)
}
