// Package target is the built-in FastAGI script server: a listening socket whose backlog is
// exactly what was asked for, and a server that logs every peer it accepts.
package target

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"time"

	"agistorm/target/probe"
)

// Listener is a listening TCP socket and what the kernel made of its backlog.
type Listener struct {
	// Asked is what listen(2) was given.
	Asked Backlog
	// Somaxconn is the kernel's limit when the socket began to listen; nil where it does not tell.
	Somaxconn *int
	// Effective is the backlog that the kernel kept; nil where it does not tell.
	Effective *int

	tcp     *net.TCPListener
	sampler *probe.Sampler
}

// Listen opens a socket on a host:port, IPv4 or IPv6, and listens with exactly the
// backlog b. Without a host it is loopback's, 127.0.0.1. Port 0 is a free one. The errors wrap the
// system's, such as syscall.EADDRINUSE; a fixed backlog where the system's interface has no
// room for one (Windows) is errors.ErrUnsupported.
func Listen(addr string, b Backlog) (*Listener, error) {
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	where, err := resolve(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	l := &Listener{Asked: b}
	if l.Somaxconn, err = known(probe.Somaxconn()); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	if l.tcp, err = open(where, b); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	queue, err := l.Queue()
	if l.Effective, err = known(int(queue.Limit), err); err != nil {
		return nil, errors.Join(err, l.tcp.Close())
	}
	return l, nil
}

// resolve gives the address to bind; a name's first address.
func resolve(addr string) (*net.TCPAddr, error) {
	if addr == "" { // net takes it for a free port on every address
		return nil, errors.New("want host:port")
	}
	where, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	if where.IP == nil {
		where.IP = net.IPv4(127, 0, 0, 1)
	}
	return where, nil
}

// known turns "the system does not tell" into nil. A file that is not there is one way of not
// telling: kernels before 6.3 hide somaxconn in network namespaces that are not root's.
func known(n int, err error) (*int, error) {
	for _, silence := range []error{errors.ErrUnsupported, fs.ErrNotExist, fs.ErrPermission} {
		if errors.Is(err, silence) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// Addr is where the socket listens.
func (l *Listener) Addr() netip.AddrPort {
	return unmapped(l.tcp.Addr().(*net.TCPAddr))
}

// Control runs f with the socket's descriptor, which stays open meanwhile.
func (l *Listener) Control(f func(fd uintptr)) error {
	raw, err := l.tcp.SyscallConn()
	if err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	if err := raw.Control(f); err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	return nil
}

// Queue reads the accept queue. Linux only.
func (l *Listener) Queue() (probe.QueueState, error) {
	var queue probe.QueueState
	var queueErr error
	if err := l.Control(func(fd uintptr) { queue, queueErr = probe.Listener(int(fd)) }); err != nil {
		return probe.QueueState{}, err
	}
	return queue, queueErr
}

// Sample begins to watch the accept queue. Close ends the watch, if its Stop has not. Linux only.
func (l *Listener) Sample(interval time.Duration) (*probe.Sampler, error) {
	if l.sampler != nil {
		return nil, errors.New("listener: it is being watched already")
	}
	var err error
	if controlErr := l.Control(func(fd uintptr) { l.sampler, err = probe.StartSampler(int(fd), interval) }); controlErr != nil {
		return nil, controlErr
	}
	return l.sampler, err
}

// Close closes the socket. The kernel resets the connections that were still queued.
func (l *Listener) Close() error {
	if l.sampler != nil {
		l.sampler.Stop()
	}
	return l.tcp.Close()
}

// unmapped is an address as the client knows it: IPv4 is not shown within IPv6.
func unmapped(a *net.TCPAddr) netip.AddrPort {
	p := a.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}
