package target

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"agistorm/target/spec"
)

// Winsock's SOMAXCONN, which net passes to listen, is the same number: this compiles only then.
var _ = [1]struct{}{}[syscall.SOMAXCONN-spec.MaxBacklog]

// socket is one listening socket.
type socket struct{ tcp *net.TCPListener }

// openSocket listens with Winsock's SOMAXCONN; net has no way to another backlog, nor to a port that is
// shared.
func openSocket(where *net.TCPAddr, backlog int, shared bool) (*socket, error) {
	switch {
	case backlog != spec.MaxBacklog:
		return nil, fmt.Errorf("backlog %d on Windows, where only \"max\" can be had: %w", backlog,
			errors.ErrUnsupported)
	case shared:
		return nil, fmt.Errorf("several sockets on one port on Windows: %w", errors.ErrUnsupported)
	}
	tcp, err := net.ListenTCP("tcp", where)
	if err != nil {
		return nil, err
	}
	return &socket{tcp}, nil
}

// Descriptor implements engine.Socket; there is none that an engine here could use.
func (s *socket) Descriptor() int { return -1 }

// Listener implements engine.Socket: it is the socket itself, and stays open.
func (s *socket) Listener() (*net.TCPListener, func() error, error) {
	if err := s.tcp.SetDeadline(time.Time{}); err != nil {
		return nil, nil, err
	}
	return s.tcp, func() error { return nil }, nil
}

func (s *socket) listen(int) error {
	return fmt.Errorf("listening again on Windows: %w", errors.ErrUnsupported)
}

func (s *socket) close() error { return s.tcp.Close() }

func (s *socket) port() int { return s.tcp.Addr().(*net.TCPAddr).Port }
