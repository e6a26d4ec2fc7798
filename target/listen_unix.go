//go:build unix

package target

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"agistorm/target/engine"
	"agistorm/target/probe"
)

var _ engine.Socket = (*socket)(nil)

// socket is one listening socket. Its descriptor is not in Go's poller, which would be woken by every
// connection.
type socket struct{ fd int }

// openSocket makes the socket by hand: net.Listen would choose a backlog of its own. One that is shared
// has the port together with others.
func openSocket(where *net.TCPAddr, backlog int, shared bool) (*socket, error) {
	return openWith(where, backlog, shared, unix.Listen)
}

// openWith calls listen exactly once, with exactly n.
func openWith(where *net.TCPAddr, n int, shared bool, listen func(fd, n int) error) (*socket, error) {
	address, family, err := sockaddr(where)
	if err != nil {
		return nil, err
	}
	fd, err := newSocket(family)
	if err != nil {
		return nil, err
	}
	if err := bindAndListen(fd, address, shared, func() error { return listen(fd, n) }); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &socket{fd}, nil
}

func bindAndListen(fd int, address unix.Sockaddr, shared bool, listen func() error) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	if shared {
		if err := sharePort(fd); err != nil {
			return err
		}
	}
	if err := unix.Bind(fd, address); err != nil {
		return os.NewSyscallError("bind", err)
	}
	return os.NewSyscallError("listen", listen())
}

// newSocket makes one that no child process inherits. The flags of socket(2) that do so at once
// are not on every system, hence the lock against fork.
func newSocket(family int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(family, unix.SOCK_STREAM, unix.IPPROTO_TCP)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return -1, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fd))
	}
	return fd, nil
}

// Descriptor implements engine.Socket.
func (s *socket) Descriptor() int { return s.fd }

// Listener implements engine.Socket: it is a duplicate of the descriptor.
func (s *socket) Listener() (*net.TCPListener, func() error, error) {
	fd, err := unix.FcntlInt(uintptr(s.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("%w (%w)", net.ErrClosed, os.NewSyscallError("fcntl", err))
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close() // net has a descriptor of its own
	l, err := net.FileListener(f)
	if err != nil {
		return nil, nil, err
	}
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil, nil, errors.Join(errors.New("not a TCP socket"), l.Close())
	}
	return tcp, tcp.Close, nil
}

func (s *socket) listen(n int) error { return os.NewSyscallError("listen", unix.Listen(s.fd, n)) }

func (s *socket) close() error {
	err := os.NewSyscallError("close", unix.Close(s.fd))
	s.fd = -1
	return err
}

// port is where it is bound.
func (s *socket) port() int {
	address, _ := unix.Getsockname(s.fd) // a socket that is open and bound has a name
	switch address := address.(type) {
	case *unix.SockaddrInet4:
		return address.Port
	case *unix.SockaddrInet6:
		return address.Port
	}
	return 0
}

func sockaddr(where *net.TCPAddr) (unix.Sockaddr, int, error) {
	if ip := where.IP.To4(); ip != nil {
		return &unix.SockaddrInet4{Port: where.Port, Addr: [4]byte(ip)}, unix.AF_INET, nil
	}
	zone, err := probe.ZoneIndex(where.Zone)
	if err != nil {
		return nil, 0, err
	}
	return &unix.SockaddrInet6{Port: where.Port, Addr: [16]byte(where.IP.To16()), ZoneId: zone}, unix.AF_INET6, nil
}
