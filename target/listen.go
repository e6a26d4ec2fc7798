// Package target is the built-in FastAGI script server: a listening socket whose backlog is
// exactly what was asked for, and a server that logs every peer it accepts.
package target

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"sync"
	"time"

	"agistorm/target/engine"
	"agistorm/target/probe"
	"agistorm/target/spec"
)

// Kept is what listen(2) was given and what the kernel made of it.
type Kept struct {
	// Asked is what listen(2) was given.
	Asked int
	// Somaxconn is the kernel's limit when the socket began to listen; nil where it does not tell.
	Somaxconn *int
	// Effective is the backlog that the kernel kept; nil where it does not tell.
	Effective *int
}

// Listener is a listening TCP socket, or several on one port that have a queue each.
type Listener struct {
	// Backlog is the policy. A policy that looks at the system looks once, when the listener is made.
	Backlog spec.Backlog

	where   *net.TCPAddr
	asked   int
	queues  probe.Group
	sampler *probe.Sampler

	mu        sync.Mutex // of what a restart changes
	sockets   []*socket  // none while it is closed
	kept      Kept
	discarded int
	told      bool // the system tells what it kept
}

// Listen opens a socket, or so many on one port (SO_REUSEPORT), on a host:port, IPv4 or IPv6, and listens with exactly
// the policy's number. Without a host it is loopback's, 127.0.0.1. Port 0 is a free one. The errors wrap the
// system's, such as syscall.EADDRINUSE; what the system's interface has no room for (a fixed backlog on Windows,
// several sockets on many systems) is errors.ErrUnsupported.
func Listen(addr string, b spec.Backlog, sockets int) (*Listener, error) {
	l := &Listener{Backlog: b}
	if err := l.listen(addr, sockets); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

func (l *Listener) listen(addr string, sockets int) error {
	somaxconn, err := known(probe.Somaxconn())
	if err != nil {
		return err
	}
	if l.asked, err = l.Backlog.Number(somaxconn); err != nil {
		return err
	}
	if l.where, err = resolve(addr); err != nil {
		return err
	}
	return l.open(max(1, sockets))
}

// open opens the sockets, and learns the port from the first.
func (l *Listener) open(sockets int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range sockets {
		s, err := openSocket(l.where, l.asked, sockets > 1)
		if err != nil {
			return errors.Join(err, l.closeSockets())
		}
		l.sockets = append(l.sockets, s)
		if l.where.Port == 0 {
			l.where.Port = s.port()
		}
	}
	err := l.watch()
	if err == nil {
		err = l.learn()
	}
	if err != nil {
		return errors.Join(err, l.closeSockets())
	}
	return nil
}

// watch lets the queues be read, where the system tells them.
func (l *Listener) watch() error {
	var descriptors []int
	for _, s := range l.sockets {
		descriptors = append(descriptors, s.Descriptor())
	}
	told, err := known(0, l.queues.Set(descriptors...))
	l.told = told != nil
	return err
}

// learn reads what the kernel kept.
func (l *Listener) learn() error {
	kept := Kept{Asked: l.asked}
	var err error
	if kept.Somaxconn, err = known(probe.Somaxconn()); err != nil {
		return err
	}
	queue, err := probe.QueueState{}, errors.ErrUnsupported
	if l.told {
		queue, err = l.queues.Queue()
	}
	if kept.Effective, err = known(int(queue.Limit), err); err != nil {
		return err
	}
	l.kept = kept
	return nil
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

// Kept is what the kernel made of the backlog when the sockets last began to listen.
func (l *Listener) Kept() Kept {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// Addr is where the sockets listen.
func (l *Listener) Addr() netip.AddrPort { return unmapped(l.where) }

// ListenAgain calls listen(2) on the same sockets once more, so that a limit that was raised since takes hold; who is queued stays
// queued (net/ipv4/af_inet.c, inet_listen: a socket that listens only gets a new backlog). The number is the
// same as before: a policy has looked at the system already. The error wraps net.ErrClosed while a restart has it closed.
func (l *Listener) ListenAgain() (Kept, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sockets) == 0 {
		return l.kept, fmt.Errorf("listen again on %s: %w", unmapped(l.where), net.ErrClosed)
	}
	for _, s := range l.sockets {
		if err := s.listen(l.asked); err != nil {
			return l.kept, fmt.Errorf("listen again on %s: %w", unmapped(l.where), err)
		}
	}
	return l.kept, l.learn()
}

// AtLeast is an error if the kernel kept a smaller backlog than n; it says what to change.
func (k Kept) AtLeast(n int) error {
	switch {
	case k.Effective == nil:
		return fmt.Errorf("backlog: this system does not tell what it kept: %w", errors.ErrUnsupported)
	case *k.Effective >= n:
		return nil
	case k.Asked < n:
		return fmt.Errorf("backlog: listen(2) was given %d, and at least %d is wanted", k.Asked, n)
	case k.Somaxconn != nil && *k.Somaxconn < n:
		return fmt.Errorf("backlog: the kernel kept %d of %d, and at least %d is wanted: net.core.somaxconn is %d (sysctl -w net.core.somaxconn=%d)",
			*k.Effective, k.Asked, n, *k.Somaxconn, n)
	}
	return fmt.Errorf("backlog: the kernel kept %d of %d, and at least %d is wanted", *k.Effective, k.Asked, n)
}

// Queue reads the accept queue, of several the longest. Linux only.
func (l *Listener) Queue() (probe.QueueState, error) { return l.queues.Queue() }

// Waiting is the number of connections in all its queues. Linux only.
func (l *Listener) Waiting() (int, error) { return l.queues.Waiting() }

// Sockets is how many it listens with.
func (l *Listener) Sockets() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sockets)
}

// Discarded is how many connections were still queued when a restart closed the sockets; the kernel has reset them.
func (l *Listener) Discarded() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.discarded
}

// Sample begins to watch the accept queue. Close ends the watch, if its Stop has not. Linux only.
func (l *Listener) Sample(interval time.Duration) (*probe.Sampler, error) {
	if l.sampler != nil {
		return nil, errors.New("listener: it is being watched already")
	}
	var err error
	l.sampler, err = probe.StartSampler(&l.queues, interval)
	return l.sampler, err
}

// Close closes the sockets. The kernel resets the connections that were still queued.
func (l *Listener) Close() error {
	if l.sampler != nil {
		l.sampler.Stop()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closeSockets()
}

// closeAll closes the sockets for a while, and up opens as many again. Nobody may use them meanwhile.
func (l *Listener) closeAll() error {
	waiting, _ := l.Waiting() // where the system does not tell, nothing is known to be lost
	l.mu.Lock()
	defer l.mu.Unlock()
	l.discarded += waiting
	return l.closeSockets()
}

func (l *Listener) listenAll(sockets int) error {
	if err := l.open(sockets); err != nil {
		return fmt.Errorf("listen on %s again: %w", unmapped(l.where), err)
	}
	return nil
}

func (l *Listener) closeSockets() error {
	err := l.queues.Set() // it never fails without sockets
	for _, s := range l.sockets {
		err = errors.Join(err, s.close())
	}
	l.sockets = nil
	return err
}

// engineSockets are the sockets as an engine wants them.
func (l *Listener) engineSockets() []engine.Socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []engine.Socket
	for _, s := range l.sockets {
		list = append(list, s)
	}
	return list
}

// unmapped is an address as the client knows it: IPv4 is not shown within IPv6.
func unmapped(a *net.TCPAddr) netip.AddrPort {
	p := a.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}
